"""Alerts by Apprise, brought to a real mail server and a real receiver on loopback."""

import email
import email.policy
import json
import logging
import threading
from asyncio import Server
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tracevet import (
    Alert,
    AlertForm,
    AlertItem,
    AlertKind,
    BusyError,
    Confidence,
    ConfigError,
    Mode,
    Place,
    RefusedError,
    Severity,
    Surface,
    Violation,
)
from tracevet_apprise import AppriseNotifier
from tracevet_apprise.fitting import fitting
from tracevet_apprise.services import form_of, service


def violation(fingerprint: str = "f1", **changes: object) -> Violation:
    place = Place(span="s", pointer="/output", surface=Surface.APPLIED, path="db.py", start_line=3, end_line=3)
    plain = Violation(
        fingerprint=fingerprint,
        policy="sql-injection",
        title="SQL Injection Prevention",
        severity=Severity.HIGH,
        category="injection",
        mode=Mode.MONITOR,
        cwe=("CWE-89",),
        detector="bandit",
        rule="B608",
        confidence=Confidence.MEDIUM,
        message="SQL made by hand",
        surface=Surface.APPLIED,
        language="python",
        path="db.py",
        start_line=3,
        end_line=3,
        snippet="d",
        span_id="s",
        trace_id="t1",
        url="https://langfuse.example.com/t1",
        developer="ann",
        project="shop",
        repository=None,
        branch=None,
        assistant=None,
        model=None,
        session=None,
        evidence='q = f"SELECT {x}"',
        recommendation="Use parameters.",
        occurrences=1,
        places=(place,),
    )
    return plain.model_copy(update=changes)


def alert(*found: Violation, **changes: object) -> Alert:
    items = tuple(AlertItem(violation=one, platform="langfuse") for one in found or (violation(),))
    now = datetime(2025, 6, 1, tzinfo=UTC)
    plain = Alert(id="msg_1", kind=AlertKind.VIOLATIONS, route="security", at=now, items=items)
    return plain.model_copy(update=changes)


class Mailbox:
    def __init__(self) -> None:
        self.got: list[tuple[list[str], EmailMessage]] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.got.append((envelope.rcpt_tos, message))
        return self.answer


class MailServer(Controller):
    """A mail server on a port that the system chooses."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's own lack


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    controller = MailServer(box, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        yield box, controller.port
    finally:
        controller.stop()


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[tuple[dict[str, str], Any]]]]:
    got: list[tuple[dict[str, str], Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append((dict(self.headers.items()), json.loads(body)))
            self.send_response(500 if self.path == "/broken" else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"json://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def mail(port: int, to: str = "{to}") -> AppriseNotifier:
    return AppriseNotifier(url=f"mailto://127.0.0.1:{port}?from=tracevet@example.com&to={to}")


def test_a_mail_reaches_the_developer_s_address_and_says_what_to_do(mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    mail(port).notify(alert(to="ann@example.com"))
    ((to, message),) = box.got
    assert to == ["ann@example.com"]
    assert message["X-Tracevet-Message"] == "msg_1"
    assert "SQL Injection Prevention in shop" in message["Subject"]
    part = message.get_body(("html",))
    assert part is not None
    assert "Use parameters." in part.get_content()
    assert 'href="https://langfuse.example.com/t1"' in part.get_content()


def test_nothing_of_a_trace_becomes_html_or_a_header_of_a_mail(mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    evil = "<img src=x>\r\nBcc: eve@example.com\r\n"
    mail(port).notify(alert(violation(title=evil, evidence=evil, project=evil, message=evil), to="ann@example.com"))
    ((to, message),) = box.got
    assert to == ["ann@example.com"]
    assert message["Bcc"] is None
    part = message.get_body(("html",))
    assert part is not None
    assert "<img" not in part.get_content()


def test_an_address_can_t_become_more_of_the_url(mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    mail(port).notify(alert(to="ann@example.com&bcc=eve@example.com"))
    assert all("eve@example.com" not in to for to, _ in box.got)


def test_a_server_that_refuses_is_a_failure(mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    box.answer = "451 later"
    with pytest.raises(BusyError):
        mail(port, "a@example.com").notify(alert())


def test_the_json_scheme_gets_one_message_with_its_id(receiver: tuple[str, list[tuple[dict[str, str], Any]]]) -> None:
    url, got = receiver
    AppriseNotifier(url=url).notify(alert())
    ((headers, body),) = got
    assert headers["X-Tracevet-Message"] == "msg_1"
    assert body["title"] == "HIGH SQL Injection Prevention in shop"
    assert "tracevet alerts ack" in body["message"]


def test_a_broken_receiver_is_a_failure_that_names_no_url(
    receiver: tuple[str, list[tuple[dict[str, str], Any]]], caplog: pytest.LogCaptureFixture
) -> None:
    url, _ = receiver
    with pytest.raises(BusyError) as caught:
        AppriseNotifier(url=f"{url}/broken").notify(alert())
    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "set url, or url_env"),
        ({"url": "foo://hunter2"}, "no scheme foo://"),
        ({"url": "hunter2"}, "begin with a scheme"),
        ({"url": "slack://hunter2"}, "not complete for slack://"),
        ({"url": "${NOT_SET}"}, "NOT_SET"),
        ({"url_env": "NOT_SET"}, "NOT_SET"),
        ({"url": "json://localhost", "url_env": "X"}, "set url, or url_env"),
    ],
)
def test_a_wrong_url_is_told_at_start_without_its_secrets(
    options: dict[str, str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match=text) as caught:
        AppriseNotifier(**options)
    assert "hunter2" not in f"{caught.value}{capsys.readouterr()}"
    assert logging.getLogger("apprise").handlers


def test_the_url_comes_from_the_environment(
    receiver: tuple[str, list[tuple[dict[str, str], Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_URL", receiver[0])
    AppriseNotifier(url_env="CHAT_URL").notify(alert())
    AppriseNotifier(url="${CHAT_URL}").notify(alert())
    assert len(receiver[1]) == 2


def test_only_a_url_that_says_where_addresses_go_takes_them() -> None:
    assert AppriseNotifier(url="mailto://localhost?from=a@example.com&to={to}").addressable
    assert not AppriseNotifier(url="json://localhost").addressable
    with pytest.raises(RefusedError, match="developers alone"):
        AppriseNotifier(url="mailto://localhost?from=a@example.com&to={to}").notify(alert())


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("mailto://localhost?from=a@example.com", AlertForm.HTML),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#gen", AlertForm.MARKDOWN),
        ("discord://123456789/abcdefghijklmnop", AlertForm.MARKDOWN),
        ("json://localhost", AlertForm.TEXT),
    ],
)
def test_each_service_gets_its_own_form(url: str, form: AlertForm) -> None:
    assert form_of(service(url)) is form


@pytest.mark.parametrize("limit", [100, 500, 1000, 2000, 4000])
def test_a_message_fits_its_service(limit: int) -> None:
    many = alert(*(violation(f"f{number}", evidence="x = 1\n" * 10) for number in range(20)), more=5)
    for form in AlertForm:
        text = fitting(many, form, limit)
        assert len(text) <= limit
        assert text
