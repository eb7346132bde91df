"""Between platform, pipeline and ledger: traces in, verdicts committed and written, in order and in bounded memory."""

import time
from collections import OrderedDict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tracevet.errors import PlatformError
from tracevet.following import Following, in_time
from tracevet.ledger import Entry, Ledger
from tracevet.model import Gap, Result, Session, Snippet, Trace, Verdict
from tracevet.pipeline import Prepared, Setup, conclude
from tracevet.plugin import Cursor, Page, Platform, Window
from tracevet.turns import Turns
from tracevet.workers import Engine, Scan, Workers

AHEAD_TRACES = 200  # traces whose scans may be under way at once
AHEAD_CHARACTERS = 8_000_000  # text queued for the workers at once
COMMIT_TRACES = 100
COMMIT_SECONDS = 5.0
RECENT_RESULTS = 20_000  # results kept at hand until the ledger has them
RECENT_VERDICTS = 2_000
MEMORY = "memory"  # key of the cursor that spares reading what is unchanged


@dataclass(slots=True)
class Progress:
    """What a run has done so far; grows while its verdicts are taken."""

    traces: int = 0
    repeated: int = 0  # times a trace came again unchanged within this pass
    unchanged: int = 0  # traces whose verdict stood in the ledger
    snippets: int = 0
    scanned: int = 0  # snippets a detector ran on
    remembered: int = 0  # snippets the ledger answered for
    done: float | None = None  # share of the source that was read, 0.0 to 1.0
    gaps: list[Gap] = field(default_factory=list)  # of no trace
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """The time since the run began."""
        return time.monotonic() - self.started


@dataclass(slots=True, kw_only=True)
class _Job:
    """A trace on its way: scans under way, and results that were known before."""

    verdict: Verdict | None = None  # it stood in the ledger
    prepared: Prepared | None = None
    session: Session | None = None
    results: dict[str, dict[str, Result]] = field(default_factory=dict)
    waiting: list[tuple[str, Scan, list[str]]] = field(default_factory=list)  # engine id, scan, digests wanted of it
    fresh: dict[str, set[str]] = field(default_factory=dict)  # engine id -> digests that the ledger has not
    characters: int = 0
    redone: bool = False  # it was vetted in this pass before, when an older trace of its session had not come yet


class Run:
    """One pass over a platform's traces.

    Each trace is vetted once: a trace that stands unchanged in the ledger under the same setup is taken from
    there, and so is what is known of a snippet. Verdicts come in the order of the traces, after the ledger has them.
    What another process is just vetting comes later, once that has committed it or let go of it.
    """

    def __init__(
        self,
        platform: Platform,
        setup: Setup,
        ledger: Ledger,
        workers: Workers,
        *,
        keep: bool = True,
        again: bool = False,
    ) -> None:
        """Set up the pass.

        Args:
            platform: where the traces are.
            setup: how they are vetted.
            ledger: what is known already, and where verdicts go.
            workers: the pool that runs the detectors; it stays the caller's.
            keep: False reads the ledger, and writes neither to it nor to the platform.
            again: vet everything anew, whatever the ledger knows.
        """
        self.progress = Progress()
        self._platform = platform
        self._setup = setup
        self._digest = setup.digest
        self._ledger = ledger
        self._workers = workers
        self._keep = keep
        self._again = again
        self._jobs: deque[_Job] = deque()
        self._queued = 0  # characters
        self._flying: dict[tuple[str, str], Scan] = {}
        self._recent: OrderedDict[tuple[str, str], Result] = OrderedDict()
        self._following = Following(setup, lambda name: ledger.session(platform.name, name))
        self._changed: dict[str, str] = {}  # ids of traces whose violations have another status -> session
        self._given: OrderedDict[str, Verdict] = OrderedDict()  # violating ones of a pass that keeps nothing
        self._forgotten: set[str] = set()  # ids of traces
        self._met: dict[str, str] = {}  # trace id -> content, in this pass
        self._ready: list[tuple[_Job, Verdict]] = []
        self._committed = time.monotonic()
        self._turns = Turns(ledger, platform.name, on=keep and platform.name != "local")

    def verdicts(self, window: Window, cursor: Cursor | None = None) -> Iterator[Verdict]:
        """Vet the window's traces, and give their verdicts.

        What was concluded is committed, whatever ends the pass.

        Raises:
            PlatformError: the platform can't be read any further.
            LedgerError: the ledger can't be read or written.
        """
        last: Cursor | None = None
        try:
            for page in self._platform.traces(window, cursor or self._memory()):
                yield from self._take(page)
                if self._turns.crowded:
                    yield from self._rest()
                self.progress.gaps.extend(page.gaps)
                self.progress.done = page.done
                last = page.cursor
            if self._forgotten:  # named as unchanged, but the ledger has them no more
                for page in self._platform.traces(window, None):
                    yield from self._take(replace(page, traces=self._recalled(page.traces)))
            yield from self._rest()
            self._remember(last)
            if self._keep:
                self._ledger.drop_sessions()
        except PlatformError:
            yield from self._rest()  # what was read before counts
            raise
        finally:
            self._commit()
            self._turns.let_go()

    def _memory(self) -> Cursor | None:
        """Give the cursor of the last pass under this setup, where it only spares reading what is unchanged."""
        if not self._platform.cursor_is_memory or self._again:
            return None
        kept = self._ledger.cursor(self._platform.name, MEMORY) or ""
        setup, _, cursor = kept.partition("\n")
        return Cursor(cursor) if setup == self._digest else None

    def _remember(self, cursor: Cursor | None) -> None:
        if self._platform.cursor_is_memory and self._keep and cursor:
            self._ledger.set_cursor(self._platform.name, MEMORY, f"{self._digest}\n{cursor}")

    def _recalled(self, traces: Sequence[Trace]) -> tuple[Trace, ...]:
        return tuple(trace for trace in traces if trace.id in self._forgotten)

    def _rest(self) -> Iterator[Verdict]:
        while True:
            while self._jobs:
                self._finish()
            yield from self._commit()
            if not self._turns.waiting:
                return
            yield from self._resume()

    def _resume(self) -> Iterator[Verdict]:
        """Try again what was put off; nothing is under way, and nothing held, so that no two wait for each other."""
        self._following.forget(self._turns.let_go())
        again = self._turns.resume()
        for trace in again:
            self._met.pop(trace.id, None)
        yield from self._take(Page(traces=tuple(again)))
        self._turns.pause(len(again))

    def _take(self, page: Page) -> Iterator[Verdict]:
        ids = [named.id for named in page.unchanged]
        ids += [] if self._again else [trace.id for trace in page.traces]
        known = self._ledger.known(self._platform.name, ids, self._digest)
        for named in page.unchanged:
            content, verdict = known.get(named.id, ("", None))
            if verdict and content == named.content:
                self._met[named.id] = content
                self._jobs.append(_Job(verdict=verdict))
            else:
                self._forgotten.add(named.id)
        ours = self._turns.take(trace for trace in page.traces if not self._stands(trace, known))
        if ours and not self._again:  # another may have been faster, before they were ours
            known |= self._ledger.known(self._platform.name, ours, self._digest)
        for trace in in_time(page.traces):
            if trace.content and self._met.get(trace.id) == trace.content:
                self.progress.repeated += 1
                continue
            self._met[trace.id] = trace.content
            if self._stands(trace, known):
                self._jobs.append(_Job(verdict=known[trace.id][1]))
            elif trace.id in ours:
                self._jobs.extend(self._begin(trace))
            while len(self._jobs) > AHEAD_TRACES or self._queued > AHEAD_CHARACTERS:
                self._finish()
            if self._due():
                yield from self._commit()
        unwritten = [*self._jobs, *(job for job, _ in self._ready)]
        busy = {job.prepared.session for job in unwritten if job.prepared}
        self._following.forget(self._turns.let_go(busy))

    @staticmethod
    def _stands(trace: Trace, known: Mapping[str, tuple[str, Verdict]]) -> bool:
        return bool(trace.content) and known.get(trace.id, ("", None))[0] == trace.content

    def _begin(self, trace: Trace) -> list[_Job]:
        """Take the trace apart and start the scans that it needs, and those of younger ones that it changes."""
        begun = self._following.begin(trace)
        return [self._start(*each, redone=each[0].trace.id != trace.id) for each in begun]

    def _start(self, prepared: Prepared, session: Session, *, redone: bool) -> _Job:
        job = _Job(prepared=prepared, session=session, redone=redone)
        asked: set[str] = set()
        scanned: set[str] = set()
        for engine in self._setup.engines:
            wanted = prepared.wanted(engine)
            asked |= {snippet.digest for snippet in wanted}
            scanned |= self._ask(job, engine, wanted)
        self.progress.scanned += len(scanned)
        self.progress.remembered += 0 if redone else len(asked - scanned)
        self._queued += job.characters
        return job

    def _ask(self, job: _Job, engine: Engine, wanted: Sequence[Snippet]) -> set[str]:
        """Find each snippet's result: known, under way for an earlier trace, or to be scanned; give the last."""
        results = {snippet.digest: self._recent.get((engine.id, snippet.digest)) for snippet in wanted}
        unknown = [digest for digest, result in results.items() if result is None]
        if not self._again:
            results |= self._ledger.results(engine.id, [d for d in unknown if (engine.id, d) not in self._flying])
        job.results[engine.id] = {digest: result for digest, result in results.items() if result is not None}
        job.fresh[engine.id] = {digest for digest in unknown if results[digest] is None}
        missing = [snippet for snippet in wanted if results[snippet.digest] is None]
        new = [snippet for snippet in missing if (engine.id, snippet.digest) not in self._flying]
        if new:
            scan = self._workers.scan(engine, new)
            self._flying |= dict.fromkeys(((engine.id, snippet.digest) for snippet in new), scan)
        for snippet in missing:
            job.waiting.append((engine.id, self._flying[engine.id, snippet.digest], [snippet.digest]))
        job.characters += sum(len(snippet.text) for snippet in new)
        return {snippet.digest for snippet in new}

    def _finish(self) -> None:
        """Wait for the oldest trace's scans, and decide."""
        job = self._jobs.popleft()
        self._queued -= job.characters
        self.progress.traces += not job.redone
        if job.prepared is None:
            self.progress.unchanged += 1
            if job.verdict is not None:
                self.progress.snippets += job.verdict.snippets
                self._ready.append((job, job.verdict))
            return
        for engine, scan, digests in job.waiting:
            said = scan.results()
            for digest in digests:
                job.results[engine][digest] = said[digest]
                self._flying.pop((engine, digest), None)
                self._recent[engine, digest] = said[digest]
        while len(self._recent) > RECENT_RESULTS:
            self._recent.popitem(last=False)
        verdict = conclude(job.prepared, job.results, self._setup)
        self.progress.snippets += 0 if job.redone else verdict.snippets
        self._learn(job, job.prepared, verdict)
        self._ready.append((job, verdict))

    def _learn(self, job: _Job, prepared: Prepared, verdict: Verdict) -> None:
        """Note what the verdict tells of its session, and which earlier verdicts that changes."""
        told, changed = self._following.learn(prepared, job.results, verdict)
        notes = {"notes": told.notes, "edits": told.edits, "marks": told.marks}
        job.session = job.session and job.session.model_copy(update=notes)
        self._changed |= dict.fromkeys(changed, prepared.session)

    def _due(self) -> bool:
        late = time.monotonic() - self._committed > COMMIT_SECONDS
        return len(self._ready) >= COMMIT_TRACES or (bool(self._ready) and late)

    def _commit(self) -> list[Verdict]:
        """Commit what is concluded; give the verdicts as the ledger now has them, in order."""
        waiting, self._ready = self._ready, []
        self._committed = time.monotonic()
        ready = [(job, self._restated(verdict)) for job, verdict in waiting]
        entries = [self._entry(job, job.prepared.trace, verdict) for job, verdict in ready if job.prepared]
        entries += self._corrected({entry.verdict.trace.id for entry in entries})
        changed = [entry.verdict for entry in entries[sum(job.prepared is not None for job, _ in ready) :]]
        if not self._keep or not entries:
            held = self._held([*(verdict for _, verdict in ready), *changed])
            return held if self._keep else self._ledger.judged(held)
        stored = iter(self._ledger.commit(entries))
        return [*(next(stored) if job.prepared else verdict for job, verdict in ready), *stored]

    def _restated(self, verdict: Verdict) -> Verdict:
        """Put in what became of the violations, by what is known of the session now."""
        return self._following.restate(verdict, verdict.trace.session or verdict.trace.id)

    def _corrected(self, fresh: Collection[str]) -> list[Entry]:
        """Give the verdicts of earlier traces of which some violation was corrected, or brought back."""
        busy = {job.prepared.trace.id for job in self._jobs if job.prepared}
        changed, self._changed = self._changed.keys() - fresh - busy, {}
        known = self._ledger.stored(self._platform.name, changed)
        known |= {id_: Entry(verdict=v, content="", setup="") for id_, v in self._given.items() if id_ in changed}
        write = self._platform.name != "local"
        found = [
            replace(entry, verdict=self._restated(entry.verdict), write=write, ends=self._ends(entry.verdict))
            for entry in known.values()
        ]
        return sorted(found, key=lambda entry: entry.verdict.id)

    def _held(self, verdicts: list[Verdict]) -> list[Verdict]:
        """Hold what a pass that keeps nothing gave, so that it can be corrected."""
        self._given |= {verdict.trace.id: verdict for verdict in verdicts if verdict.violations and not self._keep}
        while len(self._given) > RECENT_VERDICTS:
            self._given.popitem(last=False)
        return verdicts

    def _entry(self, job: _Job, trace: Trace, verdict: Verdict) -> Entry:
        results: Mapping[str, Mapping[str, Result]] = {
            engine: {digest: job.results[engine][digest] for digest in fresh} for engine, fresh in job.fresh.items()
        }
        session = job.session if trace.session_id else None
        return Entry(
            verdict=verdict,
            content=trace.content,
            setup=self._digest,
            results=results,
            session=session,
            write=self._platform.name != "local",
            ends=self._ends(verdict),
        )

    def _ends(self, verdict: Verdict) -> dict[str, datetime]:
        """Tell when its corrected violations were gone."""
        return self._following.ends(verdict.trace.id, verdict.trace.session or verdict.trace.id)
