"""What writing needs once: the score config by which people judge violations, and the review queue."""

from collections.abc import Iterator

from tracevet import PlatformError
from tracevet_langfuse.annotations import paged
from tracevet_langfuse.connection import Connection

REVIEW = "policy.review"
VERDICTS = ("confirmed", "false positive", "accepted risk")
DESCRIPTION = "What a person says of a violation that tracevet found."


def prepare(connection: Connection, queue: str) -> Iterator[str]:
    """Create what is missing; say what is there.

    Raises:
        PlatformError: it could not be created.
    """
    config = connection.patiently(lambda: _config(connection))
    yield f"score config {REVIEW} ({', '.join(VERDICTS)})"
    connection.patiently(lambda: _queue(connection, queue, config))
    yield f"review queue {queue}"


def _config(connection: Connection) -> str:
    configs = connection.api.score_configs
    for config in paged(connection, "listing score configs", configs.get):
        if config.name == REVIEW and not config.is_archived:
            return _fitting(config)
    categories = [{"label": label, "value": value} for value, label in enumerate(VERDICTS)]
    made = connection.once(
        "creating a score config",
        configs.create,
        name=REVIEW,
        data_type="CATEGORICAL",
        categories=[_category(category) for category in categories],
        description=DESCRIPTION,
    )
    return str(made.id)


def _fitting(config: object) -> str:
    """Give the id of a config that holds our categories.

    Raises:
        PlatformError: it holds others.
    """
    labels = {str(category.label) for category in getattr(config, "categories", None) or ()}
    if not labels >= set(VERDICTS):
        raise PlatformError(
            f"the project has a score config {REVIEW} without the categories {', '.join(VERDICTS)}; "
            "archive or rename it"
        )
    return str(getattr(config, "id", ""))


def _category(category: dict[str, object]) -> object:
    from langfuse.api import ConfigCategory

    return ConfigCategory(**category)


def _queue(connection: Connection, name: str, config: str) -> None:
    queues = connection.api.annotation_queues
    if any(queue.name == name for queue in paged(connection, "listing review queues", queues.list_queues)):
        return
    options = {"name": name, "description": "Violations to review", "score_config_ids": [config]}
    connection.once("creating the review queue", queues.create_queue, **options)
