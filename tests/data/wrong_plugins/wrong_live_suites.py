"""Live platforms that are wrong on purpose, for an SDK of a few lines; `breaks` names the promise."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from tracevet import Cursor, Json, LivePlatform, LiveSpan, Page, Receipt, Span, Tap, Trace, Verdict, Window
from tracevet.testing import LiveSite, LiveSuite

Row = dict[str, Any]
SERVERS: dict[str, list[Row]] = {}  # by key
KEY = "SHELF_KEY"


class Client:
    """The SDK: sends rows to the server of its key, then calls who listens."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.listeners: list[Callable[[Row], None]] = []

    def send(self, row: Row) -> None:
        SERVERS[self.key].append(dict(row))
        for listener in list(self.listeners):
            listener(row)


class RightTap(Tap):
    def __init__(self, client: Client) -> None:
        self.client = client

    def environment(self) -> Mapping[str, str]:
        return {KEY: self.client.key}

    def open(self, on_span: Callable[[object], None], on_flush: Callable[[float], None]) -> Callable[[], None]:
        listeners = self.client.listeners
        listeners.append(on_span)
        return lambda: listeners.remove(on_span) if on_span in listeners else None

    def trace(self, span: object) -> str:
        return str(row(span)["trace"])

    def read(self, span: object) -> LiveSpan | None:
        data = row(span)
        return LiveSpan(trace=self.trace(span), data={**data}, last=data["parent"] is None)


class Right(LivePlatform):
    name: ClassVar[str] = "shelf"
    summary: ClassVar[str] = "Rows on a shelf."
    tapped: ClassVar[Callable[[Client], Tap]] = RightTap

    @classmethod
    def tap(cls, client: object) -> Tap | None:
        return cls.tapped(client) if isinstance(client, Client) else None

    def __init__(self, *, key: str = "") -> None:
        import os

        self.key = key or os.environ[KEY]

    def account(self) -> str:
        return self.key

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        traces = {each["trace"] for each in SERVERS[self.key]}
        made = [self.made([each for each in SERVERS[self.key] if each["trace"] == one]) for one in sorted(traces)]
        yield Page(traces=tuple(made))

    def made(self, rows: Sequence[Row]) -> Trace:
        by_id = {each["id"]: each for each in rows}
        spans = tuple(
            Span(id=each["id"], parent_id=each["parent"], input=each["text"]) for _, each in sorted(by_id.items())
        )
        return Trace(platform=self.name, id=rows[0]["trace"], spans=spans, content=" ".join(sorted(by_id)))

    def assemble(self, spans: Sequence[Json], account: str) -> Trace | None:
        return self.made([row(span) for span in spans]) if spans else None

    def write(self, verdict: Verdict) -> Receipt:
        return Receipt(verdict=verdict.id)


def row(span: object) -> Row:
    assert isinstance(span, dict)
    return span


class Grasping(Right):
    """Takes everybody for a client."""

    @classmethod
    def tap(cls, client: object) -> Tap | None:
        return RightTap(client)  # type: ignore[arg-type]  # wrong on purpose


class MisnamingTap(RightTap):
    def trace(self, span: object) -> str:
        return str(row(span)["trace"]) if row(span)["parent"] else "root"

    def read(self, span: object) -> LiveSpan | None:
        return RightTap(self.client).read(span)


class AddingTap(RightTap):
    """Marks what the application sends."""

    def open(self, on_span: Callable[[object], None], on_flush: Callable[[float], None]) -> Callable[[], None]:
        def mark(span: object) -> None:
            SERVERS[self.client.key].append({**row(span), "name": "tracevet"})
            on_span(span)

        return super().open(mark, on_flush)


class ClingingTap(RightTap):
    def open(self, on_span: Callable[[object], None], on_flush: Callable[[float], None]) -> Callable[[], None]:
        super().open(on_span, on_flush)
        return lambda: None


class ObjectTap(RightTap):
    """Reads what is no JSON, though it goes as such for whoever stays in the process."""

    def read(self, span: object) -> LiveSpan | None:
        read = super().read(span)
        assert read is not None
        return LiveSpan(trace=read.trace, data={**row(span), "set": {1}}, last=read.last)  # type: ignore[dict-item]


class EndlessTap(RightTap):
    def read(self, span: object) -> LiveSpan | None:
        return LiveSpan(trace=self.trace(span), data=row(span))


class ElsewhereTap(RightTap):
    def environment(self) -> Mapping[str, str]:
        return {KEY: "another"}


def tapping(tap: type[Tap]) -> type[Right]:
    """Make the platform with another tap."""
    return type(tap.__name__, (Right,), {"tapped": tap})


class Ordered(Right):
    """Believes in the order of spans."""

    def made(self, rows: Sequence[Row]) -> Trace:
        trace = super().made(rows)
        return Trace(platform=trace.platform, id=trace.id, spans=trace.spans, content=trace.content, name=rows[0]["id"])


class Other(Right):
    def assemble(self, spans: Sequence[Json], account: str) -> Trace | None:
        made = super().assemble(spans, account)
        return made and Trace(platform=made.platform, id=made.id, spans=made.spans, content="live")


class Inventing(Right):
    def assemble(self, spans: Sequence[Json], account: str) -> Trace | None:
        return super().assemble(spans, account) or Trace(platform=self.name, id="none", spans=())


class Application(LiveSite):
    def __init__(self, cls: type[Right]) -> None:
        self.key = uuid4().hex
        SERVERS[self.key] = []
        self.client: Client = Client(self.key)
        self.cls, self.known, self.turns = cls, 0, 0

    def open(self) -> LivePlatform:
        return self.cls()

    def work(self) -> str:
        self.turns += 1
        trace = f"t{self.turns}"
        for number in (2, 1):
            parent = f"{trace}-1" if number > 1 else None
            self.client.send({"id": f"{trace}-{number}", "trace": trace, "parent": parent, "text": "x", "name": "call"})
        return trace

    def sent(self) -> Sequence[object]:
        rows = SERVERS[self.key][self.known :]
        self.known += len(rows)
        return [(each["name"], each["text"]) for each in rows]


class Base(LiveSuite):
    cls: ClassVar[type[Right]]
    breaks: ClassVar[str] = ""

    @pytest.fixture
    def live(self, monkeypatch: pytest.MonkeyPatch) -> LiveSite:
        application = Application(self.cls)
        SERVERS["another"] = []
        monkeypatch.setenv(KEY, application.key)
        return application


def suite(cls: type[Right], breaks: str) -> type[Base]:
    """Make the suite of a platform."""
    return type(f"Test{cls.__name__}", (Base,), {"cls": cls, "breaks": breaks})


TestRight = suite(Right, "")
TestGrasping = suite(Grasping, "test_a_stranger_is_not_watched")
TestMisnaming = suite(tapping(MisnamingTap), "test_a_client_is_watched")
TestAdding = suite(tapping(AddingTap), "test_the_application_sends_the_same")
TestClinging = suite(tapping(ClingingTap), "test_letting_go_ends_it")
TestObject = suite(tapping(ObjectTap), "test_spans_travel_as_plain_json")
TestEndless = suite(tapping(EndlessTap), "test_the_root_is_the_last")
TestElsewhere = suite(tapping(ElsewhereTap), "test_the_environment_opens_the_same_account")
TestOrdered = suite(Ordered, "test_order_and_repeats_do_not_matter")
TestOther = suite(Other, "test_what_is_assembled_is_what_is_read")
TestInventing = suite(Inventing, "test_nothing_is_no_trace")
