"""What looks at the corpus: all of tracevet as a user gets it, and bandit and ruff alone, for comparison."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tracevet import Finding, Policy, Snippet, Surface, Trace
from tracevet.assembly import Assembly
from tracevet.config import Config
from tracevet.model import Context, Verdict
from tracevet.policy import Scanned, builtin_packs, decide, join_packs

Text = tuple[str, str]  # language, code
Row = tuple[str, str, int]  # a file's stem, bandit's id of a check, a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One weakness that was told."""

    rule: str
    cwe: frozenset[str]
    policies: frozenset[str]
    start: int  # lines, 1-based, inclusive
    end: int


@cache
def policies() -> tuple[Policy, ...]:
    """Give the built-in policies."""
    return join_packs(builtin_packs())


def families(cwe: str) -> frozenset[str]:
    """Name what counts as the same weakness: the policies that a CWE belongs to, else the CWE itself."""
    return frozenset(policy.id for policy in policies() if cwe in policy.cwe) or frozenset({cwe})


def tracevet(texts: Sequence[Text]) -> list[tuple[Seen, ...]]:
    """Scan each text with every detector that comes with tracevet, and give the violations of its verdict."""
    assembly = Assembly.of(Config())
    detectors = [(engine, engine.cls(**engine.options)) for engine in assembly.engines()]
    seen = []
    for language, text in texts:
        snippet = Snippet(text=text, surface=Surface.APPLIED, language=language, span="span", pointer="/output")
        reading = [detector for engine, detector in detectors if engine.reads(snippet)]
        findings = [each for detector in reading for each in detector.scan([snippet]) if isinstance(each, Finding)]
        seen.append(_violations(_verdict(snippet, findings, assembly.policies), findings))
    return seen


def bandit(texts: Sequence[Text]) -> list[tuple[Seen, ...]]:
    """Run bandit with all of its tests over the texts in Python; the others have nothing."""
    return _peer(texts, _bandit_rows)


def ruff(texts: Sequence[Text]) -> list[tuple[Seen, ...]]:
    """Run ruff's rules S over the texts in Python; the others have nothing."""
    return _peer(texts, _ruff_rows)


ENGINES = {"tracevet": tracevet, "bandit": bandit, "ruff": ruff}


def _verdict(snippet: Snippet, findings: Sequence[Finding], rules: Sequence[Policy]) -> Verdict:
    scanned = Scanned(snippet=snippet, places=(snippet,), findings=tuple(findings))
    trace = Trace(platform="corpus", id="trace", spans=())
    return decide(trace, Context(), [scanned], rules, key=b"corpus")


def _violations(verdict: Verdict, findings: Sequence[Finding]) -> tuple[Seen, ...]:
    named = {f"{each.detector}:{each.rule}": frozenset(each.cwe) for each in findings}
    return tuple(
        Seen(
            rule=f"{each.detector}:{each.rule}",
            cwe=frozenset[str]().union(*(named[rule] for rule in (f"{each.detector}:{each.rule}", *each.also))),
            policies=frozenset({each.policy}),
            start=each.start_line,
            end=each.end_line,
        )
        for each in verdict.violations
    )


def _peer(texts: Sequence[Text], rows: Callable[[str], list[Row]]) -> list[tuple[Seen, ...]]:
    seen: list[list[Seen]] = [[] for _ in texts]
    with TemporaryDirectory() as folder:
        for number, (language, text) in enumerate(texts):
            if language == "python":
                Path(folder, f"t{number}.py").write_text(text, "utf-8")
        for stem, check, line in rows(folder):
            seen[int(stem[1:])].append(_seen(check, line))
    return [tuple(each) for each in seen]


def _seen(check: str, line: int) -> Seen:
    cwe = _cwes().get(check, "")
    named = {policy.id for policy in policies() if f"bandit:{check}" in policy.rules}
    return Seen(rule=check, cwe=frozenset({cwe}), policies=frozenset(named | families(cwe)), start=line, end=line)


@cache
def _cwes() -> Mapping[str, str]:
    from tracevet_python.bandit.rules import RULES

    return {rule.id: rule.cwe for rule in RULES.values()}


def _bandit_rows(folder: str) -> list[Row]:
    data = _run("bandit", "-r", "-q", "-f", "json", "--ignore-nosec", "--exit-zero", folder)
    return [(Path(each["filename"]).stem, each["test_id"], each["line_number"]) for each in data["results"]]


def _ruff_rows(folder: str) -> list[Row]:
    data = _run("ruff", "check", "--isolated", "--select", "S", "--output-format", "json", "--exit-zero", folder)
    rows = [(Path(each["filename"]).stem, each["code"] or "", each["location"]["row"]) for each in data]
    return [(stem, f"B{code[1:]}", line) for stem, code, line in rows if code.startswith("S")]


def _run(module: str, *arguments: str) -> Any:
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, check=True, text=True)
    return json.loads(done.stdout)
