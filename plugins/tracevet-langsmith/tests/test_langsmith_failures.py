"""Bad input: each is one sentence that names what to set or do, and never a key."""

from collections.abc import Callable
from typing import Any

import pytest

from tracevet import BusyError, PlatformError, UsageError, Window
from tracevet.testing.langsmith import LangSmithEmulator, fail, html
from tracevet_langsmith import LangSmithPlatform

SECRET = "lsv2_pt_do_not_show_me"


def told(platform: LangSmithPlatform) -> str:
    with pytest.raises(PlatformError) as caught:
        list(platform.traces(Window(), None))
    text = str(caught.value)
    assert "lsv2" not in text
    assert caught.value.__cause__ is None
    assert "\n" not in text
    return text


def test_a_missing_key_is_named(emulator: LangSmithEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    del emulator
    monkeypatch.setenv("LANGSMITH_API_KEY", " ")
    with pytest.raises(UsageError, match=r"set LANGSMITH_API_KEY") as caught:
        LangSmithPlatform()
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("key", ["lsv2_\nInjected: 1", "lsv2 two", "lsv2_ü"])
def test_a_key_that_can_be_none(emulator: LangSmithEmulator, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    del emulator
    monkeypatch.setenv("LANGSMITH_API_KEY", key)
    with pytest.raises(UsageError, match="characters that no key has") as caught:
        LangSmithPlatform()
    assert "lsv2" not in str(caught.value)


def test_a_wrong_key_or_region(emulator: LangSmithEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    del emulator
    monkeypatch.setenv("LANGSMITH_API_KEY", SECRET)
    text = told(LangSmithPlatform())
    assert "LANGSMITH_API_KEY" in text
    assert "https://eu.api.smith.langchain.com" in text


def test_a_key_of_the_organisation_needs_a_workspace(
    emulator: LangSmithEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_API_KEY", emulator.org_key)
    assert "set LANGSMITH_WORKSPACE_ID to the id of the workspace" in told(LangSmithPlatform())
    assert LangSmithPlatform(workspace=emulator.workspace.id).account() == emulator.workspace.id
    monkeypatch.setenv("LANGSMITH_WORKSPACE_ID", emulator.workspace.id)
    assert list(LangSmithPlatform().check()) == []


@pytest.mark.parametrize("workspace", ["not an id", "../x", "a\nb"])
def test_a_workspace_that_can_be_none(emulator: LangSmithEmulator, workspace: str) -> None:
    del emulator
    with pytest.raises(UsageError, match="LANGSMITH_WORKSPACE_ID is no id"):
        LangSmithPlatform(workspace=workspace)


@pytest.mark.parametrize("host", ["ftp://example.org", "http://", "http://host:port"])
def test_a_host_that_is_none(emulator: LangSmithEmulator, host: str) -> None:
    del emulator
    with pytest.raises(UsageError, match="LANGSMITH_ENDPOINT is no address"):
        LangSmithPlatform(host=host)


@pytest.mark.parametrize("path", ["", "/", "/api", "/api/v1", "/api/v1/"])
def test_a_host_may_be_written_as_the_sdk_takes_it(emulator: LangSmithEmulator, path: str) -> None:
    assert LangSmithPlatform(host=f"{emulator.url}{path}").account() == emulator.workspace.id


def test_an_unreachable_host(emulator: LangSmithEmulator) -> None:
    platform = LangSmithPlatform(host=emulator.url.replace("http://", "http://user:word@"))
    emulator.stop()
    with pytest.raises(BusyError, match=r"reached at http://127\.0\.0\.1:\d+; set LANGSMITH_ENDPOINT") as caught:
        list(platform.traces(Window(), None))
    assert "word" not in str(caught.value)


def test_a_server_that_speaks_no_tls(emulator: LangSmithEmulator) -> None:
    assert "LANGSMITH_ENDPOINT" in told(LangSmithPlatform(host=emulator.url.replace("http://", "https://")))


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize("path", ["*/info", "*/sessions", "*/runs/query"])
def test_a_proxy_that_answers_with_a_page(
    emulator: LangSmithEmulator, row: Callable[..., dict[str, Any]], status: int, path: str
) -> None:
    emulator.seed([row("t1")])
    emulator.faults.add(html(status), path=path)
    assert "LANGSMITH_ENDPOINT" in told(LangSmithPlatform())


def test_a_server_error_that_stays(emulator: LangSmithEmulator, row: Callable[..., dict[str, Any]]) -> None:
    emulator.seed([row("t1")])
    emulator.faults.add(fail(500), path="*/runs/query")
    assert "answered 500 on reading runs" in told(LangSmithPlatform())


def test_a_rate_limit_longer_than_patience_is_handed_on(
    emulator: LangSmithEmulator, row: Callable[..., dict[str, Any]]
) -> None:
    emulator.seed([row("t1")])
    emulator.faults.add(fail(429, retry_after=3600), path="*/runs/query")
    with pytest.raises(BusyError) as caught:
        list(LangSmithPlatform().traces(Window(), None))
    assert caught.value.after == 3600


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"views": ("SQL Injection",)}, "'views' names 'SQL Injection', which is no policy id"),
        ({"requests_per_10s": -1}, "'requests_per_10s'"),
        ({"timeout": 0.0}, "'timeout'"),
    ],
)
def test_an_option_that_makes_no_sense(emulator: LangSmithEmulator, options: dict[str, Any], text: str) -> None:
    del emulator
    with pytest.raises(UsageError, match=text):
        LangSmithPlatform(**options)


def test_a_check_says_what_is_wrong_and_nothing_else(
    emulator: LangSmithEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    del emulator
    assert list(LangSmithPlatform().check()) == []
    monkeypatch.setenv("LANGSMITH_API_KEY", SECRET)
    (problem,) = LangSmithPlatform().check()
    assert SECRET not in problem


def test_nothing_of_an_answer_is_quoted_or_logged(
    emulator: LangSmithEmulator, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    platform = LangSmithPlatform()
    body = {"detail": [{"loc": ["body", "score"], "msg": SECRET, "input": SECRET}]}

    def refuse(**options: Any) -> None:
        del options
        error = RuntimeError(SECRET)
        error.status_code = 422  # type: ignore[attr-defined]  # as the SDK's errors have it
        error.body = body  # type: ignore[attr-defined]  # likewise
        raise error

    platform._connection.client.get = refuse
    assert told(platform).endswith("refused listing projects with 422: body.score")
    assert emulator.url in told(platform)
    assert SECRET not in caplog.text + "".join(capfd.readouterr())


def test_the_key_is_in_no_repr(emulator: LangSmithEmulator) -> None:
    platform = LangSmithPlatform()
    assert emulator.api_key not in repr(platform) + repr(vars(platform)) + repr(vars(platform._connection))
