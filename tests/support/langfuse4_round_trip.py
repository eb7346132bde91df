"""What a program with SDK 4 does with a server: run with its URL, its keys and its mode; fails where it reads wrong."""

import sys
from datetime import UTC, datetime

from langfuse import Langfuse, propagate_attributes


def main(url: str, public_key: str, secret_key: str, mode: str) -> None:
    """Trace a turn, score it in both ways, read all of it back with what the mode has, and tag it."""
    sdk = Langfuse(public_key=public_key, secret_key=secret_key, base_url=url)
    with (
        propagate_attributes(user_id="ada", session_id="s-1", tags=["assistant"], trace_name="Turn 1"),
        sdk.start_as_current_observation(name="turn", as_type="agent", input={"role": "user"}) as root,
        sdk.start_as_current_observation(name="write", as_type="tool", output="ok"),
    ):
        trace = root.trace_id
    when = datetime(2026, 3, 1, 8, tzinfo=UTC)
    sdk.create_score(
        name="policy", value="weak-hash", data_type="CATEGORICAL", trace_id=trace, score_id="queued", timestamp=when
    )
    sdk.flush()
    sdk.api.scores.create(id="posted", name="ok", value=1, data_type="BOOLEAN", trace_id=trace)
    if mode != "legacy":
        _read_new(sdk, trace)
    if mode != "events_only":
        _read_old(sdk, trace)
    event = {"id": "e", "type": "trace-create", "timestamp": when.isoformat(), "body": {"id": trace}}
    event["body"]["tags"] = ["policy:weak-hash"]
    answer = sdk.api.ingestion.batch(batch=[event])
    assert len(answer.errors) == (mode == "events_only"), answer
    sdk.shutdown()


def _read_new(sdk: Langfuse, trace: str) -> None:
    rows = sdk.api.observations.get_many(trace_id=trace, fields="core,basic,io,trace_context").data
    assert {row.name for row in rows} == {"turn", "write"}, rows
    assert {row.user_id for row in rows} == {"ada"}, rows
    scores = sdk.api.scores_v3.get_many_v3(trace_id=trace, fields="subject,details").data
    assert {score.value for score in scores} == {"weak-hash", True}, scores


def _read_old(sdk: Langfuse, trace: str) -> None:
    whole = sdk.api.trace.get(trace)
    assert (whole.user_id, whole.tags, len(whole.observations), len(whole.scores)) == ("ada", ["assistant"], 2, 2), (
        whole
    )
    assert [found.id for found in sdk.api.trace.list(tags=["assistant"]).data] == [trace]
    rows = sdk.api.legacy.observations_v1.get_many(trace_id=trace).data
    assert {"role": "user"} in [row.input for row in rows], rows
    assert len(sdk.api.scores.get_many(trace_id=trace).data) == 2


if __name__ == "__main__":
    main(*sys.argv[1:])
