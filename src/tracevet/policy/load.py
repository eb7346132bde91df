"""Load packs of policies from YAML, ours and the user's alike."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from tracevet.errors import ConfigError
from tracevet.model import Policy, PolicyPack
from tracevet.model.base import Frozen
from tracevet.problems import Loc, Problem, complaint, explain, place
from tracevet.yamlfile import Document, Plain, read_yaml


class PolicyFile(Frozen):
    """A file of policies."""

    pack: str = Field(min_length=1, max_length=60, description="Name of the pack, shown beside its policies.")
    policies: tuple[Policy, ...] = Field(min_length=1, description="The policies, each with an id of its own.")

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:  # as pydantic's, whatever it takes
        """Give the JSON Schema of policy files, with a description of every key."""
        schema = super().model_json_schema(*args, **kwargs)
        for model, descriptions in (("Policy", _DESCRIPTIONS), ("Pattern", _PATTERN_DESCRIPTIONS)):
            for name, field in schema["$defs"][model]["properties"].items():
                field["description"] = descriptions[name]
        return schema


_PATTERN = 3  # policies, number, patterns, number: where the number of a pattern stands in a place
_DESCRIPTIONS = {
    "id": "Name in configuration, scores and tags; at most 28 characters of a-z, 0-9 and -.",
    "title": "What people read, such as 'SQL Injection Prevention'.",
    "category": "Word under which reports group policies, such as 'injection'.",
    "severity": "How bad a breach is, whatever the detector thinks of the finding.",
    "cwe": "Weaknesses that breach the policy, such as CWE-89; the most typical one first.",
    "rules": "Checks that breach the policy whatever their CWE, as DETECTOR:RULE; a final * matches any rest.",
    "except_rules": "Checks that don't breach the policy although their CWE is listed, as DETECTOR:RULE.",
    "patterns": "What code may not look like, said here instead of in a detector.",
    "surfaces": "Where a breach counts: prompt (the developer sent it), suggested (the assistant said it), "
    "applied (a tool wrote it to a file), command (a tool ran it), context (it was there before).",
    "languages": "Languages in which a breach counts, lower-case; empty: every language.",
    "min_confidence": "Findings that a detector is less sure of are left out.",
    "refuted": "Whether findings count that another detector proves harmless; they are counted apart otherwise.",
    "mode": "enforce: may block where something can block; monitor: is recorded and shown; off: is not looked for.",
    "recommendation": "What to write instead, concretely.",
    "references": "Links for reading on.",
}

_PATTERN_DESCRIPTIONS = {
    "id": "Name of the pattern within its policy; its rule is POLICY.PATTERN.",
    "message": "What is wrong, in one sentence; shown as it is.",
    "severity": "Orders findings on one spot; a violation has its policy's severity.",
    "confidence": "How sure a finding is; default high.",
    "languages": "Languages whose code it is looked for in; default: the policy's.",
    "rule": "A rule in ast-grep's own form: pattern, kind, regex, has, inside, any, all, not and so on.",
    "constraints": "ast-grep's own: what the metavariables of the rule must be like.",
    "utils": "ast-grep's own: rules by name, for the key matches.",
    "regex": "A regular expression of RE2, in linear time; a group named mask is masked wherever it is shown.",
    "of": "Which part of the text the regular expression is searched in: all, code or comments.",
    "imports": "Modules that may not be imported, each with all that lies below it.",
    "calls": "Functions that may not be called, such as os.system; *.execute is a method of anything.",
    "fix": "What to write instead, when it is more than the policy recommends.",
    "valid": "Code in which nothing is found; text, or text by language.",
    "invalid": "Code in which something is found; text, or text by language.",
}


def policy_schema() -> dict[str, Any]:
    """Give the JSON Schema of policy files, for editors and checks elsewhere."""
    return PolicyFile.model_json_schema()


def load_pack(text: str, source: str) -> PolicyPack:
    """Read a pack from YAML; `source` is its name in messages and goes into the pack.

    Raises:
        ConfigError: with one line for each problem of the file: place, what is wrong, what is valid.
    """
    document = read_yaml(text, source)
    if not isinstance(document.data, dict):
        raise complaint(source, [Problem(document.line(()), "must be a table with the keys pack and policies")])
    problems = [*document.problems, *_slips(document)]
    try:
        file = PolicyFile.model_validate(document.data)
    except ValidationError as error:
        problems += explain(error, PolicyFile, document.line, lambda loc: _subject(document.data, loc))
    if problems:
        raise complaint(source, problems)
    _place(file.policies, document, source)
    return PolicyPack(name=file.pack, policies=file.policies, source=source)


def read_pack(path: Path) -> PolicyPack:
    """Read a pack from a file in UTF-8.

    Raises:
        ConfigError: the file can't be read, or `load_pack` refuses it.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not a text file in UTF-8") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: can't be read: {getattr(error, 'strerror', None) or error}") from None
    return load_pack(text, str(path))


@cache
def builtin_packs() -> tuple[PolicyPack, ...]:
    """Give the packs that come with tracevet, by name of file."""
    folder = resources.files("tracevet") / "policies"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return tuple(load_pack(file.read_text("utf-8"), f"tracevet/policies/{file.name}") for file in files)


def join_packs(packs: Iterable[PolicyPack]) -> tuple[Policy, ...]:
    """Give all policies of the packs, in their order.

    Raises:
        ConfigError: two packs define one id; the text names both sources.
    """
    sources: dict[str, str] = {}
    policies: list[Policy] = []
    for pack in packs:
        for policy in pack.policies:
            here = pack.source or pack.name
            if other := sources.get(policy.id):
                raise ConfigError(f"policy {policy.id!r} is defined by {other} and by {here}; rename one of them")
            sources[policy.id] = here
            policies.append(policy)
    return tuple(policies)


def _slips(document: Document) -> Iterable[Problem]:
    """Find what the types allow and nobody means: ids that stand twice, policies that nothing can breach."""
    seen: dict[str, int | None] = {}
    for loc, row in _rows(document.data):
        line, name, about = document.line((*loc, "id")), row.get("id"), _subject(document.data, loc)
        if isinstance(name, str) and name in seen:
            yield Problem(line, f"{about} stands twice, first on line {seen[name]}")
        elif isinstance(name, str):
            seen[name] = line
        if not row.get("cwe") and not row.get("rules") and not row.get("patterns"):
            yield Problem(document.line(loc), f"{about}: needs cwe or rules or patterns, or nothing breaches it")
        if row.get("surfaces") == []:
            yield Problem(document.line((*loc, "surfaces")), f"{about}: surfaces is empty; use mode: off")
        yield from _twice(document, (*loc, "patterns"), row.get("patterns"))


def _twice(document: Document, loc: Loc, patterns: Plain) -> Iterable[Problem]:
    seen: dict[str, int | None] = {}
    for number, row in enumerate(patterns if isinstance(patterns, list) else ()):
        name, line = row.get("id") if isinstance(row, dict) else None, document.line((*loc, number, "id"))
        if isinstance(name, str) and name in seen:
            about = _subject(document.data, (*loc, number))
            yield Problem(line, f"{about} stands twice, first on line {seen[name]}")
        elif isinstance(name, str):
            seen[name] = line


def _place(policies: Sequence[Policy], document: Document, source: str) -> None:
    """Note where each pattern stands, for what its detector has to say of it."""
    for number, policy in enumerate(policies):
        for at, pattern in enumerate(policy.patterns):
            pattern.at(place(source, document.line(("policies", number, "patterns", at))))


def _rows(data: Plain) -> Sequence[tuple[Loc, dict[str, Plain]]]:
    rows = data.get("policies") if isinstance(data, dict) else None
    listed = rows if isinstance(rows, list) else []
    return [(("policies", number), row) for number, row in enumerate(listed) if isinstance(row, dict)]


def _subject(data: Plain, loc: Loc) -> str:
    """Name the policy that a place is in, and its pattern, or nothing."""
    row = next((row for where, row in _rows(data) if where == loc[:2]), None)
    about = _named("policy", row, loc[1:2])
    patterns = row.get("patterns") if row else None
    if len(loc) > _PATTERN and loc[2] == "patterns" and isinstance(patterns, list):
        inner = next((each for at, each in enumerate(patterns) if at == loc[_PATTERN]), None)
        return f"{about}, {_named('pattern', inner if isinstance(inner, dict) else None, loc[_PATTERN:])}"
    return about


def _named(word: str, row: Mapping[str, Plain] | None, rest: Loc) -> str:
    name = row.get("id") if row else None
    if isinstance(name, str):
        return f"{word} {name[:60]!r}"
    return f"{word} {rest[0] + 1}" if rest and isinstance(rest[0], int) else ""
