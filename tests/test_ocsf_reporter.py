"""OCSF: each violation is a Detection Finding as the models of the schema want it."""

import json
import sys
from typing import Any

import pytest
from ledger_parts import START, verdict, violation

from tracevet import Report, Severity, Status, UsageError
from tracevet.builtin.ocsf import OcsfReporter


def findings(*verdicts: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in OcsfReporter().render(Report(verdicts=verdicts)).splitlines()]


def test_a_violation_is_a_detection_finding() -> None:
    (found,) = findings(verdict("t1", violation()))
    assert (found["class_uid"], found["category_uid"], found["type_uid"]) == (2004, 2, 200401)
    assert (found["severity_id"], found["confidence_id"], found["status_id"]) == (4, 2, 1)
    assert found["time"] == int(START.timestamp() * 1000)
    assert found["finding_info"]["uid"] == "f1"
    assert found["finding_info"]["types"] == ["sql-injection", "CWE-89"]
    assert found["remediation"]["desc"] == "Use parameterized queries."


@pytest.mark.parametrize(
    ("status", "activity", "number"),
    [(Status.OPEN, 1, 1), (Status.CORRECTED, 3, 4), (Status.SUPPRESSED, 3, 3), (Status.RETRACTED, 3, 3)],
)
def test_what_is_not_open_is_closed(status: Status, activity: int, number: int) -> None:
    (found,) = findings(verdict("t1", violation(status=status)))
    assert (found["activity_id"], found["status_id"]) == (activity, number)


def test_severities_keep_their_order() -> None:
    said = findings(*(verdict(f"t{grade}", violation(severity=grade)) for grade in Severity))
    assert [found["severity_id"] for found in said] == [2, 3, 4, 5]


def test_a_report_in_parts_gives_the_same_lines() -> None:
    parts = [verdict("t1", violation()), verdict("t2", violation("f2"))]
    assert findings(*parts) == findings(parts[0]) + findings(parts[1])


def test_hostile_texts_stay_in_their_field() -> None:
    hostile = "\x1b[31m\u202e\ud800\n{}"
    text = OcsfReporter().render(Report(verdicts=(verdict("t1", violation(evidence=hostile, message=hostile)),)))
    assert len(text.splitlines()) == 1
    assert not {"\x1b", "\u202e"} & set(text.decode())


def test_no_developer_is_named() -> None:
    assert "dev@company.com" not in json.dumps(findings(verdict("t1", violation())))


def test_without_the_models_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py_ocsf_models.events.findings.detection_finding", None)
    with pytest.raises(UsageError, match=r"tracevet\[ocsf\]"):
        OcsfReporter()
