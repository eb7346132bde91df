"""Vetting whole exports, on the cores of this machine or on a cluster: engines move data, the pipeline vets."""

from tracevet.backfill.engines import BackfillEngine, find_engine
from tracevet.backfill.job import BackfillJob
from tracevet.backfill.plan import Plan, make_plan
from tracevet.backfill.rows import Row
from tracevet.backfill.told import Event, Lost, Read, Vetted
from tracevet.backfill.vetting import Vetter

__all__ = [
    "BackfillEngine",
    "BackfillJob",
    "Event",
    "Lost",
    "Plan",
    "Read",
    "Row",
    "Vetted",
    "Vetter",
    "find_engine",
    "make_plan",
]
