"""What the plugin brings."""

from collections.abc import Iterable

from tracevet import Platform, hookimpl
from tracevet_langsmith.platform import LangSmithPlatform


@hookimpl
def register_platforms() -> Iterable[type[Platform]]:
    """Bring LangSmith."""
    return (LangSmithPlatform,)
