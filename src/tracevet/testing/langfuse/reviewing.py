"""What a person does in the annotation form: one score a person, subject and config; judging again changes it."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from tracevet.testing.langfuse.answers import Row
from tracevet.testing.langfuse.project import Project
from tracevet.testing.langfuse.score_rules import fit, to_score

_IDS = UUID("3d0a1f0e-6f0b-5a52-9c1d-2b7c40b0f0a3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a person fills in."""

    trace: str
    observation: str | None
    name: str
    value: str
    author: str
    comment: str


def annotate(project: Project, form: Form, now: str) -> str:
    """Put the score there at once, and give its id; its timestamp stays that of the first judgement.

    Raises:
        ValueError: the project has no such config, or the config no such value.
    """
    config = next((row for row in project.configs if row["name"] == form.name and not row["isArchived"]), None)
    subject = (project.id, form.trace, form.observation or "", form.name, form.author)
    id_ = str(uuid5(_IDS, "\x00".join(subject)))
    body: Row = {"id": id_, "name": form.name, "value": form.value, "dataType": "CATEGORICAL"}
    body |= {"comment": form.comment or None, "source": "ANNOTATION"}
    body |= {"traceId": form.trace, "observationId": form.observation}
    body |= {"configId": config and config["id"]}
    score = to_score(body, event_time=None, now=now) | {"authorUserId": form.author}
    old = next(project.scores.find(ids=[id_]), None)
    score |= {"timestamp": old["timestamp"]} if old else {}
    fitting = fit(score, config) if config else None
    if fitting is None:
        raise ValueError(f"no score config {form.name!r} with the value {form.value!r}")
    project.scores.put(fitting)
    return id_
