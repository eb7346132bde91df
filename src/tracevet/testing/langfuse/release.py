"""Which Langfuse is emulated: a version, a write mode, and what follows from them."""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["legacy", "dual", "events_only"]


@dataclass(frozen=True, slots=True)
class Release:
    """A version such as "4.16.0" in one of the write modes; 3.x knows only `legacy`."""

    version: str
    mode: Mode

    @classmethod
    def of(cls, version: str, mode: Mode | None = None) -> "Release":
        """Take the mode that a self-hosted server of this version has when nobody chose one.

        Raises:
            ValueError: the version has no such mode.
        """
        old = int(version.partition(".")[0]) < 4  # noqa: PLR2004 - the first version with the events table
        chosen = mode or ("legacy" if old else "events_only")
        if (chosen == "legacy") != old:
            raise ValueError(f"Langfuse {version} has no mode {chosen!r}")
        return cls(version, chosen)

    @property
    def v1(self) -> bool:
        """Whether the old reads exist."""
        return self.mode != "events_only"

    @property
    def v2(self) -> bool:
        """Whether observations v2 and scores v3 exist."""
        return self.mode != "legacy"

    @property
    def score_lists(self) -> bool:
        """Whether `POST /scores` takes a list."""
        major, minor = (int(part) for part in self.version.split(".")[:2])
        return (major, minor) >= (4, 59)
