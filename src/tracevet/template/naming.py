"""The names of a new plugin: of its distribution, its module and its class, and what they may not clash with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata, util

from tracevet.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 28  # characters, as of a policy's id: the template's policy has the plugin's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What a plugin is called, and what follows from it."""

    name: str  # as in the configuration
    kind: str

    @classmethod
    def of(cls, name: str, kind: str, taken: Mapping[str, str]) -> "Naming":
        """Check a name; `taken` maps the names that plugins of that kind have already to their distributions.

        Raises:
            UsageError: it is no name, or something has it; the text says what to write.
        """
        short = name.removeprefix("tracevet-")
        if not _NAME.fullmatch(short) or len(short) > _LONGEST:
            raise UsageError(
                f"{name[:60]!r} can't be a plugin's name: use at most {_LONGEST} lower-case letters and digits, with "
                "single '-' between them, such as 'acme-logging'"
            )
        naming = cls(name=short, kind=kind)
        if short in taken:
            raise UsageError(f"there is a {kind} named {short!r} already, of {taken[short]}; choose another name")
        if naming._is_taken():
            raise UsageError(f"there is a distribution {naming.distribution!r} already; choose another name")
        return naming

    @property
    def distribution(self) -> str:
        """The distribution, and the folder that it is written to."""
        return f"tracevet-{self.name}"

    @property
    def module(self) -> str:
        """The module that is imported."""
        return self.distribution.replace("-", "_")

    @property
    def cls(self) -> str:
        """The class, which ends with its kind."""
        words = [*self.name.split("-"), *([] if self.name.endswith(self.kind) else [self.kind])]
        return "".join(word.capitalize() for word in words)

    def _is_taken(self) -> bool:
        """Tell whether it is one of ours, installed or not, or a module that can be imported here."""
        ours = metadata.metadata("tracevet").get_all("Provides-Extra") or []
        return self.name in ours or util.find_spec(self.module) is not None
