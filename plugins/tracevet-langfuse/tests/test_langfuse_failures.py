"""Bad input: each is one sentence that names what to set or do, and never a key."""

import ssl
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tracevet import BusyError, PlatformError, UsageError, Verdict, Violation, Window
from tracevet.testing.langfuse import LangfuseEmulator, fail, html
from tracevet_langfuse import LangfusePlatform
from tracevet_langfuse.failures import explain

SECRET = "sk-lf-do-not-show-me"


def told(platform: LangfusePlatform) -> str:
    with pytest.raises(PlatformError) as caught:
        list(platform.traces(Window(), None))
    text = str(caught.value)
    assert SECRET not in text
    assert "pk-lf" not in text
    assert caught.value.__cause__ is None
    assert "\n" not in text
    return text


@pytest.mark.parametrize("missing", ["LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY"])
def test_missing_keys_are_named(emulator: LangfuseEmulator, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    del emulator
    monkeypatch.delenv(missing)
    with pytest.raises(UsageError, match=r"set LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY") as caught:
        LangfusePlatform()
    assert caught.value.exit_code == 2


def test_wrong_keys(emulator: LangfuseEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    del emulator
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", SECRET)
    assert "does not accept the keys; set LANGFUSE_PUBLIC_KEY" in told(LangfusePlatform())


@pytest.mark.parametrize("host", ["ftp://example.org", "http://", "http://host:port"])
def test_a_host_that_is_none(emulator: LangfuseEmulator, host: str) -> None:
    del emulator
    with pytest.raises(UsageError, match="LANGFUSE_BASE_URL is no address"):
        LangfusePlatform(host=host)


def test_an_unreachable_host(emulator: LangfuseEmulator) -> None:
    platform = LangfusePlatform(host=emulator.url.replace("http://", "http://user:word@"))
    emulator.stop()
    with pytest.raises(BusyError, match=r"reached at http://127\.0\.0\.1:\d+; set LANGFUSE_BASE_URL") as caught:
        list(platform.traces(Window(), None))
    assert "word" not in str(caught.value)


def test_a_server_that_speaks_no_tls(emulator: LangfuseEmulator) -> None:
    text = told(LangfusePlatform(host=emulator.url.replace("http://", "https://")))
    assert "SSL_CERT_FILE" in text


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize("path", ["*/health", "*/observations"])
def test_a_proxy_that_answers_with_a_page(emulator: LangfuseEmulator, status: int, path: str) -> None:
    emulator.faults.add(html(status), path=path)
    assert "LANGFUSE" in told(LangfusePlatform())


@pytest.mark.parametrize("path", ["*/scores", "*/otel/v1/traces", "*/comments", "*/annotation-queues"])
def test_a_proxy_that_answers_writes_with_a_page(
    emulator: LangfuseEmulator,
    row: Callable[..., dict[str, Any]],
    violation: Callable[..., Violation],
    verdict: Callable[..., Verdict],
    path: str,
) -> None:
    trace, span = "a" * 32, "b" * 16
    emulator.seed([row(trace, id=span)])
    emulator.faults.add(html(200), path=path)
    with pytest.raises(PlatformError, match="a login page, or another server; set LANGFUSE_BASE_URL") as caught:
        LangfusePlatform(write=("scores", "comments", "queue", "guardrail")).write(verdict(trace, violation(span)))
    assert not isinstance(caught.value, BusyError)


@pytest.mark.parametrize("body", ["[]", "{}", '{"data": 7, "meta": {}}', '{"data": [7], "meta": {}}', "nothing"])
def test_an_answer_that_is_no_page_of_observations(
    emulator: LangfuseEmulator, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    del emulator
    platform = LangfusePlatform()
    platform._connection.server  # noqa: B018 - asks for it
    answer = httpx.Response(200, headers={"content-type": "application/json"}, text=body)
    monkeypatch.setattr(platform._connection._http, "get", lambda url, **options: answer)
    assert "set LANGFUSE_BASE_URL to the address of Langfuse itself" in told(platform)


@pytest.mark.parametrize(
    "cause",
    [
        ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"),
        ssl.SSLCertVerificationError(1, "certificate has expired"),
        ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"),
    ],
    ids=["self-signed", "expired", "no TLS"],
)
def test_a_tls_error_names_what_to_set(cause: Exception) -> None:
    error = httpx.ConnectError("failed")
    error.__cause__ = cause
    failure = explain(error, "https://user:word@langfuse.example.com", "reading observations")
    assert str(failure) == (
        "the TLS certificate of https://langfuse.example.com can't be verified; set SSL_CERT_FILE to your authority's "
        "certificates, or correct LANGFUSE_BASE_URL"
    )
    assert not isinstance(failure, BusyError)


def test_a_server_error_that_stays(emulator: LangfuseEmulator) -> None:
    emulator.faults.add(fail(500), path="*/observations")
    assert "answered 500 on reading observations" in told(LangfusePlatform())


def test_a_rate_limit_longer_than_patience_is_handed_on(emulator: LangfuseEmulator) -> None:
    emulator.faults.add(fail(429, retry_after=3600), path="*/observations")
    with pytest.raises(BusyError) as caught:
        list(LangfusePlatform().traces(Window(), None))
    assert caught.value.after == 3600


def test_an_environment_that_langfuse_refuses(emulator: LangfuseEmulator) -> None:
    del emulator
    with pytest.raises(UsageError, match="'Prod EU', which Langfuse refuses"):
        LangfusePlatform(environments=("Prod EU",))


def test_a_foreign_score_config_of_our_name(emulator: LangfuseEmulator, platform: LangfusePlatform) -> None:
    body = {"name": "policy.review", "data_type": "NUMERIC"}
    platform._connection.api.score_configs.create(**body)
    with pytest.raises(PlatformError, match="archive or rename it"):
        list(platform.prepare())
    assert not emulator.state()["queues"]


def test_a_check_says_what_is_wrong_and_nothing_else(
    start_emulator: Callable[..., LangfuseEmulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    start_emulator()
    assert list(LangfusePlatform().check()) == []
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", SECRET)
    (problem,) = LangfusePlatform().check()
    assert SECRET not in problem


def test_nothing_of_an_answer_is_quoted(emulator: LangfuseEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = LangfusePlatform()

    def refuse(url: str, **options: Any) -> httpx.Response:
        del url, options
        body = {"message": SECRET, "error": [{"path": ["environment"], "message": SECRET}]}
        return httpx.Response(400, headers={"authorization": SECRET}, json=body)

    platform._connection.server  # noqa: B018 - asks for it
    monkeypatch.setattr(platform._connection._http, "get", refuse)
    assert told(platform).endswith("refused reading observations with 400: environment")
    assert emulator.url in told(platform)
