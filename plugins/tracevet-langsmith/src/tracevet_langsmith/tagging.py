"""Policy tags on runs before they leave the application: a function for `Client(process_buffered_run_ops=…)`."""

import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracevet import Trace, langsmith_trace
from tracevet_langsmith.reading import OWN_TAG
from tracevet_langsmith.sent import FIELDS

if TYPE_CHECKING:
    from tracevet import QuickCheck

KNOWN = 10_000  # runs whose tags are remembered
QUICK = ("astgrep", "bandit", "secrets")  # they read a short snippet in some milliseconds

Process = Callable[[Sequence[dict[str, Any]]], Sequence[dict[str, Any]]]

log = logging.getLogger("tracevet.live")


def policy_tags(
    process: Process | None = None,
    *,
    budget_ms: float = 50.0,
    detectors: Collection[str] = QUICK,
    longest: int = 20_000,
    config: str | Path | None = None,
) -> "PolicyTags":
    """Give a function for the client's run buffer that adds a tag `policy:<id>` for each policy its traces violate.

    A trace's later runs carry the tags of the earlier ones; the root ends last, so its end has them all. It runs on
    the SDK's own threads and holds a batch up for the budget at most: what is not known by then is missing. The
    runs keep their ids and their order, whatever happens.

    Args:
        process: the application's own function; it comes first, and what it raises is its own.
        budget_ms: milliseconds for one batch.
        detectors: names of the detectors that are asked; one that is not installed is left out.
        longest: characters of a snippet that is still looked at.
        config: configuration; none is ./tracevet.toml, else the one in the user's configuration directory.
    """
    from tracevet import QuickCheck  # with it comes all that vets

    return PolicyTags(process, QuickCheck(detectors, config=config, longest=longest), budget_ms / 1000)


class PolicyTags:
    """The function for the run buffer."""

    def __init__(self, inner: Process | None, check: "QuickCheck", seconds: float) -> None:
        """Use `policy_tags`."""
        self.inner, self._check, self._seconds = inner, check, seconds
        self._tags: OrderedDict[str, list[str]] = OrderedDict()  # of the last runs, without ours

    def __call__(self, runs: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        """Do what the application's function does, then tag; without tags its result goes through as it is."""
        result = self.inner(runs) if self.inner is not None else runs
        try:
            return self._tagged(list(result))
        except Exception as error:  # the SDK would drop the batch
            log.debug("no policy tags: %s", type(error).__name__)
            return result

    def _tagged(self, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        violated = self._check.policies(_traces(runs), self._seconds)
        return [self._with(run, violated.get(_trace_id(run), ())) for run in runs]

    def _with(self, run: dict[str, Any], policies: Collection[str]) -> dict[str, Any]:
        """Add the tags to those that the run has; where those can't be known, an end would replace them."""
        name, tags = str(run.get("id")), run.get("tags")
        if tags is None and not run.get("start_time"):
            tags = self._tags.get(name)
        else:
            tags = list(tags or ())
            self._tags[name] = tags
            while len(self._tags) > KNOWN:
                self._tags.popitem(last=False)
        if not policies or tags is None:
            return run
        ours = [f"{OWN_TAG}{policy}" for policy in sorted(policies)]
        return {**run, "tags": list(dict.fromkeys([*tags, *ours]))}


def _traces(runs: Sequence[Mapping[str, Any]]) -> list[Trace]:
    found: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        found.setdefault(_trace_id(run), []).append({**run, "id": str(run.get("id")), "trace_id": _trace_id(run)})
    return [langsmith_trace([_plain(row) for row in rows]) for rows in found.values()]


def _trace_id(run: Mapping[str, Any]) -> str:
    return str(run.get("trace_id") or run.get("id"))


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a run as JSON would hold it; what JSON can't hold is left out, as the SDK writes it in its own words."""
    kept = {key: row[key] for key in FIELDS if row.get(key) is not None}
    plain: dict[str, Any] = json.loads(json.dumps(kept, default=str, skipkeys=True))
    return plain
