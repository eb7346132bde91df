"""What a session's files cost: `PYTHONPATH=tests/support python tests/benchmarks/session_cost.py`.

Vets sessions of N turns without detectors; each turn edits one line of a file of 400 lines. `tools` are traces with a
span for each tool, `gateway` are single calls that resend the whole history. Prints milliseconds of CPU a turn for
each step, and the characters a turn that detectors would get; for gateways also the ratio to the same session without
the resending, and what it takes merely to parse what was sent. No two traces share a parsed value.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator

import orjson
from file_traces import POLICY, edit, read, turn

from tracevet.extract import StandardExtractor
from tracevet.model import Json, Session, Span, SpanKind, Trace
from tracevet.pipeline import Setup, conclude, join, take, told
from tracevet.session import learn, when

COUNTS = (10, 100, 500)
LINES = [f"value_{number} = compute({number}, 'some text that fills the line')" for number in range(400)]


def tools(count: int) -> Iterator[Trace]:
    """Yield turns as assistants' plugins record them."""
    for number in range(count):
        line = LINES[number % len(LINES)]
        known = [read("a.py", "\n".join(LINES))] if not number else []
        yield turn(f"t{number}", *known, edit("a.py", line, f"{line}  # {number}", every=True), minute=number)


def gateway(count: int, *, resend: bool = True, form: Callable[[str], Json] = json.loads) -> Iterator[Trace]:
    """Yield calls as a gateway records them, each with all that was said before, or with what is new alone."""
    history: list[Json] = [{"role": "user", "content": "Change the file."}]
    whole_file: Json = {"file_path": "a.py", "content": "\n".join(LINES)}
    for number in range(count):
        line = LINES[number % len(LINES)]
        change: Json = {
            "file_path": "a.py",
            "old_string": line,
            "new_string": f"{line} # {number}",
            "replace_all": True,
        }
        name, arguments = ("Edit", change) if number else ("Write", whole_file)
        call: Json = {"type": "tool_use", "id": f"c{number}", "name": name, "input": arguments}
        answer: Json = {"role": "assistant", "content": [call]}
        sent = form(json.dumps({"messages": history if resend else history[-1:]}))
        span = Span(id=f"g{number}", kind=SpanKind.GENERATION, input=sent, output=answer)
        whole = turn(f"t{number}", span, minute=number)
        yield whole
        result: Json = {"type": "tool_result", "tool_use_id": f"c{number}", "content": "done"}
        history += [answer, {"role": "user", "content": [result]}]


def measure(traces: Iterable[Trace]) -> dict[str, float]:
    """Vet one session; give milliseconds and characters a turn."""
    setup = Setup(extractors=(StandardExtractor(),), engines=(), policies=(POLICY,), key=b"k" * 32)
    session, count, characters = Session(id="s"), 0, 0
    spent = dict.fromkeys(("take", "join", "decide and learn"), 0.0)
    for trace in traces:
        start = time.process_time()
        taken = take(trace, session, setup)
        middle = time.process_time()
        prepared, session = join(taken, session, when(trace, session))
        end = time.process_time()
        session = learn(session, told(prepared, {}, setup), conclude(prepared, {}, setup))
        spent["take"] += middle - start
        spent["join"] += end - middle
        spent["decide and learn"] += time.process_time() - end
        characters += sum(len(found[0].text) for found in prepared.snippets.values() if found[0].surface != "context")
        count += 1
    each = {name: round(1000 * each / count, 3) for name, each in spent.items()}
    return each | {"all": round(sum(each.values()), 3), "characters": characters // count}


def parsing(traces: Iterable[Trace]) -> float:
    """Give milliseconds a turn that it takes merely to parse what was sent: no reader of it can do without."""
    texts = [json.dumps(span.input) for trace in traces for span in trace.spans]
    start = time.process_time()
    for text in texts:
        orjson.loads(text)
    return round(1000 * (time.process_time() - start) / len(texts), 3)


def compared(count: int, form: Callable[[str], Json]) -> dict[str, object]:
    """Measure a gateway's session that resends its history beside one that does not."""
    plain, resent = (measure(gateway(count, resend=resend, form=form)) for resend in (False, True))
    ratio = round(resent["all"] / plain["all"], 2)
    return {"plain": plain, "resent": resent, "ratio": ratio, "parsing alone": parsing(gateway(count))}


def main() -> None:
    """Measure and print."""
    report: dict[str, object] = {"tools": {count: measure(tools(count)) for count in COUNTS}}
    for name, form in (("gateway, parsed by the platform", json.loads), ("gateway, strings of JSON", str)):
        report[name] = {count: compared(count, form) for count in COUNTS}
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
