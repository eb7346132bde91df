"""`POST` and `DELETE /api/public/scores`: one score in every version, a list from 4.59 on."""

from typing import Any

from tracevet.testing.langfuse.answers import Answer, RefusalError, Row, invalid, mistyped
from tracevet.testing.langfuse.calls import Call
from tracevet.testing.langfuse.score_rules import check, fit, to_score
from tracevet.testing.langfuse.times import normal

BODY_LIMIT = 1_048_576  # bytes of a request; the default of the web framework


def create(call: Call) -> Answer:
    """Accept one score (200 with its id) or a list (202, or 207 where some are refused)."""
    if len(call.body) > BODY_LIMIT:
        raise RefusalError(413, {"message": "Body exceeded 1mb limit"})
    body = call.json()
    if isinstance(body, list):
        return _create_all(call, body)
    score = check(body)
    written = accept(call, score, _event_time(call, score))
    return Answer({"id": written["id"]})


def delete(call: Call) -> Answer:
    """Queue the deletion of a score; one that does not exist is accepted too."""
    project, score_id = call.project, call.path["score"]
    project.arrivals.later(call.delays.deletes, lambda: project.scores.delete(score_id))
    return Answer({"message": "Score deletion queued successfully"}, 202)


def accept(call: Call, body: Row, event_time: str | None) -> Row:
    """Let a checked score arrive after the delay of scores; a value outside its config never does."""
    project = call.project
    score = to_score(body, event_time=event_time, now=call.now)

    def arrive() -> None:
        fitting = fit(score, project.config(score["configId"]))
        if fitting is not None:
            project.scores.put(fitting)

    project.arrivals.later(call.delays.scores, arrive)
    return score


def _event_time(call: Call, score: Row) -> str | None:
    """Take the score's own time from 4.59 on; before, the field is ignored and the time is that of the request."""
    given = score.get("timestamp") if call.release.score_lists else None
    return None if given is None else normal(given)


def _create_all(call: Call, bodies: list[Any]) -> Answer:
    if not call.release.score_lists:
        raise invalid(mistyped("object", bodies))
    errors = []
    for at, body in enumerate(bodies):
        if at < call.rejected:
            errors.append({"message": f"Score {at} was rejected"})
            continue
        try:
            score = check(body)
        except RefusalError as refusal:
            errors.append({"message": "; ".join(issue["message"] for issue in refusal.body["error"])})
        else:
            accept(call, score, _event_time(call, score))
    if not errors:
        return Answer({"message": "Accepted"}, 202)
    return Answer({"accepted": len(bodies) - len(errors), "rejected": len(errors), "errors": errors}, 207)
