"""The mask function that adds policy tags: it chains, keeps to its budget, and never raises."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from langfuse.types import MaskOtelSpansParams, MaskOtelSpansResult, OtelSpanData, OtelSpanIdentifier, OtelSpanPatch

from tracevet_langfuse import PolicyTags, policy_tags
from tracevet_langfuse.masking import TAGS

BAD = "```python\nimport subprocess\nsubprocess.call(command, shell=True)\n```"
PATIENT_MS = 60_000.0


def batch(*spans: tuple[str, str, Mapping[str, Any]]) -> MaskOtelSpansParams:
    """Make a batch of spans: trace, id, attributes."""
    found = {}
    for trace, span, attributes in spans:
        name = OtelSpanIdentifier(trace, span)
        found[name] = OtelSpanData(trace, span, None, "step", "langfuse-sdk", "5", attributes, {})
    return MaskOtelSpansParams(spans=MappingProxyType(found))


def said(text: object) -> dict[str, Any]:
    """Give the attributes of a generation that said something."""
    return {"langfuse.observation.type": "generation", "langfuse.observation.output": text}


def tags(result: MaskOtelSpansResult | None) -> dict[str, Any]:
    """Give the tags by span."""
    patches = result.span_patches if result else {}
    found: dict[str, Mapping[str, Any]] = {
        name.span_id: patch.set_attributes for name, patch in patches.items() if patch
    }
    return {name: list(attributes.get(TAGS, ())) for name, attributes in found.items()}


@pytest.fixture(scope="module")
def mask() -> PolicyTags:
    """Make a function that waits as long as it takes."""
    return policy_tags(budget_ms=PATIENT_MS)


def test_what_violates_is_tagged_and_so_are_the_traces_later_spans(mask: PolicyTags) -> None:
    first = tags(mask(params=batch(("t1", "a", said(BAD)), ("t2", "b", said("fine")))))
    assert list(first) == ["a"]
    assert first["a"]
    assert all(tag.startswith("policy:") for tag in first["a"])
    later = tags(mask(params=batch(("t1", "root", {TAGS: ("own",)}), ("t2", "c", {}))))
    assert later == {"root": ["own", *first["a"]]}


def test_without_tags_the_applications_result_goes_through() -> None:
    result = MaskOtelSpansResult()
    chained = policy_tags(lambda params: result, budget_ms=PATIENT_MS)
    assert chained(params=batch(("t", "a", said("fine")))) is result


def test_what_the_application_masks_is_not_tagged_and_stays_masked() -> None:
    def own(*, params: MaskOtelSpansParams) -> MaskOtelSpansResult:
        patch = OtelSpanPatch(set_attributes=said("hidden"), delete_attributes=("secret",))
        return MaskOtelSpansResult(span_patches={name: patch for name in params.spans if name.span_id == "a"})

    chained = policy_tags(own, budget_ms=PATIENT_MS)
    result = chained(params=batch(("t1", "a", said(BAD)), ("t2", "b", said(BAD))))
    assert list(tags(result)) == ["a", "b"]
    assert tags(result)["a"] == []
    assert tags(result)["b"]


def test_a_mask_that_fails_fails_as_it_does_alone() -> None:
    def own(*, params: MaskOtelSpansParams) -> MaskOtelSpansResult:
        raise ValueError("the application's own")

    with pytest.raises(ValueError, match="own"):  # the SDK drops the batch: nothing unmasked is sent
        policy_tags(own)(params=batch(("t", "a", said(BAD))))


def test_beyond_the_budget_the_tags_are_missing_and_known_later() -> None:
    hasty = policy_tags(budget_ms=0.0)
    params = batch(("t", "a", said(BAD)))
    assert hasty(params=params) is None
    patient = PolicyTags(None, hasty._check, PATIENT_MS / 1000)
    assert tags(patient(params=batch(("t", "root", {}))))["root"]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda: batch(("t", "a", {TAGS: 7, "langfuse.observation.output": object()})), id="odd values"),
        pytest.param(lambda: batch(("t", "a", said("\ud800" + BAD))), id="surrogates"),
        pytest.param(lambda: batch(("t", "a", said("[" * 100_000))), id="nesting"),
        pytest.param(lambda: batch(("t", "a", said(None))), id="nothing"),
        pytest.param(lambda: MaskOtelSpansParams(spans={}), id="no spans"),
        pytest.param(lambda: None, id="no batch"),
    ],
)
def test_it_never_raises(mask: PolicyTags, spoil: Callable[[], Any]) -> None:
    mask(params=spoil())


def test_a_wrong_configuration_leaves_the_spans_as_they_are(tmp_path: Any) -> None:
    (tmp_path / "tracevet.toml").write_text("[nothing]\n")
    off = policy_tags(budget_ms=200.0, config=tmp_path / "tracevet.toml")
    for number in range(3):
        assert off(params=batch((f"t{number}", "a", said(BAD)))) is None
