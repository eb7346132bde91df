"""Read, prepare and write with SDK 4; run by an interpreter that has it, with the host's paths after its own."""

import json
import sys


def main() -> None:
    """Take the paths, the window and a verdict from standard input; print what was read and written as JSON."""
    asked = json.load(sys.stdin)
    sys.path.extend(asked["paths"])
    from datetime import datetime
    from importlib.metadata import version

    from tracevet import PlatformError, Verdict, Window
    from tracevet_langfuse import LangfusePlatform, connection

    connection.FIRST_WAIT = 0.001
    platform = LangfusePlatform(**asked["options"])
    window = Window(*(datetime.fromisoformat(moment) for moment in asked["window"]))
    pages = list(platform.traces(window, None))
    more = list(platform.traces(window, pages[-1].cursor)) if pages else []
    prepared = list(platform.prepare())
    verdicts = [Verdict.model_validate(verdict) for verdict in asked["verdicts"]]
    written = platform.write_all(verdicts)
    said = {
        "sdk": version("langfuse"),
        "traces": [[trace.id, trace.user, len(trace.spans)] for page in pages for trace in page.traces],
        "metadata": [dict(trace.spans[0].metadata) for page in pages for trace in page.traces],
        "prepared": prepared,
        "reviews": [review.model_dump(mode="json") for review in platform.reviews(None)],
        "more": [trace.id for page in more for trace in page.traces],
        "notes": [note for one in written if not isinstance(one, PlatformError) for note in one.notes],
        "errors": [type(one).__name__ if isinstance(one, PlatformError) else "" for one in written],
    }
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
