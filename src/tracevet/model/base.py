"""What the types of the model share."""

from enum import StrEnum
from functools import cache

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value: immutable, and with no other fields than the declared ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Scale(StrEnum):
    """Words in rising order; compare them by rank."""

    @property
    def rank(self) -> int:
        """The place on the scale, 0 for the lowest."""
        return _ranks(type(self))[self]


@cache
def _ranks(scale: type[Scale]) -> dict[Scale, int]:
    return {word: rank for rank, word in enumerate(scale)}
