"""From an intent to its verdict: the pipeline that vets traces, with detectors that stay warm."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from tracevet.extract import read_context, work
from tracevet.hook.disk import files_before
from tracevet.hook.intent import Intent, Stage, trace_of
from tracevet.model import Json, Result, Session, Snippet, Verdict
from tracevet.pipeline import Setup, conclude, prepare
from tracevet.workers import Engine, Scan, Workers

REMEMBERED = 5_000  # results: an event after the deed shows what the one before it showed
WARM = "import os\n\n\ndef warm(name):\n    return os.path.basename(name)\n"

Key: TypeAlias = tuple[str, str]  # Engine.id, Snippet.digest


class Vetting:
    """Vets intents, one at a time."""

    def __init__(self, setup: Setup, workers: Workers) -> None:
        """Vet by this setup in these workers, which stay the caller's."""
        self._setup, self._workers = setup, workers
        self._known: OrderedDict[Key, Result] = OrderedDict()

    def warm(self) -> None:
        """Have every detector built, and whatever is imported late."""
        given: Json = {"file_path": "warm.py", "content": WARM}
        self.vet(Intent(assistant="", event="warm", stage=Stage.BEFORE, tool="Write", arguments=given))

    def vet(self, intent: Intent) -> Verdict:
        """Vet what is about to be done, or was done: an edit inside its file as it stands on disk.

        What stood in the file before counts as context, and is not found.
        """
        trace = trace_of(intent)
        context = read_context(trace)
        directory = context.directory.value if context.directory else None
        files = files_before(work(trace), directory, undo=intent.stage is Stage.AFTER)
        session = Session(id=trace.session_id or trace.id, files=files)
        prepared, _ = prepare(trace, session, self._setup)
        wanted = [(engine, prepared.wanted(engine)) for engine in self._setup.engines]
        return conclude(prepared, self._scanned(wanted), self._setup)

    def _scanned(self, wanted: Sequence[tuple[Engine, Sequence[Snippet]]]) -> dict[str, dict[str, Result]]:
        """Scan by all detectors at once what was not scanned before."""
        said = {engine.id: self._recalled(engine, snippets) for engine, snippets in wanted}
        scans: list[tuple[Engine, Scan]] = []
        for engine, snippets in wanted:
            new = [snippet for snippet in snippets if snippet.digest not in said[engine.id]]
            if new:
                scans.append((engine, self._workers.scan(engine, new)))
        for engine, scan in scans:
            results = scan.results()
            said[engine.id] |= results
            self._remember({(engine.id, digest): result for digest, result in results.items() if not result.gaps})
        return said

    def _recalled(self, engine: Engine, snippets: Sequence[Snippet]) -> dict[str, Result]:
        keys = ((engine.id, snippet.digest) for snippet in snippets)
        return {key[1]: self._known[key] for key in keys if key in self._known}

    def _remember(self, fresh: Mapping[Key, Result]) -> None:
        self._known.update(fresh)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
