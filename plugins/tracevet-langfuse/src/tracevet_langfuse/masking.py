"""Policy tags on spans before they leave the application: a function for `Langfuse(mask_otel_spans=…)`."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracevet import Trace, langfuse_trace
from tracevet_langfuse.observed import observation, plain
from tracevet_langfuse.rows import ours

if TYPE_CHECKING:
    from langfuse.types import MaskOtelSpansParams, MaskOtelSpansResult

    from tracevet import QuickCheck

TAGS = "langfuse.trace.tags"
PREFIX = "policy:"
QUICK = ("astgrep", "bandit", "secrets")  # they read a short snippet in some milliseconds

Mask = Callable[..., "MaskOtelSpansResult | None"]

log = logging.getLogger("tracevet.live")


def policy_tags(
    mask: Mask | None = None,
    *,
    budget_ms: float = 50.0,
    detectors: Collection[str] = QUICK,
    longest: int = 20_000,
    config: str | Path | None = None,
) -> "PolicyTags":
    """Give a mask function that adds the tag `policy:<id>` for each policy that a trace's spans violate.

    A trace's later spans carry the tags of the earlier ones; the root ends last, so the trace has them all. It is
    called on the thread that exports, and holds a batch up for the budget at most: what is not known by then is
    missing, on these spans.

    Args:
        mask: the application's own function; it comes first, and what it raises drops the batch as it does alone.
        budget_ms: milliseconds for one batch.
        detectors: names of the detectors that are asked; one that is not installed is left out.
        longest: characters of a snippet that is still looked at.
        config: configuration; none is ./tracevet.toml, else the one in the user's configuration directory.
    """
    from tracevet import QuickCheck  # with it comes all that vets

    return PolicyTags(mask, QuickCheck(detectors, config=config, longest=longest), budget_ms / 1000)


class PolicyTags:
    """The mask function."""

    def __init__(self, inner: Mask | None, check: "QuickCheck", seconds: float) -> None:
        """Use `policy_tags`."""
        self.inner, self._check, self._seconds = inner, check, seconds

    def __call__(self, *, params: "MaskOtelSpansParams") -> "MaskOtelSpansResult | None":
        """Mask as the application does, then tag; without tags its result goes through as it is."""
        result = self.inner(params=params) if self.inner is not None else None
        try:
            return self._tagged(params, result)
        except Exception as error:  # the SDK would drop the batch
            log.debug("no policy tags: %s", type(error).__name__)
            return result

    def _tagged(self, params: "MaskOtelSpansParams", result: Any) -> "MaskOtelSpansResult | None":
        from langfuse.types import MaskOtelSpansResult, OtelSpanPatch

        patches = dict(result.span_patches) if result is not None else {}
        spans = {name: _patched(span.attributes, patches.get(name)) for name, span in params.spans.items()}
        traces = _traces((params.spans[name], attributes) for name, attributes in spans.items())
        violated = self._check.policies(traces, self._seconds)
        for name, attributes in spans.items():
            tags = [f"{PREFIX}{policy}" for policy in sorted(violated.get(name.trace_id, ()))]
            if tags:
                patch = patches.get(name) or OtelSpanPatch()
                every = {**patch.set_attributes, TAGS: _union(attributes.get(TAGS), tags)}
                patches[name] = OtelSpanPatch(set_attributes=every, delete_attributes=patch.delete_attributes)
        return MaskOtelSpansResult(span_patches=patches) if patches else result


def _patched(attributes: Mapping[str, Any], patch: Any) -> dict[str, Any]:
    """Give a span's attributes as they are exported."""
    if patch is None:
        return dict(attributes)
    kept = {key: value for key, value in attributes.items() if key not in patch.delete_attributes}
    return {**kept, **patch.set_attributes}


def _traces(spans: Iterable[tuple[Any, Mapping[str, Any]]]) -> list[Trace]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for span, attributes in spans:
        sent = {
            "trace": span.trace_id,
            "id": span.span_id,
            "parent": span.parent_span_id,
            "name": span.name,
            "start": None,
            "end": None,
            "attributes": plain(attributes),
            "events": [],
            "resource": plain(span.resource_attributes),
            "scope": [span.instrumentation_scope_name or "", span.instrumentation_scope_version or "", {}],
        }
        rows.setdefault(span.trace_id, []).append(observation(sent))
    return [langfuse_trace(kept) for found in rows.values() if (kept := ours(found))]


def _union(tags: Any, ours_: list[str]) -> list[str]:
    present = [tags] if isinstance(tags, str) else list(tags or ())
    return list(dict.fromkeys([*map(str, present), *ours_]))
