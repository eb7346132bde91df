"""What the plugin brings."""

from collections.abc import Iterable

from tracevet import Platform, hookimpl
from tracevet_langfuse.platform import LangfusePlatform


@hookimpl
def register_platforms() -> Iterable[type[Platform]]:
    """Bring Langfuse."""
    return (LangfusePlatform,)
