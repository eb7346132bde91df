"""Traces in which tools work on files, and a detector that looks at whole files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from tracevet import (
    Confidence,
    Detector,
    Extractor,
    Finding,
    Gap,
    GapReason,
    Json,
    Policy,
    Region,
    Result,
    Session,
    Severity,
    Snippet,
    Span,
    SpanKind,
    Surface,
    Trace,
    Verdict,
)
from tracevet.extract import StandardExtractor
from tracevet.pipeline import Setup, vet
from tracevet.workers import Engine

START = datetime(2026, 8, 20, 9, tzinfo=UTC)
POLICY = Policy(
    id="no-bad",
    title="Nothing bad",
    category="test",
    severity=Severity.HIGH,
    cwe=("CWE-89",),
    recommendation="Write something good.",
)


class BadLines(Detector):
    """Finds each line with `bad(`; with `bad(x` only where `x = input()` stands above it; `!!` can't be parsed."""

    name = "bad-lines"
    summary = "Finds bad lines."
    languages: ClassVar[frozenset[str]] = frozenset({"python"})
    surfaces: ClassVar[frozenset[Surface]] = frozenset({Surface.SUGGESTED, Surface.APPLIED, Surface.COMMAND})
    version: ClassVar[str] = "1"

    def scan(self, snippets: Sequence[Snippet]) -> Iterable[Finding | Gap]:
        """Yield a finding for each bad line."""
        for snippet in snippets:
            if "!!" in snippet.text:
                yield Gap(reason=GapReason.UNPARSABLE, detail="no code", snippet=snippet.digest, detector=self.name)
                continue
            for number, line in enumerate(snippet.text.split("\n"), 1):
                if "bad(" in line and ("bad(x" not in line or "x = input()" in snippet.text):
                    yield Finding(
                        snippet=snippet.digest,
                        detector=self.name,
                        rule="B1",
                        message="a bad line",
                        cwe=("CWE-89",),
                        severity=Severity.HIGH,
                        confidence=Confidence.HIGH,
                        region=Region.of_lines(snippet.text, number, number),
                    )


def call(name: str, arguments: Mapping[str, Json], result: Json = "done", **metadata: Json) -> Span:
    """Make a tool's span; id and time come with the trace."""
    return Span(id="", kind=SpanKind.TOOL, name=name, input=dict(arguments), output=result, metadata=metadata)


def write(path: str, content: str, **metadata: Json) -> Span:
    return call("Write", {"file_path": path, "content": content}, **metadata)


def edit(path: str, old: str, new: str, *, every: bool = False, result: Json = "done", **metadata: Json) -> Span:
    arguments: dict[str, Json] = {"file_path": path, "old_string": old, "new_string": new, "replace_all": every}
    return call("Edit", arguments, result, **metadata)


def read(path: str, content: str, **arguments: Json) -> Span:
    """Make a read as Claude Code shows it, with numbers before the lines."""
    first = arguments.get("offset", 1)
    assert isinstance(first, int)
    listing = "\n".join(f"{number:6}→{line}" for number, line in enumerate(content.split("\n"), first))
    return call("Read", {"file_path": path, **arguments}, listing)


def bash(command: str, result: Json = "") -> Span:
    return call("Bash", {"command": command}, result)


def turn(name: str, *spans: Span, minute: int = 0, session: str | None = "s", cwd: str = "/repo") -> Trace:
    """Make a trace of tools' spans, a second apart."""
    start = START + timedelta(minutes=minute)
    timed = tuple(
        replace(
            span,
            id=f"{name}-{number}",
            start=start + timedelta(seconds=number),
            metadata={"tool_use_id": f"{name}-call-{number}", **span.metadata},
        )
        for number, span in enumerate(spans)
    )
    content = repr(timed)
    return Trace(
        platform="shelf",
        id=name,
        spans=timed,
        session_id=session,
        start=start,
        metadata={"cwd": cwd},
        content=content,
    )


def setup(key: bytes = b"k" * 32, extractors: tuple[Extractor, ...] | None = None) -> Setup:
    """Make a setup with the standard extractor and the detector above."""
    return Setup(
        extractors=extractors or (StandardExtractor(),), engines=(Engine(cls=BadLines),), policies=(POLICY,), key=key
    )


def scan(engine: Engine, snippets: Sequence[Snippet]) -> Mapping[str, Result]:
    """Run a detector in this process."""
    said = list(engine.cls().scan(snippets))
    return {
        snippet.digest: Result(
            tuple(one for one in said if isinstance(one, Finding) and one.snippet == snippet.digest),
            tuple(one for one in said if isinstance(one, Gap) and one.snippet == snippet.digest),
        )
        for snippet in snippets
    }


def vet_all(*traces: Trace) -> tuple[list[Verdict], Session]:
    """Vet traces of one session, one after the other."""
    session, verdicts = Session(id="s"), []
    for trace in traces:
        verdict, session = vet(trace, session, setup(), scan)
        verdicts.append(verdict)
    return verdicts, session
