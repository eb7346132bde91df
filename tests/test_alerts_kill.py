"""Killed anywhere, alerting goes on where it stopped: nothing is lost, and a repeat has the same id."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alert_parts import receiving
from ledger_parts import entry, verdict, violation
from standardwebhooks import Webhook

from tracevet.ledger import Ledger
from tracevet.ledger.alerts import State

SUPPORT = Path(__file__).parent / "support"
SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
COUNT = 4  # alerts, each a message of its own


def tell(url: str, receiver: str, moment: str = "", count: int = 0, minutes: int = 0) -> "subprocess.Popen[str]":
    command = [sys.executable, str(SUPPORT / "alert_process.py"), url, receiver, moment, str(count), str(minutes)]
    variables = {**os.environ, "HOOK_SECRET": SECRET, "PYTHONPATH": str(SUPPORT)}
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True)


def fill(url: str) -> None:
    with Ledger.open(url) as ledger:
        ledger.commit(
            [entry(verdict(f"t{n}", violation(f"f{n}", trace_id=f"t{n}")), content=str(n)) for n in range(COUNT)]
        )


@pytest.mark.parametrize(
    ("moment", "count", "repeats"),
    [("take_news", 0, 0), ("tell", 0, 0), ("before", 1, 0), ("before", 3, 0), ("after", 1, 1), ("after", 4, 1)],
)
def test_each_alert_comes_once_wherever_the_process_is_killed(
    tmp_path: Path, moment: str, count: int, repeats: int
) -> None:
    url = str(tmp_path / "ledger.db")
    fill(url)
    with receiving() as server:
        for step, (when, minutes) in enumerate([(moment, 0), ("", 10)]):
            with tell(url, f"{server.url}/", when, count, minutes) as process:
                process.communicate(timeout=120)
            assert process.returncode == (-9, 0)[step]
        ids = [headers["webhook-id"] for _, headers, _ in server.requests]
        for _, headers, body in server.requests:
            Webhook(SECRET).verify(body, headers)
        bodies = {(headers["webhook-id"], json.loads(body)["data"]["title"]) for _, headers, body in server.requests}
    assert len(ids) == COUNT + repeats
    assert len(set(ids)) == len(bodies) == COUNT
    with Ledger.open(url) as ledger:
        assert {message.state for message in ledger.alerts.listed()} == {State.SENT}


def test_processes_that_tell_at_once_tell_each_alert_once(tmp_path: Path) -> None:
    url = str(tmp_path / "ledger.db")
    fill(url)
    with receiving() as server:
        processes = [tell(url, f"{server.url}/") for _ in range(3)]
        counts = [int(process.communicate(timeout=120)[0]) for process in processes]
        ids = [headers["webhook-id"] for _, headers, _ in server.requests]
    assert sum(counts) == COUNT
    assert len(ids) == len(set(ids)) == COUNT
