"""A platform that keeps its promises, and some that break one each."""

import hashlib
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any, ClassVar

from shelf_server import PAGE

from tracevet import (
    BusyError,
    Cursor,
    Decision,
    GoneError,
    Page,
    Platform,
    PlatformError,
    Receipt,
    Review,
    Span,
    Status,
    Trace,
    Verdict,
    Window,
)

TRIES = 4


class Right(Platform):
    """Reads traces in the order in which they came; its cursor is the number of the last."""

    name: ClassVar[str] = "shelf"
    summary: ClassVar[str] = "Traces on a shelf."
    pages: ClassVar[int] = 1000

    def __init__(self, *, url: str = "") -> None:
        self.url = url

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        after = int(cursor or "0")
        for _ in range(self.pages):
            answer = self.ask(f"/traces?after={after}")
            rows = answer["traces"]
            after = rows[-1]["number"] if rows else after
            inside = tuple(self.trace(row) for row in rows if self.within(window, row))
            yield Page(traces=inside, cursor=self.cursor(after))
            if self.ends(answer):
                return

    def within(self, window: Window, row: dict[str, Any]) -> bool:
        end = datetime.fromisoformat(row["end"])
        return (window.start is None or window.start <= end) and (window.end is None or end < window.end)

    def cursor(self, after: int) -> Cursor:
        return Cursor(str(after))

    def ends(self, answer: dict[str, Any]) -> bool:
        return not answer["more"]

    def content(self, row: dict[str, Any]) -> str:
        return hashlib.sha256(json.dumps(row["spans"], sort_keys=True).encode()).hexdigest()

    def trace(self, row: dict[str, Any]) -> Trace:
        spans = tuple(self.span(each) for each in row["spans"])
        end = datetime.fromisoformat(row["end"])
        return Trace(platform=self.name, id=row["id"], spans=spans, content=self.content(row), end=end)

    def span(self, row: dict[str, Any]) -> Span:
        start, end = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])
        texts = {"input": row["input"], "output": row["output"]}
        return Span(id=row["id"], parent_id=row["parent"], start=start, end=end, **texts)

    def account(self) -> str:
        return "shelf one"

    def write(self, verdict: Verdict) -> Receipt:
        for each in verdict.violations:
            status = "open" if each.status is Status.OPEN else "cleared"
            self.note(verdict.trace.id, each.fingerprint, {"policy": each.policy, "status": status})
        return Receipt(verdict=verdict.id)

    def note(self, trace: str, key: str, body: dict[str, str]) -> None:
        self.ask(f"/notes/{trace}/{key}", "PUT", body)

    def preview(self, verdict: Verdict) -> Iterable[str]:
        return [f"a note on {each.policy}" for each in verdict.violations]

    def prepare(self) -> Iterable[str]:
        if not self.ask("/setups"):
            self.ask("/setups", "POST")
        yield "there is a board"

    def reviews(self, since: datetime | None) -> Iterator[Review]:
        for row in self.ask("/reviews"):
            at = datetime.fromisoformat(row["at"])
            if since is None or since <= at:
                yield Review(id=row["id"], trace=row["trace"], decision=Decision(row["decision"]), at=at)

    def ask(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Ask the server, again where it is busy."""
        data = None if body is None else json.dumps(body).encode()
        for tried in range(1, TRIES + 1):
            request = urllib.request.Request(self.url + self.path(path, tried), data, method=method)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                error.close()
                problem = self.problem(error.code, method)
                if not isinstance(problem, BusyError) or tried == self.patience(error.code, method):
                    raise problem from None
            except (HTTPException, OSError):
                if tried == self.patience(0, method):
                    raise BusyError("the shelf can't be reached; start it") from None
        raise BusyError("the shelf is busy; wait")

    def path(self, path: str, tried: int) -> str:
        return path

    def patience(self, status: int, method: str) -> int:
        return TRIES

    def problem(self, status: int, method: str) -> PlatformError:
        if status == 404:
            return GoneError("the trace is not there any more")
        kind = BusyError if status == 429 or status >= 500 else PlatformError
        return kind(f"the shelf answered {status}; look at its log")


class Twice(Right):
    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        for page in super().traces(window, cursor):
            yield page
            yield page


class Emptying(Right):
    def span(self, row: dict[str, Any]) -> Span:
        return super().span({**row, "output": None})


class Closed(Right):
    def within(self, window: Window, row: dict[str, Any]) -> bool:
        return super().within(window, row) or row["end"] == (window.end and window.end.isoformat())


class Bounded(Right):
    def within(self, window: Window, row: dict[str, Any]) -> bool:
        latest = datetime(2026, 11, 20, tzinfo=UTC) - timedelta(days=7)
        return super().within(Window(window.start or latest, window.end), row)


class Tired(Right):
    pages: ClassVar[int] = 5


class Counting(Right):
    """Takes a page that is not full for the last."""

    def ends(self, answer: dict[str, Any]) -> bool:
        return len(answer["traces"]) < PAGE


class Skipping(Right):
    def cursor(self, after: int) -> Cursor:
        return Cursor(str(after + 1))


class Changing(Right):
    def span(self, row: dict[str, Any]) -> Span:
        return super().span({**row, "input": row["input"] | {"n": uuid.uuid4().hex}})


class Shallow(Right):
    def content(self, row: dict[str, Any]) -> str:
        return str(row["id"])


class Impatient(Right):
    def patience(self, status: int, method: str) -> int:
        return 1 if status == 429 else TRIES


class Frail(Right):
    def patience(self, status: int, method: str) -> int:
        return TRIES if status or method == "PUT" else 1


class Silent(Right):
    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        try:
            yield from super().traces(window, cursor)
        except PlatformError:
            return


class Strict(Right):
    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        pages = list(super().traces(window, cursor))
        if pages[0].cursor == "0":
            raise PlatformError("the shelf is empty; fill it")
        yield from pages


class Renamed(Right):
    def account(self) -> str:
        return uuid.uuid4().hex


class Mistaken(Right):
    def note(self, trace: str, key: str, body: dict[str, str]) -> None:
        super().note(trace, key, {**body, "policy": "other"})


class Spilling(Right):
    def note(self, trace: str, key: str, body: dict[str, str]) -> None:
        super().note(trace, key, body)
        for row in self.ask("/traces")["traces"]:
            super().note(row["id"], key, body)


class Appending(Right):
    def write(self, verdict: Verdict) -> Receipt:
        receipt = super().write(verdict)
        self.note(verdict.trace.id, uuid.uuid4().hex, {"policy": "seen", "status": "note"})
        return receipt


class Unordered(Right):
    def write_all(self, verdicts: Sequence[Verdict]) -> Sequence[Receipt | PlatformError]:
        return super().write_all(verdicts)[::-1]


class Dropping(Right):
    def write(self, verdict: Verdict) -> Receipt:
        try:
            return super().write(verdict)
        except GoneError:
            raise
        except PlatformError:
            return Receipt(verdict=verdict.id)


class Hasty(Right):
    def problem(self, status: int, method: str) -> PlatformError:
        return KeyError() if status == 429 and method == "PUT" else super().problem(status, method)  # type: ignore[return-value]

    def note(self, trace: str, key: str, body: dict[str, str]) -> None:
        try:
            super().note(trace, key, body)
        except KeyError:
            return


class Restless(Right):
    def path(self, path: str, tried: int) -> str:
        return f"{path}{tried}" if path.startswith("/notes/") and tried > 1 else path


class Keeping(Right):
    def note(self, trace: str, key: str, body: dict[str, str]) -> None:
        super().note(trace, key, {**body, "status": "open"})


class Creating(Right):
    def prepare(self) -> Iterable[str]:
        self.ask("/setups", "POST")
        yield "there is a board"


class Previewing(Right):
    def preview(self, verdict: Verdict) -> Iterable[str]:
        self.write(verdict)
        return super().preview(verdict)


class Echoing(Right):
    def reviews(self, since: datetime | None) -> Iterator[Review]:
        yield from super().reviews(since)
        for trace in self.ask("/notes") if since is None else ():
            yield Review(id=trace, trace=trace, decision=Decision.CONFIRMED, at=datetime.now(UTC))


class Deaf(Right):
    def reviews(self, since: datetime | None) -> Iterator[Review]:
        return iter(())


class Repeating(Right):
    def reviews(self, since: datetime | None) -> Iterator[Review]:
        return super().reviews(None)


class Stubborn(Right):
    def problem(self, status: int, method: str) -> PlatformError:
        return PlatformError("it failed; try again") if status == 404 else super().problem(status, method)


class Touching(Right):
    def content(self, row: dict[str, Any]) -> str:
        return f"{super().content(row)} {self.ask('/notes').get(row['id'], 0)}"
