"""A pattern in a policy: what code may not look like, as data."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, StringConstraints, field_validator, model_validator

from tracevet.model.base import Frozen
from tracevet.model.finding import Confidence, Severity

PatternId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\r\n]*$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9+#-]{0,30}$")]
ImportName = Annotated[str, StringConstraints(pattern=r"^[\w@$][\w@$./:\\-]{0,199}$")]
CallName = Annotated[str, StringConstraints(pattern=r"^(?:\*\.)?[\w$][\w$.:\\-]{0,199}$")]

_NUMBERS = frozenset({"nthChild", "position", "line", "column"})  # ast-grep's keys whose values are no text
_SWITCHES = frozenset({"reverse"})


def _by_language(example: object) -> object:
    return {"": example} if isinstance(example, str) else example


# Code by language; "" is each language of the pattern.
Example = Annotated[dict[str, str], BeforeValidator(_by_language, json_schema_input_type=str | dict[str, str])]


class PatternKind(StrEnum):
    """How a pattern says what it looks for."""

    RULE = "rule"  # ast-grep's own form
    REGEX = "regex"  # RE2
    IMPORTS = "imports"  # modules that may not be imported
    CALLS = "calls"  # functions that may not be called


class Pattern(Frozen):
    """What code may not look like: one of `rule`, `regex`, `imports` and `calls`, with examples that prove it."""

    id: PatternId
    message: Line  # what is wrong; never quotes the code
    severity: Severity | None = None  # orders findings on one spot; None: the policy's, as the violation's always is
    confidence: Confidence = Confidence.HIGH
    languages: tuple[Language, ...] = ()  # empty: the policy's, else all that the kind of pattern can read
    rule: dict[str, Any] | None = None
    constraints: dict[str, Any] = Field(default_factory=dict)  # of `rule`, by metavariable
    utils: dict[str, Any] = Field(default_factory=dict)  # of `rule`: rules by name, for `matches`
    regex: str = Field("", max_length=4000)  # linear time; a group named `mask` is masked wherever it is shown
    of: Literal["all", "code", "comments"] = "all"  # which part of the text `regex` is searched in
    imports: tuple[ImportName, ...] = Field((), max_length=200)  # with all that lies below them
    calls: tuple[CallName, ...] = Field((), max_length=200)  # "os.system"; "*.execute": of anything
    fix: str = Field("", max_length=500)
    valid: tuple[Example, ...] = ()
    invalid: tuple[Example, ...] = Field(min_length=1)
    _place: str = PrivateAttr("")

    @property
    def kind(self) -> PatternKind:
        """How it says what it looks for."""
        return next(kind for kind in PatternKind if getattr(self, kind))

    @property
    def place(self) -> str:
        """Name the file and line that it stands on; "" where it came from no file."""
        return self._place

    def at(self, place: str) -> Self:
        """Give the same pattern, read from that file and line."""
        self._place = place
        return self

    @field_validator("rule", "constraints", "utils", mode="before")
    @classmethod
    def _typed(cls, value: object) -> object:
        """Read the few numbers and switches of ast-grep's form: in a policy file every value is text."""
        return _typed(value)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        kinds = [kind.value for kind in PatternKind if getattr(self, kind)]
        if len(kinds) != 1:
            raise ValueError(f"give one of rule, regex, imports and calls, not {' and '.join(kinds) or 'none'}")
        if (self.constraints or self.utils) and not self.rule:
            raise ValueError("constraints and utils go with rule")
        if self.of != "all" and not self.regex:
            raise ValueError("of goes with regex")
        return self


def _typed(value: object, key: str = "") -> object:
    if isinstance(value, Mapping):
        return {name: _typed(each, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_typed(each) for each in value]
    if key in _NUMBERS and isinstance(value, str) and value.lstrip("-").isascii() and value.lstrip("-").isdigit():
        return int(value)
    return {"true": True, "false": False}.get(str(value), value) if key in _SWITCHES else value
