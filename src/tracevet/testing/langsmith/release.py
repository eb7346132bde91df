"""Which LangSmith is emulated: a version, and which of the two APIs it serves."""

from dataclasses import dataclass
from typing import Literal, Self

ITEMS_SINCE = (0, 16, 14)  # queue items of their own: SDK 0.15, client.py, `annotation_queues`
V2_SINCE = (0, 16, 0)


@dataclass(frozen=True, slots=True)
class Release:
    """A version of the server; `v1` and `v2` say whether runs can be queried by the old and the new API."""

    version: str
    v1: bool
    v2: bool

    @classmethod
    def of(cls, version: str, v2: bool | Literal["only"] | None = None) -> Self:
        """Take a version with the APIs that it has, or with others."""
        new = _numbers(version) >= V2_SINCE if v2 is None else bool(v2)
        return cls(version, v2 != "only", new)

    @property
    def items(self) -> bool:
        """Whether queue items have an API of their own."""
        return self.v2 and _numbers(self.version) >= ITEMS_SINCE

    @property
    def flags(self) -> dict[str, bool]:
        """What `/info` says about the backends for queries."""
        return {"ch_query_enabled": self.v1, "sdb_query_enabled": self.v2, "zstd_compression_enabled": True}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3])
