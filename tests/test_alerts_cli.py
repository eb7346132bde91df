"""`tracevet alerts` and what `scan` tells, at the terminal."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alert_parts import Answer, Receiver, receiving
from ledger_parts import entry, verdict, violation
from standardwebhooks import Webhook
from typer.testing import CliRunner

from tracevet.cli.app import app
from tracevet.errors import TracevetError, UsageError
from tracevet.ledger import Ledger

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
CONFIG = """
[notifiers.hook]
plugin = "webhook"
url = "{url}"
secret = "${{HOOK_SECRET}}"
allow_private = true

[routes.security]
channel = "hook"
severity = "low"
"""


class Desk:
    def __init__(self, folder: Path, receiver: Receiver) -> None:
        self.receiver = receiver
        self.config = folder / "tracevet.toml"
        self.ledger = str(folder / "ledger.db")
        self.config.write_text(CONFIG.format(url=f"{receiver.url}/"))

    def run(self, *words: str, ledger: bool = True) -> str:
        where = ("--config", str(self.config), *(("--ledger", self.ledger) if ledger else ()))
        result = CliRunner().invoke(app, [*words, *where])
        if isinstance(result.exception, TracevetError):
            raise result.exception
        self.code = result.exit_code
        return result.output

    def commit(self) -> None:
        with Ledger.open(self.ledger) as ledger:
            ledger.commit([entry(verdict("t1", violation("f1")))])


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    with receiving() as server:
        yield Desk(tmp_path, server)


def test_send_tells_what_is_due_and_the_list_shows_it(desk: Desk) -> None:
    desk.commit()
    assert desk.run("alerts", "send").startswith("1 sent")
    assert desk.run("alerts", "send").startswith("0 sent")
    listed = json.loads(desk.run("alerts", "--json"))
    assert [(one["state"], one["fingerprints"]) for one in listed["messages"]] == [("sent", ["f1"])]
    assert "sent" in desk.run("alerts")
    assert len(desk.receiver.requests) == 1


def test_what_fails_is_listed_with_its_reason_and_exits_with_3(desk: Desk) -> None:
    desk.receiver.answers["/"] = Answer(503)
    desk.commit()
    desk.run("alerts", "send")
    assert desk.code == 3
    assert "answered 503" in desk.run("alerts")


def test_what_waits_for_a_digest_is_listed(desk: Desk) -> None:
    desk.config.write_text(desk.config.read_text() + 'when = "weekly"\n')
    desk.commit()
    desk.run("alerts", "send")
    assert "security: 1 wait" in desk.run("alerts")


def test_a_sample_is_marked_and_leaves_the_ledger_alone(desk: Desk) -> None:
    assert "delivered" in desk.run("alerts", "test", "security", ledger=False)
    ((_, headers, body),) = desk.receiver.requests
    said = Webhook(SECRET).verify(body, headers)
    assert said["type"] == "tracevet.sample"
    assert said["data"]["title"].startswith("SAMPLE")
    assert not Path(desk.ledger).exists()


def test_a_route_that_there_is_not_is_told_with_those_that_are(desk: Desk) -> None:
    with pytest.raises(UsageError, match="known: security"):
        desk.run("alerts", "test", "nobody", ledger=False)


def test_an_acknowledgement_is_kept_and_audited(desk: Desk) -> None:
    desk.commit()
    assert "acknowledged" in desk.run("alerts", "ack", "f1")
    with Ledger.open(desk.ledger) as ledger:
        assert [str(one.action) for one in ledger.audit.last(1)] == ["acknowledge"]
    with pytest.raises(UsageError, match="no violation of that fingerprint"):
        desk.run("alerts", "ack", "f2")


def test_a_route_that_matches_nothing_is_warned_of(desk: Desk) -> None:
    desk.config.write_text(desk.config.read_text() + 'policies = ["sql-injektion"]\n')
    assert "'security' matches nothing" in desk.run("alerts")


def test_a_scan_tells_what_it_found_once_and_a_dry_run_tells_nothing(desk: Desk, tmp_path: Path) -> None:
    from tracevet import cli

    sample = Path(cli.__file__).parent.parent / "samples" / "claude-code.langfuse.json"
    desk.run("scan", str(sample), "--dry-run")
    assert desk.receiver.requests == []
    desk.run("scan", str(sample))
    first = len(desk.receiver.requests)
    assert first
    desk.run("scan", str(sample))
    assert len(desk.receiver.requests) == first
    assert desk.code == 1


def test_a_channel_that_is_down_costs_a_scan_nothing_but_a_line(desk: Desk) -> None:
    from tracevet import cli

    sample = Path(cli.__file__).parent.parent / "samples" / "claude-code.langfuse.json"
    desk.receiver.answers["/"] = Answer(404)
    assert "not delivered: hook: it answered 404" in desk.run("scan", str(sample))
    assert desk.code == 1
