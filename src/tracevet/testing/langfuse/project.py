"""Everything that one project of the emulated server holds."""

from dataclasses import dataclass, field

from tracevet.testing.langfuse.answers import Row
from tracevet.testing.langfuse.arrivals import Arrivals
from tracevet.testing.langfuse.rows import Observations
from tracevet.testing.langfuse.scores import Scores


@dataclass(slots=True, kw_only=True)
class Project:
    """One project with its keys and its data; the lists are oldest first."""

    id: str
    name: str
    public_key: str
    secret_key: str = field(repr=False)
    arrivals: Arrivals
    observations: Observations = field(default_factory=Observations)
    scores: Scores = field(default_factory=Scores)
    traces: dict[str, Row] = field(default_factory=dict)  # what trace-create events said, by trace id
    configs: list[Row] = field(default_factory=list)
    comments: list[Row] = field(default_factory=list)
    queues: list[Row] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)
    dashboards: list[Row] = field(default_factory=list)
    widgets: list[Row] = field(default_factory=list)  # charts, on a dashboard or not

    def config(self, config_id: str | None) -> Row | None:
        """Find a score config."""
        return next((row for row in self.configs if row["id"] == config_id), None)

    def delete_trace(self, trace: str) -> None:
        """Delete a trace with its observations and scores, as Langfuse does; comments and queue items stay."""
        self.observations.delete(trace)
        self.traces.pop(trace, None)
        self.scores.delete_trace(trace)
