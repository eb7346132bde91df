"""The webhook: signed as the specification says, and never fooled into calling a failure a success."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from alert_parts import Answer, Receiver, receiving
from ledger_parts import violation
from standardwebhooks import Webhook, WebhookVerificationError

from tracevet import Alert, AlertItem, AlertKind, BusyError, ConfigError, PlatformError, RefusedError
from tracevet.builtin.addresses import is_private
from tracevet.builtin.webhook import WebhookNotifier

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
ALERT = Alert(
    id="msg_1",
    kind=AlertKind.VIOLATIONS,
    route="security",
    at=datetime(2025, 6, 1, tzinfo=UTC),
    items=(AlertItem(violation=violation("f1", title="</script>\ud800"), platform="langfuse"),),
)
PAGE = Answer(200, b"<html>Log in</html>", content_type="text/html; charset=utf-8")


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    with receiving() as server:
        yield server


def webhook(url: str, **options: object) -> WebhookNotifier:
    return WebhookNotifier(url=url, secret="${HOOK_SECRET}", **{"allow_private": True, **options})  # type: ignore[arg-type]


def test_the_signature_holds_for_the_specification_s_own_library(receiver: Receiver) -> None:
    webhook(f"{receiver.url}/").notify(ALERT)
    ((_, headers, body),) = receiver.requests
    said = Webhook(SECRET).verify(body, headers)
    assert said["type"] == "tracevet.violations"
    assert said["data"]["items"][0]["violation"]["fingerprint"] == "f1"
    assert (headers["webhook-id"], headers["idempotency-key"]) == ("msg_1", "msg_1")
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body + b" ", headers)


def test_a_repeat_has_the_same_id_and_body(receiver: Receiver) -> None:
    for again in (False, True):
        webhook(f"{receiver.url}/").notify(ALERT.model_copy(update={"again": again}))
    first, second = receiver.requests
    assert (first[1]["webhook-id"], first[2]) == (second[1]["webhook-id"], second[2])


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (PAGE, RefusedError, "web page"),
        (Answer(404), RefusedError, "answered 404"),
        (Answer(410), RefusedError, "answered 410"),
        (Answer(302, location="/login"), RefusedError, "answered 302"),
        (Answer(308, location="/other"), RefusedError, "redirect"),
        (Answer(429, retry_after="77"), BusyError, "answered 429"),
        (Answer(503), BusyError, "answered 503"),
    ],
)
def test_only_a_2xx_that_is_no_page_is_a_delivery(
    receiver: Receiver, answer: Answer, error: type[PlatformError], text: str
) -> None:
    receiver.answers["/"] = answer
    with pytest.raises(error, match=text) as caught:
        webhook(f"{receiver.url}/").notify(ALERT)
    if isinstance(caught.value, BusyError) and answer.status == 429:
        assert caught.value.after == 77


def test_a_receiver_that_hangs_is_a_failure(receiver: Receiver) -> None:
    with pytest.raises(BusyError, match=r"did not answer within 0\.2 s"):
        webhook(f"{receiver.url}/hang", seconds=0.2).notify(ALERT)


def test_a_receiver_that_is_not_there_is_tried_again() -> None:
    with receiving() as server:
        url = server.url
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOOK_SECRET", SECRET)
        with pytest.raises(BusyError, match="can't be reached"):
            webhook(url).notify(ALERT)


def test_an_answer_without_end_is_read_no_further_than_it_takes(receiver: Receiver) -> None:
    receiver.answers["/"] = Answer(200, b"x" * 5_000_000)
    webhook(f"{receiver.url}/").notify(ALERT)


def test_a_private_address_is_refused_unless_allowed(receiver: Receiver) -> None:
    with pytest.raises(RefusedError, match="private"):
        webhook("https://localhost:1/", allow_private=False).notify(ALERT)
    assert receiver.requests == []


def test_a_redirect_is_followed_where_allowed_and_keeps_signature_and_body(receiver: Receiver) -> None:
    receiver.answers["/"] = Answer(307, location="/new")
    webhook(f"{receiver.url}/", redirects=1).notify(ALERT)
    assert [path for path, _, _ in receiver.requests] == ["/", "/new"]
    Webhook(SECRET).verify(receiver.requests[1][2], receiver.requests[1][1])


def test_a_redirect_to_another_scheme_is_refused(receiver: Receiver) -> None:
    receiver.answers["/"] = Answer(307, location="file:///etc/passwd")
    with pytest.raises(RefusedError, match="no good"):
        webhook(f"{receiver.url}/", redirects=1).notify(ALERT)


def test_a_public_name_that_redirects_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from tracevet.builtin.posting import Posting

    asked: list[str] = []

    def answers(self: Posting, url: str, *args: object) -> tuple[int, dict[str, str]]:
        asked.append(url)
        return (307, {"location": "https://127.0.0.1:1/"}) if len(asked) == 1 else once(self, url, *args)  # type: ignore[arg-type]

    once = Posting._once
    monkeypatch.setattr(Posting, "_once", answers)
    with pytest.raises(RefusedError, match="private"):
        Posting(seconds=2, redirects=1, allow_private=False).post("https://hooks.example.com/", {}, b"")


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("::1", "::", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1"),
        *("224.0.0.1", "255.255.255.255"),
    ],
)
def test_every_spelling_of_a_private_address_is_known(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_public_addresses_are_no_private_ones(address: str) -> None:
    assert not is_private(address)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"url": ""}, "begin with https://"),
        ({"url": "http://example.com"}, "begin with https://"),
        ({"url": "https://user:hunter2@example.com"}, "no user and password"),
        ({"url": "https://[::1"}, "can't be read"),
        ({"url": "https://exa mple.com"}, "no spaces"),
        ({"url": "${NOT_SET}"}, "NOT_SET"),
        ({"url": "https://example.com", "secret": SECRET}, "must name an environment variable"),
        ({"url": "https://example.com", "secret": "${SHORT}"}, "24 to 64 bytes"),
        ({"url": "https://example.com", "seconds": 0.0}, "seconds"),
    ],
)
def test_a_wrong_option_is_told_at_start_without_the_value(
    options: dict[str, object], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    monkeypatch.setenv("SHORT", "whsec_aGk=")
    with pytest.raises(ConfigError, match=text) as caught:
        WebhookNotifier(**{"secret": "${HOOK_SECRET}", **options})  # type: ignore[arg-type]
    assert "hunter2" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_the_body_is_json_whatever_a_trace_held(receiver: Receiver) -> None:
    webhook(f"{receiver.url}/").notify(ALERT)
    assert json.loads(receiver.requests[0][2])["data"]["items"][0]["violation"]["title"] == "</script>\ud800"
