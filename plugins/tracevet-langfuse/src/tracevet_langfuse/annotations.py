"""Comments and the review queue: each thing once, though Langfuse would take it twice."""

from collections.abc import Callable, Iterator
from typing import Any

from tracevet import BusyError, Violation
from tracevet_langfuse.connection import Connection
from tracevet_langfuse.texts import comment, marker

LISTED = 100  # the server's limit


class Annotations:
    """Puts comments on observations and observations into the review queue."""

    def __init__(self, connection: Connection, queue: str) -> None:
        """Ask for nothing yet."""
        self._connection = connection
        self._name = queue
        self._queue: str | None = None
        self._items: set[str] | None = None  # objects in the queue

    def comment(self, kind: str, target: str, violation: Violation, identity: str) -> None:
        """Put the comment on a trace or observation that is readable, unless it is there.

        Raises:
            PlatformError: it is not there.
        """
        connection, comments = self._connection, self._connection.api.comments
        options = {"object_type": kind, "object_id": target}
        text = comment(violation, identity)

        def attempt() -> None:
            if not any(row.content.startswith(marker(identity)) for row in self._comments(**options)):
                project = connection.project
                connection.once("writing a comment", comments.create, project_id=project, content=text, **options)

        connection.patiently(attempt)

    def enqueue(self, target: str) -> bool:
        """Put an observation that is readable into the queue, unless it is there; False: there is no queue.

        Raises:
            PlatformError: it is not there.
        """
        queue = self.queue()
        if queue is None:
            return False
        queues = self._connection.api.annotation_queues

        def attempt() -> None:
            if target in self._queued(queue):
                return
            try:
                options = {"queue_id": queue, "object_id": target, "object_type": "OBSERVATION"}
                self._connection.once("filling the review queue", queues.create_queue_item, **options)
            except BusyError:
                self._items = None  # it may be there nevertheless
                raise
            self._queued(queue).add(target)

        self._connection.patiently(attempt)
        return True

    def queue(self) -> str | None:
        """Find the queue by its name."""
        if self._queue is None:
            queues = self._connection.api.annotation_queues
            found = self._paged("listing review queues", queues.list_queues)
            self._queue = next((str(queue.id) for queue in found if queue.name == self._name), None)
        return self._queue

    def _queued(self, queue: str) -> set[str]:
        if self._items is None:
            queues = self._connection.api.annotation_queues
            items = self._paged("listing the review queue", queues.list_queue_items, queue_id=queue)
            self._items = {str(item.object_id) for item in items}
        return self._items

    def _comments(self, **options: str) -> Iterator[Any]:
        yield from self._paged("listing comments", self._connection.api.comments.get, **options)

    def _paged(self, what: str, request: Callable[..., Any], **options: Any) -> Iterator[Any]:
        yield from paged(self._connection, what, request, **options)


def paged(connection: Connection, what: str, request: Callable[..., Any], **options: Any) -> Iterator[Any]:
    """Yield the things of a listing by numbered pages."""
    page = 1
    while True:
        answer = connection.call(what, request, page=page, limit=LISTED, **options)
        yield from answer.data
        if page >= answer.meta.total_pages:
            return
        page += 1
