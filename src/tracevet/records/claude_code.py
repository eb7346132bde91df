"""Claude Code: the rows of one transcript, read into one trace per turn of the user or of a subagent.

Skipped knowingly: titles, modes, snapshots, summaries and hooks; echoes of local commands; text that Claude Code
itself puts into a user's mouth (`isMeta`, the summary after a compaction, notifications); attached context.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from tracevet.model import Gap, GapReason, Json, Trace
from tracevet.records.counts import GapCounts
from tracevet.records.seal import fingerprint
from tracevet.records.turn import MAX_WEIGHT, Turn
from tracevet.records.values import Row, mapping, sequence, text

MESSAGES = frozenset({"user", "assistant"})
# Seen in transcripts of versions 2.0 to 2.1: what is not content, and what only repeats it.
SKIPPED = frozenset(
    {
        *("summary", "custom-title", "ai-title", "agent-name", "agent-color", "task-summary", "last-prompt", "pr-link"),
        *("file-history-snapshot", "file-history-delta", "queue-operation", "system", "mode", "permission-mode"),
        *("worktree-state", "bridge-session", "relocated", "frame-link", "fork-context-ref", "content-replacement"),
    }
)
KINDS = MESSAGES | SKIPPED | {"progress", "attachment"}
_ECHOES = ("<local-command-", "<bash-stdout>", "<bash-stderr>", "<task-notification>", "[Request interrupted by user")
_INJECTED = ("isMeta", "isCompactSummary", "isVisibleInTranscriptOnly")
_FACTS = (("cwd", "cwd"), ("gitBranch", "git_branch"), ("version", "version"), ("permissionMode", "permissionMode"))
_MAIN = ""  # the lane of the user's own turns; each subagent has a lane of its own
_MAX_HEAVY = 16  # lanes held with content; subagents beyond that are handed over in parts
_MAX_LANES = 10_000
_MAX_WAITING = 10_000  # calls without a result that are remembered


def turns(rows: Iterable[Row], *, platform: str = "local") -> Iterator[Trace | Gap]:
    """Yield one trace per turn, as soon as the turn is over, then a gap per kind of row that could not be read.

    A trace's id is `<sessionId>:<promptId or uuid of the user's row>`; a subagent's turn bears its parent's session.
    Holds the turns under way, not the file. Rows that come again (by uuid) count once. Never raises on what a row
    holds.
    """
    reader = _Reader(platform)
    for row in rows:
        yield from reader.take(row)
    yield from reader.close()


class _Reader:
    """The state of reading one transcript."""

    def __init__(self, platform: str) -> None:
        self.platform = platform
        self.lanes: OrderedDict[str, Turn] = OrderedDict()
        self.heavy: OrderedDict[str, None] = OrderedDict()  # lanes that hold content, least recently used first
        self.roots: dict[str, str] = {}  # uuid of a subagent's row -> its lane
        self.rows: set[int] = set()  # hashes of the uuids that were read
        self.ids: set[str] = set()  # of turns
        self.waiting: dict[str, str] = {}  # calls of earlier turns that have no result yet -> tool
        self.losses = GapCounts()

    def take(self, row: Row) -> Iterator[Trace]:
        """Read one row; yield the turns that are over by it."""
        kind = text(row.get("type"))
        if kind == "progress":
            yield from self._progress(row)
        elif kind == "attachment":
            yield from self._queued(row)
        elif kind in MESSAGES:
            yield from self._read(row)
        elif kind not in SKIPPED:
            self.losses.add_kind(kind)

    def close(self) -> Iterator[Trace | Gap]:
        """Yield the turns under way, and what could not be read."""
        for lane in list(self.lanes):
            yield from self._end(lane)
        yield from self.losses.gaps()

    def _progress(self, row: Row) -> Iterator[Trace]:
        """Read a subagent's message; other progress is a copy of what a result will say."""
        data = mapping(row.get("data"))
        inner = mapping(data.get("message"))
        if data.get("type") == "agent_progress" and text(inner.get("type")) in MESSAGES:
            agent = text(data.get("agentId")) or text(row.get("parentToolUseID"))
            kept = {key: value for key, value in row.items() if key not in ("data", "uuid", "parentUuid", "type")}
            yield from self._read({**kept, **inner, "isSidechain": True, "agentId": agent})

    def _queued(self, row: Row) -> Iterator[Trace]:
        """Read a message that the user sent while a turn was running; other attachments are context."""
        attachment = mapping(row.get("attachment"))
        if attachment.get("type") == "queued_command" and attachment.get("prompt") and not self._known(row):
            lane = self._lane(row)
            self._turn(row, lane).ask(attachment["prompt"], row.get("timestamp"))
            yield from self._relieve(lane)

    def _read(self, row: Row) -> Iterator[Trace]:
        message = row.get("message")
        if not isinstance(message, dict):
            self.losses.add(GapReason.MALFORMED, "rows without a message")
        elif not self._known(row):
            lane = self._lane(row)
            if row.get("type") == "user":
                yield from self._user(row, message, lane)
            else:
                self._assistant(row, message, lane)
            yield from self._relieve(lane)

    def _known(self, row: Row) -> bool:
        """Tell whether the row was read before, and remember it."""
        uuid = text(row.get("uuid"))
        key = hash(uuid)
        if uuid is None or key not in self.rows:
            self.rows.add(key)
            return False
        return True

    def _lane(self, row: Row) -> str:
        """Find whose turn the row belongs to: the user's, or that of a subagent by its id or first row."""
        if row.get("isSidechain") is not True:
            return _MAIN
        uuid, parent = text(row.get("uuid")) or "", text(row.get("parentUuid"))
        lane = text(row.get("agentId")) or self.roots.get(parent or "")
        if lane is None and parent is not None:  # its first rows are missing: it goes on where the last one stopped
            lane = next((known for known in reversed(self.lanes) if known != _MAIN), None)
        lane = lane or uuid or "sidechain"
        if len(self.roots) < _MAX_LANES * 10:
            self.roots[uuid] = lane
        return lane

    def _user(self, row: Row, message: Row, lane: str) -> Iterator[Trace]:
        content = message.get("content")
        results = [block for item in sequence(content) if (block := mapping(item)).get("type") == "tool_result"]
        if results:
            self._results(self._turn(row, lane), row, results)
        prompt = _prompt(row, content)
        if prompt is None:
            return
        running = self.lanes.get(lane)
        same = running is not None and text(row.get("promptId")) == running.metadata.get("promptId") is not None
        if running is None or not (results or same):
            yield from self._end(lane)
            running = self._begin(row, lane)
        running.ask(prompt, row.get("timestamp"))

    def _results(self, turn: Turn, row: Row, results: list[dict[str, Json]]) -> None:
        recorded = row.get("toolUseResult")
        for block in results:
            output = recorded if isinstance(recorded, dict) and len(results) == 1 else block.get("content")
            call = text(block.get("tool_use_id")) or fingerprint(dict(block))
            turn.result(call, output, row.get("timestamp"), failed=block.get("is_error") is True)

    def _assistant(self, row: Row, message: Row, lane: str) -> None:
        turn = self._turn(row, lane)
        content, stamp = message.get("content"), row.get("timestamp")
        key = text(message.get("id")) or text(row.get("uuid")) or fingerprint(dict(row))
        model = text(message.get("model"))
        turn.message(key, stamp, model if model != "<synthetic>" else None)
        if isinstance(content, str):
            turn.say(key, {"type": "text", "text": content}, stamp)
        for number, item in enumerate(sequence(content)):
            block = mapping(item)
            if not block:
                turn.lose(GapReason.MALFORMED, "blocks of an answer that are no objects")
            elif block.get("type") == "tool_use":
                call = text(block.get("id")) or f"{key}:tool:{number}"
                turn.call(call, text(block.get("name")) or "", block.get("input"), stamp, message=key)
            else:
                turn.say(key, block, stamp)

    def _turn(self, row: Row, lane: str) -> Turn:
        """Give the turn that the row goes on with, or begin one whose prompt is missing."""
        turn = self.lanes.get(lane) or self._begin(row, lane)
        self.lanes.move_to_end(lane)
        _note(turn, row)
        return turn

    def _begin(self, row: Row, lane: str) -> Turn:
        session, uuid = text(row.get("sessionId")), text(row.get("uuid"))
        prompt = text(row.get("promptId")) if lane == _MAIN else None
        root = prompt or uuid or fingerprint(dict(row))
        if f"{session}:{root}" in self.ids:
            root = f"{root}:{uuid or fingerprint(dict(row))}"
        self.ids.add(f"{session}:{root}")
        name = "Claude Code turn" if lane == _MAIN else "Claude Code subagent"
        turn = Turn(key=":".join(filter(None, (session, root))), root=root, session=session, name=name)
        turn.note(source="claude-code", sessionId=session, promptId=prompt, agentId=row.get("agentId"))
        _note(turn, row)
        self.lanes[lane] = turn
        return turn

    def _end(self, lane: str) -> Iterator[Trace]:
        """Hand a turn over."""
        turn = self.lanes.pop(lane, None)
        self.heavy.pop(lane, None)
        if turn is not None and not turn.empty:
            yield self._trace(turn)

    def _relieve(self, lane: str) -> Iterator[Trace]:
        """Hand over part of what is held when it's too much; the turns go on."""
        if lane in self.lanes:
            self.heavy[lane] = None
            self.heavy.move_to_end(lane)
        while len(self.heavy) > _MAX_HEAVY or sum(self.lanes[key].weight for key in self.heavy) > MAX_WEIGHT:
            oldest, _ = self.heavy.popitem(last=False)
            turn = self.lanes[oldest]
            self.lanes[oldest] = turn.next_part()
            yield self._trace(turn)
        if len(self.lanes) > _MAX_LANES:
            yield from self._end(next(iter(self.lanes)))

    def _trace(self, turn: Turn) -> Trace:
        trace = turn.trace(self.platform, self.waiting)
        self.waiting.update(turn.unanswered())
        for call in list(self.waiting)[: max(0, len(self.waiting) - _MAX_WAITING)]:
            del self.waiting[call]
        return trace


def _note(turn: Turn, row: Row) -> None:
    turn.note(**{name: row.get(key) for key, name in _FACTS})


def _prompt(row: Row, content: Json) -> Json:
    """Give what the user said in this row, or None where it is a result, an echo, or not the user's."""
    if any(row.get(mark) is True for mark in _INJECTED):
        return None
    if isinstance(content, str):
        return None if _echo(content) else content
    said = [item for item in sequence(content) if mapping(item).get("type") != "tool_result" and not _echo(item)]
    return said or None


def _echo(item: Json) -> bool:
    words = item if isinstance(item, str) else mapping(item).get("text", "text")
    return isinstance(words, str) and (not words.strip() or words.lstrip().startswith(_ECHOES))
