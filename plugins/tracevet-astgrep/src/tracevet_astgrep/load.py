"""Read rules from YAML, our own and the user's, and refuse what is wrong with a sentence that says where."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from tracevet import ConfigError
from tracevet_astgrep.keywords import words_of
from tracevet_astgrep.languages import LANGUAGES, Language
from tracevet_astgrep.regex import found_by
from tracevet_astgrep.rule import ANY, Rule
from tracevet_astgrep.search import matches

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_FILE = 1_000_000  # characters
_LAST_LIST = re.compile(r", \$\$\$[A-Z0-9_]*\)\Z")


@dataclass(frozen=True, slots=True)
class Check:
    """A rule made ready for one language."""

    rule: Rule
    config: Mapping[str, Any] | None  # for ast-grep; None: a text rule
    keywords: tuple[str, ...]
    text: Any  # a compiled regex of RE2, or None, like those below
    given: Any
    unless: Any


@cache
def builtin_rules() -> tuple[Rule, ...]:
    """Read the rules that come with this package, sorted by id."""
    folder = resources.files("tracevet_astgrep") / "rules"
    files = sorted((each for each in _walk(folder) if each.name.endswith(".yaml")), key=str)
    rules = [
        rule for each in files for rule in read_rules(each.read_text("utf-8"), "/".join(Path(str(each)).parts[-3:]))
    ]
    return tuple(sorted(_distinct(rules), key=lambda rule: rule.id))


def user_rules(paths: Iterable[Path]) -> tuple[Rule, ...]:
    """Read the user's own rule files, or folders of them, and try each rule once.

    Raises:
        ConfigError: a path or rule is wrong; the text names the file, the rule and what to write.
    """
    rules: list[Rule] = []
    for path in paths:
        for file in _files(path):
            rules += read_rules(_text(file), str(file))
    for rule in rules:
        for language in languages_of(rule):
            prepare(rule, language, probe=True)
    return tuple(_distinct(rules))


def read_rules(text: str, source: str) -> list[Rule]:
    """Read one file: a table with `rules`, whose other keys are defaults for each of them.

    Raises:
        ConfigError: not YAML, or not rules.
    """
    if len(text) > _MAX_FILE:
        raise ConfigError(f"{source}: too large; the limit is {_MAX_FILE:,} characters")
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - the loader is CSafeLoader, or SafeLoader without libyaml
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{source}{line}: not YAML: {getattr(error, 'problem', None) or 'nested too deep'}") from None
    if not isinstance(data, dict) or not isinstance(data.get("rules"), list):
        raise ConfigError(f"{source}: needs a list under the key 'rules'")
    defaults = {key: value for key, value in data.items() if key != "rules"}
    return [_rule(defaults, each, source, number) for number, each in enumerate(data["rules"], 1)]


def languages_of(rule: Rule) -> Iterator[Language]:
    """Yield the languages that a rule is for."""
    for language in LANGUAGES.values():
        if language.name in rule.languages or ANY in rule.languages:
            yield language


def prepare(rule: Rule, language: Language, *, probe: bool = False) -> Check:
    """Make a rule ready for a language; `probe` tries it on an empty text.

    Raises:
        ConfigError: ast-grep or RE2 can't read the rule, or no keyword can be told from it.
    """
    words = rule.keywords or tuple(sorted(words_of(rule.rule or {}, rule.constraints) or ()))
    if not words:
        raise ConfigError(f"rule {rule.id!r}: no word can be told that the code must hold; give 'keywords'")
    config = None if rule.rule is None else _config(rule, language)
    if config is not None and probe:
        _probe(rule, config, language)
    return Check(
        rule=rule,
        config=config,
        keywords=tuple(word.lower() for word in words),
        text=_compiled(rule, rule.text),
        given=_compiled(rule, rule.given),
        unless=_compiled(rule, rule.unless),
    )


def _walk(folder: Any) -> Iterator[Any]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _walk(each)
        else:
            yield each


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted((*path.rglob("*.yaml"), *path.rglob("*.yml")))
        if not files:
            raise ConfigError(f"{path}: holds no rule files; their names end in .yaml")
        return files
    return [path]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text in UTF-8"
        raise ConfigError(f"{path}: can't be read: {reason}") from None


def _rule(defaults: dict[str, Any], data: object, source: str, number: int) -> Rule:
    if not isinstance(data, dict):
        raise ConfigError(f"{source}: rule {number} is not a table")
    name = f"{source}: rule {str(data.get('id', number))[:60]!r}"
    try:
        rule = Rule.model_validate({**defaults, **data})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{name}: {field or 'rule'}: {first['msg']}") from None
    if unknown := set(rule.languages) - LANGUAGES.keys() - {ANY}:
        known = ", ".join((*sorted(LANGUAGES), ANY))
        raise ConfigError(f"{name}: no language {sorted(unknown)[0]!r}; known: {known}")
    return rule


def _distinct(rules: Iterable[Rule]) -> Iterable[Rule]:
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in seen:
            raise ConfigError(f"two rules have the id {rule.id!r}; give one of them another")
        seen[rule.id] = rule
    return seen.values()


def _compiled(rule: Rule, regex: str) -> Any:
    try:
        return found_by(regex) if regex else None
    except ValueError as error:
        raise ConfigError(f"rule {rule.id!r}: RE2 can't read a regex of it: {error}") from None


def _config(rule: Rule, language: Language) -> dict[str, Any]:
    if not language.grammar:
        raise ConfigError(f"rule {rule.id!r}: {language.name} has no grammar; use 'text'")
    framed = _framed(rule.rule, language)
    config: dict[str, Any] = {"rule": framed}
    for key in ("constraints", "utils"):
        if table := getattr(rule, key):
            config[key] = {name: _framed(value, language) for name, value in table.items()}
    return config


def _framed(part: Any, language: Language) -> Any:
    """Put patterns into the frame that their grammar needs, and let a list's last `$$$` match none as well."""
    if isinstance(part, list):
        return [_framed(each, language) for each in part]
    if not isinstance(part, Mapping):
        return part
    framed = {key: _framed(value, language) for key, value in part.items()}
    pattern = framed.get("pattern")
    if not isinstance(pattern, str):
        return framed
    short = _LAST_LIST.sub(")", pattern)
    if short == pattern:
        return {**framed, "pattern": _pattern(pattern, language)}
    del framed["pattern"]
    either = {"any": [{"pattern": _pattern(each, language)} for each in (pattern, short)]}
    return {**framed, "all": [*framed.get("all", []), either]}


def _pattern(pattern: str, language: Language) -> Any:
    for frame in language.frames:
        if found_by(frame.shape).fullmatch(pattern):
            return {"context": f"{frame.head}{pattern}{frame.tail}", "selector": frame.selector}
    return pattern


def _probe(rule: Rule, config: dict[str, Any], language: Language) -> None:
    from ast_grep_py import SgRoot

    try:
        matches(SgRoot("", language.grammar).root(), config)
    except Exception as error:  # ast-grep raises it bare for an unknown field
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(f"rule {rule.id!r}: ast-grep can't read it for {language.name}: {reason}") from None
