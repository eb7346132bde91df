"""Exports in object storage, read from a server that speaks S3's protocol; what fails is tried again, then told."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import export_files
import fsspec  # type: ignore[import-untyped]
import pytest
from export_rows import plan_of, read
from moto.server import ThreadedMotoServer

from tracevet import SourceError
from tracevet.builtin import streams_remote
from tracevet.builtin.streams_remote import Storage

SECRETS = {"AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST", "AWS_SECRET_ACCESS_KEY": "s3cr3t-of-the-test"}
FOR_EVER = 1_000_000  # requests


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    its = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    its.start()
    host, port = its.get_host_and_port()
    yield f"http://{host}:{port}"
    its.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an export in a bucket of its own."""
    for name, value in {**SECRETS, "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": server}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(streams_remote, "WAIT", 0.0)
    post(f"{server}/moto-api/reset")
    refuse_after(server, FOR_EVER)
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir("traces")
    export_files.write_langfuse(tmp_path / "x", export_files.rows("langfuse", 12, turns=2), size=60)
    export_files.write_langfuse(tmp_path / "x", export_files.rows("langfuse", 1, turns=1), "jsonl.gz")
    fsspec.filesystem("s3", skip_instance_cache=True).put(f"{tmp_path}/x/proj", "traces/year/proj", recursive=True)
    yield "s3://traces/year"
    post(f"{server}/moto-api/reset")


def post(url: str, data: bytes = b"") -> None:
    request = urllib.request.Request(url, data=data, method="POST", headers={"Content-Type": "text/plain"})
    urllib.request.urlopen(request).close()


def refuse_after(server: str, requests: int) -> None:
    """Let so many requests through; what comes then is refused, as with keys that have expired."""
    post(f"{server}/moto-api/reset-auth", str(requests).encode())


def test_an_export_in_a_bucket_is_read_as_one_on_disk(bucket: str, tmp_path: Path) -> None:
    there, here = plan_of(bucket), plan_of(str(tmp_path / "x"))
    assert [(file.shown, file.size) for file in there.files] == [(file.shown, file.size) for file in here.files]
    assert (there.platform, there.aside, there.gaps) == (here.platform, here.aside, here.gaps)
    assert read(there) == read(here)
    assert all(file.mark for file in there.files)


def test_keys_that_are_renewed_in_the_middle_cost_no_row(
    bucket: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(bucket)
    expected = read(plan)
    renewals = []
    again = Storage.again

    def renewed(storage: Storage) -> None:
        refuse_after(server, FOR_EVER)
        renewals.append(storage)
        again(storage)

    monkeypatch.setattr(Storage, "again", renewed)
    refuse_after(server, 1)
    assert read(plan) == expected
    assert renewals


@pytest.mark.parametrize("requests", [0, 1])
def test_keys_that_have_expired_are_one_sentence_without_the_keys(bucket: str, server: str, requests: int) -> None:
    plan = plan_of(bucket)
    refuse_after(server, requests)
    with pytest.raises(SourceError, match=r"the credentials are missing, have expired, or .* renew them") as told:
        read(plan) if requests else plan_of(bucket)
    assert not any(secret in str(told.value) for secret in SECRETS.values())
    assert told.value.__cause__ is None


def test_a_bucket_that_is_not_there_is_one_sentence(bucket: str) -> None:
    with pytest.raises(SourceError, match="nothing is stored at 's3://elsewhere/x'"):
        plan_of("s3://elsewhere/x")


def test_a_file_that_goes_away_meanwhile_is_a_gap(bucket: str) -> None:
    plan = plan_of(bucket)
    fsspec.filesystem("s3", skip_instance_cache=True).rm(plan.files[0].path)
    _, gaps = read(plan)
    assert [(gap.reason, gap.path) for gap in gaps] == [("unreadable", plan.files[0].shown)]


def test_a_kind_of_storage_whose_extra_is_missing_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("gcsfs")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(SourceError, match=r"pip install 'tracevet\[gs\]'"):
        Storage("gs://bucket/x")
