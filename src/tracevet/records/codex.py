"""Codex: the rows of one rollout, read into one trace per turn.

Skipped knowingly: instructions and context in the developer's, the system's or a synthetic user's name; encrypted
reasoning; compacted history; events that count, announce or copy what the items say.
"""

import re
from collections.abc import Iterable, Iterator

from tracevet.model import Gap, Json, Trace
from tracevet.records.counts import GapCounts
from tracevet.records.seal import fingerprint
from tracevet.records.turn import MAX_WEIGHT, Turn
from tracevet.records.values import Row, decode, mapping, pick, sequence, text

KINDS = frozenset({"session_meta", "turn_context", "response_item", "event_msg", "compacted"})
ITEMS = frozenset({"message", "reasoning", "function_call", "function_call_output", "local_shell_call"})
_SKIPPED_ITEMS = frozenset({"ghost_snapshot", "compaction", "compaction_summary", "context_compaction"})
_STARTS = frozenset({"task_started", "turn_started"})
_ENDS = frozenset({"task_complete", "turn_complete", "turn_aborted"})
_SYNTHETIC = (
    *("<environment_context>", "<user_instructions>", "<INSTRUCTIONS>", "# AGENTS.md instructions", "<turn_aborted>"),
    *("<skill>", "<user_shell_command>", "<subagent_notification>", "<permissions instructions>"),
)
_COPIES = frozenset({"agent_message", "exec_command_end", "patch_apply_end", "mcp_tool_call_end"})
_MAX_WAITING = 10_000  # calls without a result that are remembered
_CONTEXT_FACTS = ("cwd", "approval_policy", "model", "effort")
_CREDENTIALS = re.compile(r"//[^/@\s]*@")  # in a repository's URL
_CWD = re.compile(r"<cwd>([^<\n]{1,4096})</cwd>")


def turns(rows: Iterable[Row], *, platform: str = "local") -> Iterator[Trace | Gap]:
    """Yield one trace per turn, as soon as the turn is over, then a gap per kind of row that could not be read.

    A trace's id is `<session id>:<turn id, or the turn's number>`. Reads older rollouts too, whose rows come
    without `type` and `payload` around them. Holds one turn, not the file. Never raises on what a row holds.
    """
    reader = _Reader(platform)
    for row in rows:
        yield from reader.take(row)
    yield from reader.close()


class _Reader:
    """The state of reading one rollout."""

    def __init__(self, platform: str) -> None:
        self.platform = platform
        self.session: str | None = None
        self.facts: dict[str, Json] = {}  # of the session, and of the last turn_context
        self.turn: Turn | None = None
        self.turn_id: str | None = None  # as recorded; None where a prompt began the turn
        self.over = False  # the turn was completed or aborted
        self.last = ""  # what the user said last in this turn
        self.asked: set[str] = set()  # kinds of row that told it; empty once the turn has gone on
        self.answers: set[str] = set()  # texts of the turn's answers
        self.copies: list[tuple[Row, Json]] = []  # events that count where the item they copy is missing
        self.number = 0
        self.waiting: dict[str, str] = {}
        self.losses = GapCounts()

    def take(self, row: Row) -> Iterator[Trace]:
        """Read one row; yield the turn that is over by it."""
        kind, payload = (text(row.get("type")), mapping(row["payload"])) if "payload" in row else _unwrapped(row)
        stamp = row.get("timestamp")
        if kind == "session_meta":
            self._session(payload)
        elif kind == "turn_context":
            yield from self._context(payload)
        elif kind == "response_item":
            yield from self._item(payload, stamp)
        elif kind == "event_msg":
            yield from self._event(payload, stamp)
        elif kind not in ("compacted", "state"):
            self.losses.add_kind(kind)
        if self.turn and self.turn.weight > MAX_WEIGHT:
            yield from self._cut(self.turn)

    def close(self) -> Iterator[Trace | Gap]:
        """Yield the turn under way, and what could not be read."""
        yield from self._end()
        yield from self.losses.gaps()

    def _session(self, payload: Row) -> None:
        if self.session is not None:  # a fork repeats its parent's
            return
        self.session = text(payload.get("id"))
        git = mapping(payload.get("git"))
        url = text(git.get("repository_url"))
        found: dict[str, Json] = {
            "source": "codex",
            "sessionId": self.session,
            "cwd": payload.get("cwd"),
            "git_branch": git.get("branch"),
            "git_commit_sha": git.get("commit_hash"),
            "repository_url": _CREDENTIALS.sub("//", url) if url else None,
            "cli_version": payload.get("cli_version"),
            "originator": payload.get("originator"),
            "model_provider": payload.get("model_provider"),
        }
        self.facts.update({key: value for key, value in found.items() if value is not None})

    def _context(self, payload: Row) -> Iterator[Trace]:
        yield from self._begin(text(payload.get("turn_id")))
        found = {key: payload.get(key) for key in _CONTEXT_FACTS}
        found["sandbox_mode"] = mapping(payload.get("sandbox_policy")).get("type")
        self.facts.update({key: value for key, value in found.items() if value is not None})
        if self.turn:
            self.turn.metadata.update(self.facts)

    def _event(self, payload: Row, stamp: Json) -> Iterator[Trace]:
        kind = text(payload.get("type"))
        if kind in _STARTS:
            yield from self._begin(text(payload.get("turn_id")))
        elif kind in _ENDS:
            self.over = True
        elif kind == "user_message":
            yield from self._user(payload.get("message"), stamp, "event")
        elif kind in _COPIES:
            self._copy(payload, stamp)

    def _item(self, payload: Row, stamp: Json) -> Iterator[Trace]:
        kind = text(payload.get("type")) or ""
        if kind == "message":
            yield from self._message(payload, stamp)
        elif kind == "reasoning":
            self._reasoning(payload, stamp)
        elif kind.endswith("_output"):
            output = pick(payload, "output", "tools", "result")
            self._current().result(_call_id(payload), output, stamp)
        elif kind.endswith("_call"):
            name = text(payload.get("name")) or kind.removesuffix("_call")
            self._current().call(_call_id(payload), name, _arguments(payload), stamp)
        elif kind not in _SKIPPED_ITEMS:
            self.losses.add_kind(kind)

    def _message(self, payload: Row, stamp: Json) -> Iterator[Trace]:
        role, content = payload.get("role"), payload.get("content")
        if role == "assistant":
            self._say(payload, content, stamp)
        elif role == "user":
            yield from self._user(content, stamp, "item")

    def _say(self, payload: Row, content: Json, stamp: Json) -> None:
        turn = self._current()
        blocks: list[Json] = [{"type": "output_text", "text": content}] if isinstance(content, str) else []
        blocks.extend(sequence(content))
        self.answers.add(_words(blocks).strip())
        key = text(payload.get("id")) or f"{turn.root}:message:{len(self.answers)}:{fingerprint(blocks)}"
        turn.message(key, stamp, text(self.facts.get("model")))
        for block in blocks:
            turn.say(key, block, stamp)

    def _reasoning(self, payload: Row, stamp: Json) -> None:
        blocks = [mapping(item) for key in ("summary", "content") for item in sequence(payload.get(key))]
        for words in filter(None, (text(block.get("text")) for block in blocks)):
            turn = self._current()
            key = text(payload.get("id")) or f"{turn.root}:reasoning:{fingerprint(dict(payload))}"
            turn.message(key, stamp, text(self.facts.get("model")))
            turn.say(key, {"type": "thinking", "thinking": words}, stamp)

    def _user(self, content: Json, stamp: Json, source: str) -> Iterator[Trace]:
        """Read what the user said; items and events tell the same message once each."""
        words = _words(content)
        if words.lstrip().startswith(_SYNTHETIC):
            self._synthetic(words)
        if not words.strip() or words.lstrip().startswith(_SYNTHETIC):
            return
        told = bool(self.asked) and source not in self.asked
        if not told and (self.over or (self.turn_id is None and self.turn and self.turn.prompt is not None)):
            yield from self._end()
        if not (told and words == self.last):
            self._current().ask(content, stamp)
        self.last = words
        self.asked = {source, *(self.asked if told else ())}

    def _synthetic(self, words: str) -> None:
        directory = _CWD.search(words)
        if directory and not self.facts.get("cwd"):
            self.facts["cwd"] = directory[1]

    def _copy(self, payload: Row, stamp: Json) -> None:
        """Keep an event in case that the item it copies is missing."""
        turn = self._current()
        if not turn.shows(_call_id(payload)):
            self.copies.append((payload, stamp))
            turn.weigh(dict(payload))

    def _use_copies(self, turn: Turn) -> None:
        for payload, stamp in self.copies:
            call, words = _call_id(payload), text(payload.get("message"))
            if payload.get("type") == "agent_message":
                if words and words.strip() not in self.answers:
                    self._say({}, words, stamp)
            elif not turn.shows(call):
                name, given = _copied_call(payload)
                turn.call(call, name, given, stamp)
                turn.result(call, _copied_result(payload), stamp)
        self.copies.clear()

    def _begin(self, turn_id: str | None) -> Iterator[Trace]:
        """Begin the turn of this id, unless it is under way; a turn that has but a prompt takes the id."""
        if turn_id is None or turn_id == self.turn_id:
            return
        if self.turn and self.turn_id is None and not self.turn.busy:
            self.turn_id = turn_id
            self.turn.rename(_joined(self.session, turn_id), turn_id)
            return
        yield from self._end()
        self.turn_id = turn_id

    def _current(self) -> Turn:
        """Give the turn under way, or begin one."""
        if self.turn is None:
            self.number += 1
            root = self.turn_id or f"turn-{self.number}"
            self.turn = Turn(key=_joined(self.session, root), root=root, session=self.session, name="Codex turn")
        self.turn.note(**self.facts, turn_id=self.turn_id)
        self.asked = set()
        return self.turn

    def _end(self) -> Iterator[Trace]:
        """Hand the turn over."""
        if self.turn:
            self._use_copies(self.turn)
            if not self.turn.empty:
                yield self._trace(self.turn)
        self.turn = self.turn_id = None
        self.over, self.last, self.asked, self.answers = False, "", set(), set()

    def _cut(self, turn: Turn) -> Iterator[Trace]:
        """Hand over what is held of an oversized turn; it goes on in another trace."""
        self._use_copies(turn)
        self.turn = turn.next_part()
        yield self._trace(turn)

    def _trace(self, turn: Turn) -> Trace:
        trace = turn.trace(self.platform, self.waiting)
        self.waiting = {**self.waiting, **turn.unanswered()} if len(self.waiting) < _MAX_WAITING else turn.unanswered()
        return trace


def _unwrapped(row: Row) -> tuple[str | None, dict[str, Json]]:
    """Tell the kind of a row of an older rollout, which is its own payload."""
    kind = text(row.get("type"))
    if kind is None:
        if row.get("record_type") is not None:
            return "state", {}
        return ("session_meta" if row.get("id") and row.get("timestamp") else None), dict(row)
    return ("response_item" if kind in ITEMS or kind.endswith(("_call", "_output")) else kind), dict(row)


def _words(content: Json) -> str:
    if isinstance(content, str):
        return content
    found = (text(mapping(block).get("text")) for block in sequence(content))
    return "\n".join(filter(None, found))


def _call_id(payload: Row) -> str:
    return text(pick(payload, "call_id", "id")) or fingerprint(dict(payload))


def _arguments(payload: Row) -> Json:
    given = pick(payload, "arguments", "input", "action")
    if given is None:
        return {key: value for key, value in payload.items() if key not in ("type", "id", "call_id", "status", "name")}
    return decode(given) if "arguments" in payload else given


def _copied_call(payload: Row) -> tuple[str, Json]:
    kind = payload.get("type")
    if kind == "patch_apply_end":
        return "apply_patch", {"changes": payload.get("changes")}
    if kind == "exec_command_end":
        return "exec_command", {key: payload.get(key) for key in ("command", "cwd")}
    called = mapping(payload.get("invocation"))
    return text(called.get("tool")) or "mcp", called.get("arguments")


def _copied_result(payload: Row) -> Json:
    keys = ("aggregated_output", "stdout", "stderr", "exit_code", "success", "result")
    return {key: value for key in keys if (value := payload.get(key)) is not None}


def _joined(session: str | None, root: str) -> str:
    return f"{session}:{root}" if session else root
