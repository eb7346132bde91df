"""The server's one vetting thread: events in, answers out, in order; and the signs that it has to make room."""

import json
import os
import sysconfig
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

from platformdirs import user_config_path

import tracevet
from tracevet.assembly import Assembly
from tracevet.config import FILE, Config, Fail, HookOptions
from tracevet.errors import LedgerError, TracevetError
from tracevet.hook.deciding import Decision, Level, decide_on
from tracevet.hook.failing import event_name, refusal
from tracevet.hook.intent import Intent
from tracevet.hook.protocols import PROTOCOLS, UnknownEventError
from tracevet.hook.recording import UNKNOWN_KIND, Recording
from tracevet.hook.vetting import Vetting
from tracevet.hook.wording import wording
from tracevet.ledger import Ledger
from tracevet.model import Gap, GapReason, Json, Verdict
from tracevet.records.values import parse
from tracevet.workers import Workers

Answer: TypeAlias = tuple[int, bytes, bytes]  # exit code, output, errors
Stamp: TypeAlias = tuple[tuple[int, int] | None, ...]

WARMING = 15.0  # seconds that the first events may wait for detectors to be built
BLIND = frozenset({GapReason.DETECTOR_FAILED, GapReason.TIMED_OUT, GapReason.TOO_LARGE})


class Desk:
    """Answers events. Any thread may ask; one thread of its own vets, and uses the ledger."""

    def __init__(self, config: str, ledger: str, folder: Path) -> None:
        """Note what to load; `folder` is that of the sockets."""
        self._config, self._url, self._folder = config, ledger, folder
        self._pool = ThreadPoolExecutor(1, "vetting")
        self._open = ExitStack()
        self._began: float | None = None  # monotonic
        self._warmed: Future[None] | None = None
        self.options = HookOptions()

    def open(self) -> None:
        """Load configuration, plugins and ledger.

        Raises:
            TracevetError: one of them can't be used; the text says why.
        """
        self._pool.submit(self._load).result()

    def warm(self) -> None:
        """Have the detectors built, without waiting for it."""
        self._warmed = self._pool.submit(self._vetting.warm)

    def ask(self, assistant: str, event: bytes) -> Answer:
        """Answer an event in the assistant's protocol, within the limit of time that is configured. Never raises."""
        if self._warmed is not None:
            wait([self._warmed], WARMING)
        future: Future[Answer] = self._pool.submit(self._answer, assistant, event)
        try:
            return future.result(self.options.seconds)
        except FutureTimeoutError:
            future.cancel()
            reason = f"vetting took longer than {self.options.seconds:g} s"
        except TracevetError as error:
            reason = str(error)
        except Exception as error:  # whatever goes wrong here, the assistant gets an answer
            reason = f"vetting raised {type(error).__name__}"
        self._pool.submit(self._noted, assistant, reason, event=event_name(event) or "")
        return self._refusal(assistant, event, reason)

    def busy(self) -> float:
        """Give the seconds for which the event at hand has been vetted, 0 where there is none."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def outdated(self) -> bool:
        """Tell whether configuration or installation changed since they were loaded."""
        return _stamp(self._watched) != self._stamp

    def close(self) -> None:
        """Let go of everything, once what is at hand is answered."""
        self._pool.submit(self._open.close).result()
        self._pool.shutdown()

    def _load(self) -> None:
        config = Config.load(Path(self._config) if self._config else None)
        self._watched = _watched(config, self._config)
        self._stamp = _stamp(self._watched)
        self.options = config.hook
        assembly = Assembly.of(config)
        limits = config.workers
        seconds = min(limits.seconds, self.options.seconds)
        workers = Workers(processes=limits.processes or 1, seconds=seconds, memory_mb=limits.memory_mb)
        self._ledger = self._open.enter_context(Ledger.open(self._url or config.ledger.url))
        self._open.enter_context(workers)
        self._vetting = Vetting(assembly.begin(self._ledger), workers)
        self._recording = Recording(self._ledger.audit)
        self._recording.catch_up(self._folder)

    def _answer(self, assistant: str, data: bytes) -> Answer:
        self._began = time.monotonic()
        try:
            event = _parsed(data)
            if event is None:
                return self._unvetted(assistant, data, "the event is no JSON object")
            intent = PROTOCOLS[assistant].read(event)
            return _spelled(assistant, {}) if intent is None else self._decided(intent, data)
        except UnknownEventError as error:
            self._noted(assistant, UNKNOWN_KIND, event=str(error))
            return _spelled(assistant, {})
        finally:
            self._began = None

    def _decided(self, intent: Intent, data: bytes) -> Answer:
        verdict, trouble = self._judged(self._vetting.vet(intent))
        decision = decide_on(verdict, self.options)
        trouble += self._decision_noted(intent, decision)
        blind = _blind(verdict.gaps)
        if blind:
            trouble += self._noted(intent.assistant, blind, event=intent.event)
            code, out, err = self._refusal(intent.assistant, data, blind)
            if code and decision.level is not Level.DENY:
                return code, out, err
            trouble += err.decode()
        told = wording(intent, decision.level, decision.told)
        return _spelled(intent.assistant, PROTOCOLS[intent.assistant].say(intent, decision.level, told), trouble)

    def _judged(self, verdict: Verdict) -> tuple[Verdict, str]:
        """Leave out what people took back, where the ledger can be asked."""
        if not verdict.violations:
            return verdict, ""
        try:
            return self._ledger.judged([verdict])[0], ""
        except LedgerError as error:
            return verdict, f"tracevet: {error}\n"

    def _decision_noted(self, intent: Intent, decision: Decision) -> str:
        """Note the decision, and give what is to be said of it if that can't be done: it holds nonetheless."""
        try:
            self._recording.decided(intent, decision)
        except LedgerError as error:
            return f"tracevet: {error}\n"
        return ""

    def _unvetted(self, assistant: str, data: bytes, reason: str) -> Answer:
        trouble = self._noted(assistant, reason, event=event_name(data) or "")
        code, out, err = self._refusal(assistant, data, reason)
        return code, out, err + trouble.encode()

    def _refusal(self, assistant: str, data: bytes, reason: str) -> Answer:
        return refusal(assistant, event_name(data), reason, closed=self.options.fail is Fail.CLOSED)

    def _noted(self, assistant: str, reason: str, **details: str) -> str:
        try:
            self._recording.unvetted(assistant, reason, **details)
        except LedgerError as error:
            return f"tracevet: {error}\n"
        return ""


def _parsed(data: bytes) -> dict[str, Json] | None:
    try:
        event = parse(data)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _spelled(assistant: str, said: dict[str, Json], trouble: str = "") -> Answer:
    """Spell an answer; nothing to say is nothing, but for Cursor, which takes silence for a broken hook."""
    out = f"{json.dumps(said)}\n".encode() if said or assistant == "cursor" else b""
    return 0, out, trouble.encode("utf-8", "replace")


def _blind(gaps: Iterable[Gap]) -> str:
    """Say what kept detectors from looking; "" is nothing."""
    return "; ".join(dict.fromkeys(gap.detail for gap in gaps if gap.reason in BLIND))[:300]


def _watched(config: Config, named: str) -> tuple[Path, ...]:
    """Give the files and directories whose change means another installation or configuration."""
    file = Path(named) if named else user_config_path("tracevet") / FILE
    package = Path(tracevet.__file__).parent
    said = (file, *config.policies.files, *config.suppression_files)
    return (*said, package, package / "hook", Path(sysconfig.get_path("purelib")))


def _stamp(paths: Iterable[Path]) -> Stamp:
    found: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            found.append(None)
        else:
            found.append((status.st_mtime_ns, status.st_ino))
    return tuple(found)
