"""A connection to Ray: a cluster that is there, or one on this machine that goes when we do."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def connected(address: str | None, spool: Path | None) -> Iterator[Any]:
    """Give the module `ray`, connected; nothing is sent to anyone, and no dashboard is opened.

    A connection that this process has already is used, and left open.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    ours = not ray.is_initialized()
    if ours:
        options: dict[str, Any] = {"address": address} if address else {"include_dashboard": False}
        if spool and not address:
            options["object_spilling_directory"] = str(spool.absolute())
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        yield ray
    finally:
        if ours:
            ray.shutdown()
