"""Violations as SARIF 2.1.0, for code scanning, editors and other readers.

One result for each fingerprint, whatever number of traces show it; one rule for each policy; the CWEs as a taxonomy.
Developers are not named. Source: OASIS, SARIF Version 2.1.0; the properties that GitHub reads (`security-severity`,
`precision`, `tags`) are from its documentation of SARIF support for code scanning.
"""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import TypeAlias
from urllib.parse import quote, urlsplit

import orjson

from tracevet.builtin.table import plain
from tracevet.model import Confidence, Json, Report, Severity, Status, Verdict, Violation
from tracevet.plugin import Reporter

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.LOW: "note", Severity.MEDIUM: "warning", Severity.HIGH: "error", Severity.CRITICAL: "error"}
# GitHub: over 9.0 is critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low.
SCORES = {Severity.LOW: "3.0", Severity.MEDIUM: "5.5", Severity.HIGH: "8.0", Severity.CRITICAL: "9.5"}
PRECISION = {Confidence.LOW: "low", Confidence.MEDIUM: "medium", Confidence.HIGH: "high"}
ROOT = "SRCROOT"  # the base that relative paths start from: the repository
TRACES = 20  # traces named for one result

Object: TypeAlias = dict[str, Json]
Shown: TypeAlias = tuple[Verdict, Violation]


class SarifReporter(Reporter):
    """One SARIF log with one run."""

    name = "sarif"
    summary = "SARIF 2.1.0, one result for each distinct violation, with CWE taxonomy and data-flow paths."

    def render(self, report: Report) -> bytes:
        """Render the log, indented, in UTF-8."""
        groups: dict[str, list[Shown]] = {}
        for verdict in report.verdicts:
            for violation in verdict.violations:
                groups.setdefault(violation.fingerprint, []).append((verdict, violation))
        log: Object = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, list(groups.values()))]}
        return orjson.dumps(_clean(log), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _run(report: Report, groups: Sequence[Sequence[Shown]]) -> Object:
    policies = {group[0][1].policy: group[0][1] for group in groups}
    cwes = sorted({cwe for group in groups for _, violation in group for cwe in violation.cwe}, key=_number)
    index = {policy: number for number, policy in enumerate(policies)}
    return {
        "tool": {
            "driver": {
                "name": "tracevet",
                "version": version("tracevet"),
                "rules": [_rule(violation) for violation in policies.values()],
                "supportedTaxonomies": [{"name": "CWE", "index": 0}],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The repository that the assistant worked in."}}},
        "taxonomies": [_taxonomy(cwes)],
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(report)}],
        "results": [_result(group, index, {cwe: number for number, cwe in enumerate(cwes)}) for group in groups],
    }


def _rule(violation: Violation) -> Object:
    """Describe a policy as a rule, by one of its violations."""
    links = "\n".join(f"- <{link}>" for link in violation.references)
    tags: list[Json] = ["security", violation.category]
    tags += [f"external/cwe/{cwe.lower()}" for cwe in violation.cwe]
    return {
        "id": violation.policy,
        "name": "".join(word.capitalize() for word in violation.policy.split("-")),
        "shortDescription": {"text": violation.title},
        "fullDescription": {"text": violation.recommendation},
        "help": {
            "text": violation.recommendation,
            "markdown": "\n\n".join(filter(None, (_markdown(violation.recommendation), links))),
        },
        "defaultConfiguration": {"level": LEVELS[violation.severity]},
        "relationships": [_taxon(cwe, None) for cwe in violation.cwe],
        "properties": {
            "tags": tags,
            "security-severity": SCORES[violation.severity],
            "precision": PRECISION[violation.confidence],
        },
    }


def _taxonomy(cwes: Sequence[str]) -> Object:
    return {
        "name": "CWE",
        "organization": "MITRE",
        "shortDescription": {"text": "The MITRE Common Weakness Enumeration"},
        "informationUri": "https://cwe.mitre.org/",
        "isComprehensive": False,
        "taxa": [{"id": cwe, "helpUri": f"https://cwe.mitre.org/data/definitions/{_number(cwe)}.html"} for cwe in cwes],
    }


def _taxon(cwe: str, index: int | None) -> Object:
    target: Object = {"id": cwe, "toolComponent": {"name": "CWE", "index": 0}}
    return {"target": target, "kinds": ["superset"]} if index is None else {**target, "index": index}


def _result(group: Sequence[Shown], rules: Mapping[str, int], cwes: Mapping[str, int]) -> Object:
    verdict, violation = max(group, key=lambda shown: (shown[1].status is Status.OPEN, shown[1].severity.rank))
    result: Object = {
        "ruleId": violation.policy,
        "ruleIndex": rules[violation.policy],
        "kind": "fail",
        "level": LEVELS[violation.severity],
        "message": {"text": f"{violation.message} {violation.recommendation}".strip()},
        "locations": [_location(verdict, violation, violation.start_line, violation.end_line, violation.evidence)],
        "partialFingerprints": {"tracevet/v1": violation.fingerprint},
        "occurrenceCount": sum(each.occurrences for _, each in group),
        "taxa": [_taxon(cwe, cwes[cwe]) for cwe in violation.cwe],
        "properties": _properties(violation, [each for each, _ in group]),
    }
    if violation.flow:
        result["codeFlows"] = [{"threadFlows": [{"locations": _steps(verdict, violation)}]}]
    if violation.status is not Status.OPEN:
        reason = f"tracevet: {violation.status}" + (f", {violation.because}" if violation.because else "")
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": reason}]
    if violation.url and urlsplit(violation.url).scheme in {"http", "https"}:
        result["hostedViewerUri"] = _quoted(violation.url, ":/?#[]@!$&'()*+,;=%")
    return result


def _properties(violation: Violation, verdicts: Iterable[Verdict]) -> Object:
    traces = list(dict.fromkeys(f"{each.trace.platform}:{each.trace.id}" for each in verdicts))
    return {
        "security-severity": SCORES[violation.severity],
        "severity": violation.severity.value,
        "confidence": violation.confidence.value,
        "status": violation.status.value,
        "surface": violation.surface.value,
        "detector": f"{violation.detector}:{violation.rule}",
        "also": list(violation.also),
        "grading": list(violation.grading),
        "project": violation.project,
        "repository": violation.repository,
        "branch": violation.branch,
        "assistant": violation.assistant,
        "model": violation.model,
        "session": violation.session,
        "traces": list(traces[:TRACES]),
        "traceCount": len(traces),
    }


def _location(verdict: Verdict, violation: Violation, start: int, end: int, evidence: str) -> Object:
    place = violation.places[0]
    logical = f"{verdict.trace.platform}:{verdict.trace.id}/{place.span}{place.pointer}"
    location: Object = {"logicalLocations": [{"fullyQualifiedName": logical, "kind": "traceSpan"}]}
    if violation.path:
        region: Object = {"startLine": start, "endLine": end, "snippet": {"text": evidence}}
        location["physicalLocation"] = {"artifactLocation": _artifact(verdict, violation.path), "region": region}
    return location


def _artifact(verdict: Verdict, path: str) -> Object:
    """Give the path from the working directory on where it lies there, so that a checkout elsewhere has it too."""
    where = PurePosixPath(path.replace("\\", "/"))
    directory = verdict.context.directory
    if directory and where.is_relative_to(directory.value):
        where = where.relative_to(directory.value)
    if where.is_absolute() or ".." in where.parts or (where.parts and where.parts[0].endswith(":")):
        return {"uri": "file:///" + _quoted(str(where).lstrip("/"))}
    return {"uri": _quoted(str(where)), "uriBaseId": ROOT}


def _steps(verdict: Verdict, violation: Violation) -> list[Json]:
    return [
        {
            "location": {
                **_location(verdict, violation, step.start_line, step.end_line, step.evidence),
                "message": {"text": step.note},
            },
            "executionOrder": number,
        }
        for number, step in enumerate(violation.flow, 1)
    ]


def _notifications(report: Report) -> list[Json]:
    """Say what could not be vetted, by its reason: SARIF has no other place for it."""
    return [
        {"level": "note", "message": {"text": f"{count} gaps: {reason}"}, "descriptor": {"id": f"gap/{reason}"}}
        for reason, count in sorted(report.totals.gaps.items())
    ]


def _quoted(text: str, safe: str = "/") -> str:
    return quote(text.encode("utf-8", "backslashreplace"), safe=safe)


def _markdown(text: str) -> str:
    """Escape what would be HTML in Markdown."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _number(cwe: str) -> int:
    return int(cwe.removeprefix("CWE-"))


def _clean(value: Json) -> Json:
    """Make control and direction marks of hostile texts visible, and lone surrogates storable."""
    if isinstance(value, str):
        return plain(value).encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return value
