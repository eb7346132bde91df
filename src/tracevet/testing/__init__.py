"""What tests of plugins are made of: a suite for each kind, builders, and emulators (the extra `tracevet[testing]`).

A suite holds what the host relies on, a test for each promise; subclass the one of your kind and give its fixtures:

    class TestMine(DetectorSuite):
        @pytest.fixture
        def detector(self) -> MyDetector:
            return MyDetector()

        @pytest.fixture
        def bad(self) -> list[Snippet]:
            return [snippet("eval(input())")]

        @pytest.fixture
        def good(self) -> list[Snippet]:
            return [snippet("int(input())")]

A test that fails says what is wrong; its docstring says what to fix. Where a promise can't be kept, override its test
and mark it `xfail` with the reason. `tracevet.testing.langfuse.LangfuseEmulator` and
`tracevet.testing.langsmith.LangSmithEmulator` are platforms on 127.0.0.1 that the real SDKs talk to;
`tracevet.testing.emulator.Emulator` is what they are made of. Names are loaded when first used: the emulators need no
pytest, and the suites no server.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracevet.testing.builders import alert, report, snippet, span, trace, verdict, violation
    from tracevet.testing.detector import DetectorSuite
    from tracevet.testing.extractor import ExtractorSuite
    from tracevet.testing.live import LiveSite, LiveSuite
    from tracevet.testing.notifier import NotifierSuite
    from tracevet.testing.reading import ReadingSuite
    from tracevet.testing.reporter import ReporterSuite
    from tracevet.testing.site import Site
    from tracevet.testing.writing import PlatformSuite, WritingSuite

_HOME = {
    "alert": "builders",
    "report": "builders",
    "snippet": "builders",
    "span": "builders",
    "trace": "builders",
    "verdict": "builders",
    "violation": "builders",
    "DetectorSuite": "detector",
    "ExtractorSuite": "extractor",
    "LiveSite": "live",
    "LiveSuite": "live",
    "NotifierSuite": "notifier",
    "PlatformSuite": "writing",
    "ReadingSuite": "reading",
    "ReporterSuite": "reporter",
    "Site": "site",
    "WritingSuite": "writing",
}

__all__ = [
    "DetectorSuite",
    "ExtractorSuite",
    "LiveSite",
    "LiveSuite",
    "NotifierSuite",
    "PlatformSuite",
    "ReadingSuite",
    "ReporterSuite",
    "Site",
    "WritingSuite",
    "alert",
    "report",
    "snippet",
    "span",
    "trace",
    "verdict",
    "violation",
]


def __getattr__(name: str) -> object:
    """Load a name from the module that is its home."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
