"""What a session's files cost: `PYTHONPATH=tests/support python tests/benchmarks/session_cost.py`.

Vets sessions of N turns without detectors; each turn edits one line of a file of 400 lines. `tools` are traces with a
span for each tool, `gateway` are single calls that resend the whole history. Prints milliseconds of CPU a turn for
each step, and the characters a turn that detectors would get: they must not grow with N but for what the platform
itself sends again.
"""

import json
import time
from collections.abc import Iterator

from file_traces import POLICY, edit, read, turn

from tracevet.extract import StandardExtractor
from tracevet.model import Json, Session, Span, SpanKind, Trace
from tracevet.pipeline import Setup, conclude, join, take, told
from tracevet.session import learn, when

LINES = [f"value_{number} = compute({number}, 'some text that fills the line')" for number in range(400)]


def tools(count: int) -> Iterator[Trace]:
    """Yield turns as assistants' plugins record them."""
    for number in range(count):
        line = LINES[number % len(LINES)]
        known = [read("a.py", "\n".join(LINES))] if not number else []
        yield turn(f"t{number}", *known, edit("a.py", line, f"{line}  # {number}", every=True), minute=number)


def gateway(count: int) -> Iterator[Trace]:
    """Yield calls as a gateway records them, each with all that was said before."""
    history: list[Json] = [{"role": "user", "content": "Change the file."}]
    write: Json = {"file_path": "a.py", "content": "\n".join(LINES)}
    for number in range(count):
        line = LINES[number % len(LINES)]
        change: Json = {
            "file_path": "a.py",
            "old_string": line,
            "new_string": f"{line} # {number}",
            "replace_all": True,
        }
        name, arguments = ("Edit", change) if number else ("Write", write)
        call: Json = {"type": "tool_use", "id": f"c{number}", "name": name, "input": arguments}
        answer: Json = {"role": "assistant", "content": [call]}
        span = Span(id=f"g{number}", kind=SpanKind.GENERATION, input=list(history), output=answer)
        whole = turn(f"t{number}", span, minute=number)
        yield whole
        result: Json = {"type": "tool_result", "tool_use_id": f"c{number}", "content": "done"}
        history += [answer, {"role": "user", "content": [result]}]


def measure(traces: Iterator[Trace]) -> dict[str, float]:
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
    return {name: round(1000 * each / count, 2) for name, each in spent.items()} | {"characters": characters // count}


def main() -> None:
    """Measure and print."""
    kinds = {"tools": tools, "gateway": gateway}
    report = {name: {str(count): measure(make(count)) for count in (10, 100, 500)} for name, make in kinds.items()}
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
