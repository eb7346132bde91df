"""The annotation queue: runs that a person should look at, each once, though LangSmith would take one twice."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tracevet import BusyError
from tracevet_langsmith.connection import LISTED, Connection, Row
from tracevet_langsmith.failures import ConflictError
from tracevet_langsmith.marks import Subject, identity

PATH = "/api/v1/annotation-queues"
SECTIONS = ("needs_my_review", "needs_others_review", "archived")
FILL = "filling the annotation queue"


class Queue:
    """One annotation queue, found by its name."""

    def __init__(self, connection: Connection, name: str) -> None:
        """Ask for nothing yet."""
        self._connection = connection
        self._name = name
        self._id: str | None = None
        self._runs: set[str] | None = None  # what is in it

    def find(self) -> str | None:
        """Give the queue's id, or None where there is no such queue.

        Raises:
            PlatformError: the server can't be asked.
        """
        if self._id is None:
            rows = self._connection.listed("listing annotation queues", PATH, name=self._name)
            self._id = next((str(row.get("id")) for row in rows if row.get("name") == self._name), None)
        return self._id

    def create(self, options: Mapping[str, object]) -> None:
        """Make the queue, unless it is there; its id follows from workspace and name.

        Raises:
            PlatformError: it could not be made.
        """
        body = {"id": identity(self._connection.workspace, "queue", self._name), "name": self._name, **options}

        def attempt() -> None:
            if self.find() is None:
                try:
                    self._connection.post("creating the annotation queue", PATH, body)
                except ConflictError:
                    self._id = str(body["id"])

        self._connection.patiently(attempt)

    def add(self, run: str, subject: Subject) -> bool:
        """Put a run into the queue, unless it is there; False: there is no queue.

        Raises:
            PlatformError: it is not there.
        """
        queue = self.find()
        if queue is None:
            return False

        def attempt() -> None:
            if run in self._queued(queue):
                return
            try:
                self._send(queue, run, subject)
            except BusyError:
                self._runs = None  # it may be there nevertheless
                raise
            self._queued(queue).add(run)

        self._connection.patiently(attempt)
        return True

    def _send(self, queue: str, run: str, subject: Subject) -> None:
        start = (subject.runs[run] or datetime.now(UTC)).isoformat()
        if self._connection.has_items:
            item = {"item_type": "RUN", "run_id": run, "project_id": subject.project, "start_time": start}
            create = self._connection.client.annotation_queues.items.with_raw_response.create
            self._connection.once(FILL, create, queue_id=queue, items=[item], extend_trace_retention=False)
        else:
            key = {"run_id": run, "session_id": subject.project, "start_time": start}
            self._connection.post(FILL, f"{PATH}/{queue}/runs/by-key", [key])

    def _queued(self, queue: str) -> set[str]:
        if self._runs is None:
            list_: Callable[[str], Iterator[Row]] = self._items if self._connection.has_items else self._listed
            self._runs = {str(row.get("run_id") or row.get("id")) for row in list_(queue)}
        return self._runs

    def _items(self, queue: str) -> Iterator[Row]:
        request = self._connection.client.annotation_queues.items.with_raw_response.list
        for section in SECTIONS:
            cursor: Any = None
            while True:
                place = {"queue_id": queue, "status": section, "cursor": cursor}
                answer = self._connection.call("listing the annotation queue", request, page_size=LISTED, **place)
                yield from answer.get("items") or ()
                cursor = answer.get("next_cursor")
                if not cursor:
                    break

    def _listed(self, queue: str) -> Iterator[Row]:
        for archived in (None, True):
            path = f"{PATH}/{queue}/runs"
            yield from self._connection.listed("listing the annotation queue", path, archived=archived)
