"""The round trip of `tracevet demo --platform NAME`: traces in, violations back, all on an emulated server here."""

import json
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tracevet.errors import PluginError, UsageError
from tracevet.model import Json

if TYPE_CHECKING:
    from tracevet.plugin import Platform

SAMPLES = ("claude-code.langfuse.json", "copilot.langfuse.jsonl")
JUDGED = "sql-injection"  # the violation that the demo's reviewer takes for a false positive


def round_trip(name: str) -> Iterator[str]:
    """Send the sample traces to an emulated server with its own SDK, watch it, and give what then stands there.

    What needs the SDK is in the module `demo` of the platform's plugin: `send(rows)` and `shown()`.

    Raises:
        UsageError: there is no demo of this platform, or something that it needs is not installed.
    """
    from tracevet.assembly import Assembly
    from tracevet.config import Config

    with _emulator(name) as emulator:
        keys = {"LANGFUSE_PUBLIC_KEY": emulator.public_key, "LANGFUSE_SECRET_KEY": emulator.secret_key}
        os.environ |= {**keys, "LANGFUSE_BASE_URL": emulator.url}
        assembly = Assembly.of(Config())
        try:
            platform = assembly.platform(name)
        except PluginError:
            raise _missing(name) from None
        demo: Any = import_module(f"{type(platform).__module__.partition('.')[0]}.demo")
        yield f"a {name} of its own at {emulator.url}, until the end of this demo"
        yield f"\n$ your assistants, traced with the {name} SDK"
        yield f"{demo.send(list(_rows()))} traces"
        yield f"\n$ tracevet prepare --platform {name}"
        yield from (f"ready: {line}" for line in platform.prepare())
        with TemporaryDirectory() as folder:
            yield from _watched(assembly, platform, folder)
            yield from ("\n$ what now stands there, read back with the SDK", *demo.shown())
            yield from _reviewed(emulator)
            yield from _watched(assembly, platform, folder)
            yield from ("\n$ what stands there now", *(line for line in demo.shown() if line.startswith("score")))


def _emulator(name: str) -> Any:
    if name != "langfuse":
        raise UsageError(f"there is no demo of the platform {name!r}; there is one of: langfuse")
    try:
        from tracevet.testing.langfuse import LangfuseEmulator
    except ImportError:
        raise _missing(name) from None
    return LangfuseEmulator()


def _missing(name: str) -> UsageError:
    return UsageError(f"the demo of {name} needs more; run: pip install 'tracevet[{name},testing]'")


def _rows() -> Iterator[dict[str, Json]]:
    from importlib.resources import files

    for sample in SAMPLES:
        text = (files("tracevet") / "samples" / sample).read_text(encoding="utf-8")
        yield from json.loads(text) if sample.endswith(".json") else map(json.loads, text.splitlines())


def _watched(assembly: Any, platform: "Platform", folder: str) -> Iterator[str]:
    from tracevet.ledger import Ledger
    from tracevet.watch import Surroundings, Watch
    from tracevet.workers import Workers

    yield f"\n$ tracevet watch --platform {platform.name} --once"
    lines: list[str] = []
    with Ledger.open(f"{folder}/ledger.db") as ledger, Workers(processes=1) as workers:
        Watch(platform, assembly.begin(ledger), ledger, workers, around=Surroundings(say=lines.append)).once()
    yield from lines


def _reviewed(emulator: Any) -> Iterator[str]:
    """Judge one violation as a person does in the review queue."""
    scores = emulator.state()["scores"]
    found = next((one for one in scores if one["value"] == JUDGED and one["observationId"]), None)
    if found is None:
        print("the detectors that are installed found nothing to review", file=sys.stderr)
        return
    trace, span = found["traceId"], found["observationId"]
    emulator.annotate(trace, "false positive", observation_id=span, comment="The id comes from our own code.")
    yield f"\n$ a reviewer takes {JUDGED} on observation {span} for a false positive"
