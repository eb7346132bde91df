"""What writing needs once: how feedback is to be read, the annotation queue, and a saved view for each policy."""

from collections.abc import Iterator, Sequence

from tracevet import Json, PlatformError, RefusedError
from tracevet_langsmith.connection import Connection
from tracevet_langsmith.failures import ConflictError, ForbiddenError
from tracevet_langsmith.marks import COVERAGE, POLICY, REVIEW, SEVERITY
from tracevet_langsmith.projects import Projects
from tracevet_langsmith.queue import Queue
from tracevet_langsmith.reviewing import ANSWERS

CONFIGS = "/api/v1/feedback-configs"
RUBRIC = "Is the violation in the feedback `policy.…` of this run real?"
MEANINGS = {
    "confirmed": "It is real, and should be put right.",
    "false positive": "It is none.",
    "accepted risk": "It is real, and stays.",
}
_SHARE: dict[str, Json] = {"type": "continuous", "min": 0.0, "max": 1.0}


def prepare(connection: Connection, projects: Projects, queue: str, policies: Sequence[str]) -> Iterator[str]:
    """Create what is missing; say what is there, and what the key may not create.

    Raises:
        PlatformError: it could not be created.
    """
    categories: list[Json] = [{"label": label, "value": float(value)} for value, label in enumerate(ANSWERS)]
    wanted: list[tuple[str, dict[str, Json], bool]] = [
        (REVIEW, {"type": "categorical", "categories": categories}, False),
        (SEVERITY, _SHARE, True),
        (COVERAGE, _SHARE, False),
        *((f"{POLICY}{policy}", _SHARE, True) for policy in policies),
    ]
    made = _configs(connection, wanted)
    missing = [key for key, _, _ in wanted if key not in made]
    yield from (f"feedback config {key}" for key in made)
    if missing:
        yield (
            f"no feedback config for {', '.join(missing)}: the key may not create them; what is written is the same, "
            "an administrator's key adds how it is shown"
        )
    Queue(connection, queue).create(_rubric(reviewed=REVIEW in made))
    yield f"annotation queue {queue}"
    yield from _views(connection, projects, policies)


def _configs(connection: Connection, wanted: Sequence[tuple[str, dict[str, Json], bool]]) -> list[str]:
    """Create the configs that are missing; give the keys of those that are there."""
    rows = connection.listed("listing feedback configs", CONFIGS, key=[key for key, _, _ in wanted])
    known = {str(row.get("feedback_key")): row.get("feedback_config") for row in rows}
    made = []
    for key, config, lower in wanted:
        if key in known:
            _require_fitting(key, known[key])
        elif not _created(connection, key, config, lower=lower):
            continue
        made.append(key)
    return made


def _created(connection: Connection, key: str, config: dict[str, Json], *, lower: bool) -> bool:
    body = {"feedback_key": key, "feedback_config": config, "is_lower_score_better": lower}
    try:
        connection.patiently(lambda: connection.post("creating a feedback config", CONFIGS, body))
    except ForbiddenError:
        return False
    except RefusedError as error:
        if isinstance(error, ConflictError):
            return True
        raise PlatformError(f"{error}; the workspace may have another config for {key}: rename or delete it") from None
    return True


def _require_fitting(key: str, config: Json) -> None:
    """Refuse a config for reviews that does not hold our answers.

    Raises:
        PlatformError: it holds others.
    """
    found = config.get("categories") if isinstance(config, dict) else None
    labels = {str(one.get("label")) for one in found if isinstance(one, dict)} if isinstance(found, list) else set()
    if key == REVIEW and not labels >= set(ANSWERS):
        raise PlatformError(
            f"the workspace has a feedback config {key} without the categories {', '.join(ANSWERS)}; "
            "rename or delete it"
        )


def _rubric(*, reviewed: bool) -> dict[str, object]:
    """Say what is asked of a reviewer; LangSmith takes only keys in a rubric that have a config."""
    options: dict[str, object] = {"description": "Violations to review", "rubric_instructions": RUBRIC}
    if reviewed:
        item = {"feedback_key": REVIEW, "description": RUBRIC, "value_descriptions": MEANINGS, "is_required": True}
        options["rubric_items"] = [item]
    return options


def _views(connection: Connection, projects: Projects, policies: Sequence[str]) -> Iterator[str]:
    """Create a view for each policy in each project, by name."""
    for project in projects.ids() if policies else ():
        path = f"/api/v1/sessions/{project}/views"
        known = {str(row.get("display_name")) for row in connection.get("listing views", path) or ()}
        for policy in policies:
            name = f"policy: {policy}"
            if name not in known:
                _view(connection, path, name, policy)
            yield f"view {name!r} in project {project}"


def _view(connection: Connection, path: str, name: str, policy: str) -> None:
    body = {
        "display_name": name,
        "description": "Traces that violate the policy, by tracevet",
        "filter_string": f'and(eq(feedback_key,"{POLICY}{policy}"),gt(feedback_score,0))',
        "type": "runs",
    }

    def attempt() -> None:
        rows = connection.get("listing views", path) or ()
        if not any(row.get("display_name") == name for row in rows):
            connection.post("creating a view", path, body)

    connection.patiently(attempt)
