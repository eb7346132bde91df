"""Everything that one workspace of the emulated server holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from tracevet.testing.langfuse.arrivals import Arrivals
from tracevet.testing.langsmith.answers import Row
from tracevet.testing.langsmith.runs import Runs


@dataclass(slots=True, kw_only=True)
class Workspace:
    """One workspace with its key and its data; the lists are oldest first."""

    id: str
    name: str
    api_key: str = field(repr=False)
    arrivals: Arrivals
    runs: Runs = field(default_factory=Runs)
    projects: dict[str, Row] = field(default_factory=dict)  # by id
    feedback: dict[str, Row] = field(default_factory=dict)  # by id
    accepted: set[str] = field(default_factory=set)  # ids of feedback, readable or not
    configs: list[Row] = field(default_factory=list)
    queues: list[Row] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)
    views: list[Row] = field(default_factory=list)
    sections: list[Row] = field(default_factory=list)  # of charts
    charts: list[Row] = field(default_factory=list)
    long_traces: set[str] = field(default_factory=set)  # in extended retention
    _by_run: dict[str, list[str]] = field(default_factory=dict)

    def project_named(self, name: str) -> Row | None:
        """Find a project by its name."""
        return next((row for row in self.projects.values() if row["name"] == name), None)

    def ensure_project(self, name: str, *, now: str) -> Row:
        """Find a project by its name, or create it, as the first run that names it does."""
        return self.project_named(name) or self.add_project({"name": name}, now=now)

    def add_project(self, fields: Row, *, now: str) -> Row:
        """Create a project."""
        key = fields.get("id") or str(uuid5(UUID(self.id), fields["name"]))
        row = {"id": key, "name": fields["name"], "tenant_id": self.id}
        row |= {"start_time": fields.get("start_time") or now, "end_time": fields.get("end_time")}
        row |= {key: fields.get(key) for key in ("description", "extra", "reference_dataset_id", "default_dataset_id")}
        self.projects[row["id"]] = row
        return row

    def put_feedback(self, row: Row) -> None:
        """Make feedback readable; that of the same id is replaced."""
        self.remove_feedback(row["id"])
        self.feedback[row["id"]] = row
        self._by_run.setdefault(row["run_id"] or "", []).append(row["id"])

    def remove_feedback(self, feedback: str) -> None:
        """Delete feedback, readable or not."""
        row = self.feedback.pop(feedback, None)
        if row is not None:
            self._by_run[row["run_id"] or ""].remove(feedback)

    def feedback_on(self, run: str) -> Iterator[Row]:
        """Give the feedback on a run, oldest first."""
        return (self.feedback[key] for key in self._by_run.get(run, ()))

    def queue(self, queue: str) -> Row | None:
        """Find an annotation queue."""
        return next((row for row in self.queues if row["id"] == queue), None)

    def config(self, key: str) -> Row | None:
        """Find the first feedback config of a key."""
        return next((row for row in self.configs if row["feedback_key"] == key), None)

    def delete_trace(self, trace: str) -> None:
        """Delete a trace with its feedback and its places in queues."""
        gone = {row["id"] for row in self.runs.of_trace(trace)}
        self.runs.drop(gone)
        for run in gone:
            for key in list(self._by_run.pop(run, ())):
                self.feedback.pop(key, None)
        self.items[:] = [row for row in self.items if row["run_id"] not in gone]
        self.long_traces.discard(trace)
