"""A rule as data: what it looks for, what it says, and the examples that prove it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from tracevet import Confidence, Severity

ANY = "any"  # as a rule's language: all of them
LABELS = frozenset({"dynamic", "built", "input", "param"})
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)+$", max_length=60)]
Sentence = Annotated[str, StringConstraints(min_length=10, max_length=200, pattern=r"^[^\n]*\.$")]
Cwe = Annotated[str, StringConstraints(pattern=r"^CWE-[1-9][0-9]{0,4}$")]
Where = Mapping[str, str]
Example = str | Mapping[str, str]


class Rule(BaseModel):
    """One check. `rule` is ast-grep's own form; `text` is a regex for what has no syntax tree.

    `where` narrows by how a value came to be: metavariable -> labels, `|` for or, `+` for and, `!` for not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: RuleId
    languages: tuple[str, ...] = Field(min_length=1)
    cwe: tuple[Cwe, ...] = ()
    severity: Severity
    confidence: Confidence
    message: Sentence
    fix: Sentence
    keywords: tuple[str, ...] = ()  # lower case; one of them must stand in the text; empty: taken from the rule
    rule: Mapping[str, Any] | None = None
    constraints: Mapping[str, Any] = Field(default_factory=dict)
    utils: Mapping[str, Any] = Field(default_factory=dict)
    text: str = ""  # RE2
    of: Literal["code", "comments", "all"] = "code"  # which part of the snippet `text` is searched in
    where: tuple[Where, ...] = ()  # one of them must hold
    surer: tuple[Where, ...] = ()  # confidence is high where one of these holds
    given: str = ""  # RE2; must be found in the code of the snippet
    unless: str = ""  # RE2; must not be found in the code of the function around the match
    at: str = ""  # the metavariable to show; empty: the whole match
    mask: tuple[str, ...] = ()  # metavariables, or the regex's group `mask`, that hold a secret
    valid: tuple[Example, ...] = Field(min_length=2)  # code without the weakness
    invalid: tuple[Example, ...] = Field(min_length=2)  # code with it, one of them a fragment

    @field_validator("where", "surer", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return (value,) if isinstance(value, Mapping) else value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.rule is None) == (not self.text):
            raise ValueError("give either 'rule' or 'text'")
        used = {part for where in (*self.where, *self.surer) for term in where.values() for part in parts(term)}
        if unknown := used - LABELS:
            raise ValueError(f"unknown label {sorted(unknown)[0]!r}; labels: {', '.join(sorted(LABELS))}")
        if self.text and (self.where or self.surer or self.at):
            raise ValueError("'where', 'surer' and 'at' need 'rule': a text has no metavariables")
        return self


def parts(term: str) -> set[str]:
    """Name the labels that a condition is made of."""
    return {part.strip().removeprefix("!") for choice in term.split("|") for part in choice.split("+")}


def holds(term: str, labels: frozenset[str]) -> bool:
    """Say whether a condition such as `input|built+param` holds of a value's labels."""
    return any(all(_has(part.strip(), labels) for part in choice.split("+")) for choice in term.split("|"))


def _has(part: str, labels: frozenset[str]) -> bool:
    return part[1:] not in labels if part.startswith("!") else part in labels
