"""A plugin as it was written for the first version of the hooks. It stays as it is: what it uses must go on working."""

from collections.abc import Iterable, Iterator, Sequence

from tracevet import (
    Confidence,
    Cursor,
    Detector,
    Extractor,
    Finding,
    Gap,
    GapReason,
    Notifier,
    Page,
    Platform,
    Policy,
    PolicyPack,
    Receipt,
    Region,
    Report,
    Reporter,
    Severity,
    Snippet,
    Span,
    Surface,
    Trace,
    Verdict,
    Window,
    hookimpl,
)


class FirstPlatform(Platform):
    name = "first"
    summary = "One trace."

    def __init__(self, *, text: str = "BAD") -> None:
        self.text = text
        self.written: list[str] = []

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        span = Span(id="s1", input=self.text)
        yield Page(traces=(Trace(platform="first", id="t1", spans=(span,)),), cursor=Cursor("1"))

    def write(self, verdict: Verdict) -> Receipt:
        self.written.append(verdict.id)
        return Receipt(verdict=verdict.id, written=("1",))


class FirstExtractor(Extractor):
    name = "first"
    summary = "The inputs of spans."

    def extract(self, trace: Trace) -> Iterable[Snippet | Gap]:
        for span in trace.spans:
            if isinstance(span.input, str):
                yield Snippet(
                    text=span.input, surface=Surface.APPLIED, language="python", span=span.id, pointer="/input"
                )
            else:
                yield Gap(reason=GapReason.MALFORMED, detail="no text", span=span.id)


class FirstDetector(Detector):
    name = "first"
    summary = "Finds a word."
    languages = frozenset({"python"})
    surfaces = frozenset({Surface.APPLIED})
    version = "1"

    def __init__(self, *, words: tuple[str, ...] = ("BAD",)) -> None:
        self.words = words

    def scan(self, snippets: Sequence[Snippet]) -> Iterable[Finding | Gap]:
        for snippet in snippets:
            for word in self.words:
                if word in snippet.text:
                    yield Finding(
                        snippet=snippet.digest,
                        detector=self.name,
                        rule="F1",
                        message="the word stands there",
                        cwe=("CWE-89",),
                        severity=Severity.HIGH,
                        confidence=Confidence.HIGH,
                        region=Region.whole(snippet.text),
                    )


class FirstNotifier(Notifier):
    name = "first"
    summary = "Tells nobody."

    def notify(self, alert: object) -> None:
        return None


class FirstReporter(Reporter):
    name = "first"
    summary = "The outcomes."

    def render(self, report: Report) -> bytes:
        return "\n".join(f"{verdict.trace.id} {verdict.outcome}" for verdict in report.verdicts).encode()


@hookimpl
def register_platforms() -> Iterable[type[Platform]]:
    return [FirstPlatform]


@hookimpl
def register_extractors() -> Iterable[type[Extractor]]:
    return [FirstExtractor]


@hookimpl
def register_detectors() -> Iterable[type[Detector]]:
    return [FirstDetector]


@hookimpl
def register_policies() -> Iterable[PolicyPack]:
    policy = Policy(
        id="no-bad",
        title="Nothing bad",
        category="test",
        severity=Severity.HIGH,
        rules=("first:F1",),
        recommendation="Write something good.",
    )
    return [PolicyPack(name="first", policies=(policy,))]


@hookimpl
def register_notifiers() -> Iterable[type[Notifier]]:
    return [FirstNotifier]


@hookimpl
def register_reporters() -> Iterable[type[Reporter]]:
    return [FirstReporter]
