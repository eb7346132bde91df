"""SARIF: read by other readers, one result for each fingerprint, and hostile traces change nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from ledger_parts import verdict, violation
from sarif.loader import load_sarif_file
from sarif_pydantic import Sarif

from tracevet import Context, Fact, Report, Severity, Status, Totals
from tracevet.builtin.sarif import SarifReporter
from tracevet.model.verdict import ShownStep

STEP = ShownStep(start_line=2, end_line=2, note="read from the request", evidence="user_id = request.args['id']")


def log(*verdicts: Any, **totals: Any) -> dict[str, Any]:
    text = SarifReporter().render(Report(verdicts=verdicts, totals=Totals(**totals)))
    Sarif.model_validate_json(text)
    found: dict[str, Any] = json.loads(text)
    return found


def results(*verdicts: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = log(*verdicts)["runs"][0]["results"]
    return found


def uri(path: str, directory: str | None = None) -> dict[str, str]:
    context = Context(directory=Fact(value=directory, source="metadata.cwd")) if directory else Context()
    (result,) = results(verdict("t1", violation(path=path), context=context))
    found: dict[str, str] = result["locations"][0]["physicalLocation"]["artifactLocation"]
    return found


def test_a_second_reader_counts_the_same(tmp_path: Path) -> None:
    report = Report(verdicts=(verdict("t1", violation(), violation("f2", severity=Severity.LOW)), verdict("t2")))
    (tmp_path / "run.sarif").write_bytes(SarifReporter().render(report))
    read = load_sarif_file(str(tmp_path / "run.sarif")).get_report()
    assert [read.get_issue_count_for_severity(level) for level in ("error", "warning", "note")] == [1, 0, 1]


def test_one_fingerprint_in_many_traces_is_one_result() -> None:
    (result,) = results(*(verdict(f"t{number}", violation(occurrences=2)) for number in range(30)))
    assert result["occurrenceCount"] == 60
    assert result["properties"]["traceCount"] == 30
    assert len(result["properties"]["traces"]) == 20
    assert result["partialFingerprints"] == {"tracevet/v1": "f1"}


def test_rules_name_their_cwes_from_the_taxonomy() -> None:
    run = log(verdict("t1", violation(), violation("f2", policy="xss", cwe=("CWE-79", "CWE-80"))))["runs"][0]
    assert [taxon["id"] for taxon in run["taxonomies"][0]["taxa"]] == ["CWE-79", "CWE-80", "CWE-89"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["sql-injection", "xss"]
    assert all(run["results"][number]["ruleIndex"] == number for number in (0, 1))
    for result in run["results"]:
        for taxon in result["taxa"]:
            assert run["taxonomies"][0]["taxa"][taxon["index"]]["id"] == taxon["id"]
    assert "external/cwe/cwe-89" in rules[0]["properties"]["tags"]


def test_the_way_of_the_data_is_a_code_flow() -> None:
    (result,) = results(verdict("t1", violation(flow=(STEP, STEP.model_copy(update={"start_line": 3, "end_line": 3})))))
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps] == [2, 3]
    assert steps[0]["location"]["message"]["text"] == "read from the request"


@pytest.mark.parametrize(
    ("path", "directory", "expected"),
    [
        ("app/db.py", None, {"uri": "app/db.py", "uriBaseId": "SRCROOT"}),
        ("/srv/shop/app/db.py", "/srv/shop", {"uri": "app/db.py", "uriBaseId": "SRCROOT"}),
        ("/srv/shop/app/db.py", "/srv/other", {"uri": "file:///srv/shop/app/db.py"}),
        ("../../etc/passwd", "/srv/shop", {"uri": "file:///../../etc/passwd"}),
        ("C:\\shop\\a b.py", None, {"uri": "file:///C%3A/shop/a%20b.py"}),
        ("a?b#c%00.py", None, {"uri": "a%3Fb%23c%2500.py", "uriBaseId": "SRCROOT"}),
    ],
)
def test_paths_are_of_the_repository_where_they_lie_in_it(
    path: str, directory: str | None, expected: dict[str, str]
) -> None:
    assert uri(path, directory) == expected


def test_what_has_no_file_is_named_by_its_trace() -> None:
    (result,) = results(verdict("t1", violation(path=None)))
    assert result["locations"] == [
        {"logicalLocations": [{"fullyQualifiedName": "langfuse:t1/s1/output", "kind": "traceSpan"}]}
    ]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OPEN])
def test_what_is_not_open_is_suppressed(status: Status) -> None:
    (result,) = results(verdict("t1", violation(status=status)))
    assert result["suppressions"][0]["justification"] == f"tracevet: {status}"


def test_an_open_trace_speaks_for_its_fingerprint() -> None:
    (result,) = results(verdict("t1", violation(status=Status.CORRECTED)), verdict("t2", violation()))
    assert "suppressions" not in result


def test_hostile_texts_change_nothing() -> None:
    hostile = "</script>\x1b[31m\u202e\ud800\x00"
    bad = violation(evidence=hostile, message=hostile, path=f"{hostile}.py", url="javascript:alert(1)", project=hostile)
    text = SarifReporter().render(Report(verdicts=(verdict("t1", bad),)))
    (result,) = results(verdict("t1", bad))
    assert not {"\x1b", "\u202e", "\x00"} & set(text.decode())
    assert "hostedViewerUri" not in result


def test_no_developer_is_named() -> None:
    assert "dev@company.com" not in json.dumps(log(verdict("t1", violation())))


def test_what_was_not_vetted_is_told() -> None:
    (told,) = log(gaps={"truncated": 3})["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == "3 gaps: truncated"
