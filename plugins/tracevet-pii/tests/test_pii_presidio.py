"""The optional engine, with presidio itself; skipped where the extra is not installed."""

import pytest

from tracevet import Finding, PluginError, Snippet, Surface
from tracevet_pii import PiiDetector
from tracevet_pii.presidio import installed

pytestmark = [
    pytest.mark.skipif(not installed(), reason="needs the extra tracevet-pii[presidio]"),
    pytest.mark.filterwarnings("ignore"),  # spaCy's and presidio's own dependencies warn as they load
]


@pytest.fixture(scope="module")
def presidio() -> PiiDetector:
    """The detector with presidio, without a model."""
    return PiiDetector(engine="presidio")


def _scan(detector: PiiDetector, text: str, language: str = "text") -> list[Finding]:
    return list(detector.scan([Snippet(text=text, surface=Surface.PROMPT, language=language, span="", pointer="")]))


def test_presidio_adds_its_types_in_prose_to_our_own(presidio: PiiDetector) -> None:
    text = "Her US passport number is A41283956, mail ana@lumenta.io"
    found = {(each.rule, text[each.region.start : each.region.end]) for each in _scan(presidio, text)}
    assert found == {("pii-passport", "A41283956"), ("pii-email", "ana@lumenta.io")}


def test_presidio_stays_out_of_code(presidio: PiiDetector) -> None:
    assert _scan(presidio, "passport = 'A41283956'", "python") == []


def test_a_model_that_is_not_installed_is_not_downloaded() -> None:
    with pytest.raises(PluginError, match="the spaCy model 'en_no_such' is not installed"):
        PiiDetector(engine="presidio", model="en_no_such")


@pytest.mark.parametrize("text", ["\ud800 passport \x00", "", "a" * 250_000])
def test_hostile_prose_does_not_raise(presidio: PiiDetector, text: str) -> None:
    assert _scan(presidio, text) == []
