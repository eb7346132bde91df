"""What the pipeline costs beside its detectors: `python tests/benchmarks/pipeline_overhead.py [PATH ...]`.

Vets the traces at PATH (default: the bundled samples, copied 200 times under other ids) with one worker process, then
runs the detectors bare, in this process, on the same distinct snippets, and prints CPU times as ratios of the bare
detectors' time. Ratios of one run can be compared; seconds of two runs can't.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import tracevet
from tracevet.assembly import Assembly
from tracevet.config import Config
from tracevet.ledger import Ledger
from tracevet.model import Session, Snippet, Trace
from tracevet.pipeline import Setup, prepare
from tracevet.plugin import Window
from tracevet.run import Run
from tracevet.workers import Workers

COPIES = 200


def cpu() -> float:
    """Give the CPU seconds of this process and its ended children."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def copies(folder: Path) -> Iterator[Path]:
    """Write the samples many times, each copy with ids and code of its own."""
    samples = Path(tracevet.__file__).parent / "samples"
    for number in range(COPIES):
        for sample in sorted(samples.iterdir()):
            text = sample.read_text().replace("user_id", f"user_id_{number}").replace("report}", f"report_{number}}}")
            for id_ in ("0af7651916cd43dd", "b9c7c989f97918e1", "019f2a10", "01a20777", "4bf92f3577b34da6"):
                text = text.replace(id_, f"{number:04x}{id_[4:]}")
            path = folder / f"{number}-{sample.name}"
            path.write_text(text)
            yield path


def main(paths: list[str]) -> None:
    """Measure and print."""
    assembly = Assembly.of(Config())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given = paths or [str(path) for path in copies(folder)]
        start, wall = cpu(), time.perf_counter()
        with Ledger.open(str(folder / "ledger.db")) as ledger, Workers(processes=1) as workers:
            setup = assembly.setup(ledger.key)
            run = Run(assembly.platform("local", paths=tuple(given)), setup, ledger, workers)
            verdicts = sum(1 for _ in run.verdicts(Window()))
        whole, wall = cpu() - start, time.perf_counter() - wall
        start = cpu()
        traces = read(assembly, given)
        reading = cpu() - start
        start = cpu()
        snippets = distinct(traces, setup)
        extracting = cpu() - start
        bare = detectors(setup, snippets)
    report = {
        "traces": verdicts,
        "distinct snippets": len(snippets),
        "wall seconds, one worker": round(wall, 2),
        "bare detectors, CPU seconds": round(bare, 2),
        "whole pipeline / bare detectors": round(whole / bare, 2),
        "reading / bare": round(reading / bare, 2),
        "extracting / bare": round(extracting / bare, 2),
        "processes, decisions, ledger / bare": round((whole - bare - reading - extracting) / bare, 2),
    }
    print(json.dumps(report, indent=2))


def read(assembly: Assembly, paths: list[str]) -> list[Trace]:
    """Read all traces."""
    platform = assembly.platform("local", paths=tuple(paths))
    return [trace for page in platform.traces(Window(), None) for trace in page.traces]


def distinct(traces: list[Trace], setup: Setup) -> dict[str, Snippet]:
    """Take the traces apart."""
    found: dict[str, Snippet] = {}
    for trace in traces:
        prepared, _ = prepare(trace, Session(id=trace.id), setup)
        found |= {digest: places[0] for digest, places in prepared.snippets.items()}
    return found


def detectors(setup: Setup, snippets: dict[str, Snippet]) -> float:
    """Run the detectors bare on all snippets, built beforehand; give the CPU seconds."""
    built = [(engine, engine.cls(**engine.options)) for engine in setup.engines]
    start = cpu()
    for engine, detector in built:
        for _ in detector.scan([snippet for snippet in snippets.values() if engine.reads(snippet)]):
            pass
    return cpu() - start


if __name__ == "__main__":
    main(sys.argv[1:])
