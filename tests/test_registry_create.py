"""From names and options of a configuration to running plugins. The plugins are this module's own."""

import datetime
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import AfterValidator, Field, SecretStr

from tracevet import (
    Detector,
    Finding,
    Gap,
    PlatformError,
    Plugin,
    PluginError,
    Report,
    Reporter,
    Snippet,
    Surface,
    hookimpl,
)
from tracevet.registry import Registry, checked


class Mood(StrEnum):
    CALM = "calm"


def _refuse(value: str) -> str:
    raise TypeError(value)


class Probe(Detector):
    name = "probe"
    summary = "Takes options of every kind."
    languages: ClassVar[frozenset[str]] = frozenset()
    surfaces = frozenset({Surface.APPLIED})
    version = "1"

    def __init__(
        self,
        skip: tuple[str, ...] = (),
        only: frozenset[int] = frozenset(),
        *,
        level: Annotated[int, Field(ge=1)] = 1,
        share: float = 0.5,
        text: str | None = None,
        path: Path = Path(),
        mood: Mood = Mood.CALM,
        side: Literal["left", "right"] = "left",
        day: datetime.date | None = None,
        table: Mapping[str, int] = {},
        token: SecretStr = SecretStr(""),  # noqa: B008 - a value
        hard: Annotated[str, AfterValidator(_refuse)] = "",
    ) -> None:
        self.given = (skip, only, level, share, text, path, mood, side, day, table, token, hard)
        self.skip, self.only, self.level, self.share, self.text = skip, only, level, share, text

    def scan(self, snippets: Sequence[Snippet]) -> Iterable[Finding | Gap]:
        return ()


class Failing(Reporter):
    name = "failing"
    summary = "Fails in whatever way it is told."

    def __init__(self, *, way: str = "", token: SecretStr = SecretStr("")) -> None:  # noqa: B008 - a value
        self.way = way
        if error := {
            "value": ValueError(f"the token {token.get_secret_value()} is not right"),
            "exit": SystemExit(1),
            "import": ModuleNotFoundError("No module named 'sdk'"),
            "platform": PlatformError("set SDK_HOST"),
            "interrupt": KeyboardInterrupt(),
        }.get(way):
            raise error

    def render(self, report: Report) -> bytes:
        return b""

    def check(self) -> Iterable[str]:
        checks: dict[str, Callable[[], object]] = {
            "": lambda: (),
            "problems": lambda: ["set\nSDK_HOST", "set SDK_KEY"],
            "raises": lambda: 1 / 0,
            "half": self._half,
            "none": lambda: None,
            "text": lambda: "not well",
            "numbers": lambda: [1],
            "endless": lambda: iter(lambda: "again", None),
        }
        return checks[self.way]()  # type: ignore[return-value]  # the wrong ones are the point

    def _half(self) -> Iterable[str]:
        yield "set SDK_HOST"
        raise SystemExit(1)


@hookimpl
def register_detectors() -> Iterable[type[Detector]]:
    return [Probe]


@hookimpl
def register_reporters() -> Iterable[type[Reporter]]:
    return [Failing]


@pytest.fixture
def registry() -> Registry:
    assert __name__ in sys.modules
    return Registry.load(entry_points=[EntryPoint(name="own", value=__name__, group="tracevet")])


def probe(registry: Registry, **options: object) -> Probe:
    plugin: Plugin = registry.create("detector", "probe", options)
    assert isinstance(plugin, Probe)
    return plugin


ACCEPTED: list[tuple[str, object, object]] = [
    ("skip", ["B101"], ("B101",)),
    ("skip", ("B101",), ("B101",)),
    ("only", [1, 2, 2], frozenset({1, 2})),
    ("level", 3, 3),
    ("share", 1, 1.0),
    ("text", "5", "5"),
    ("text", None, None),
    ("path", "a/b", Path("a/b")),
    ("path", Path("a/b"), Path("a/b")),
    ("mood", "calm", Mood.CALM),
    ("side", "right", "right"),
    ("day", datetime.date(2025, 1, 2), datetime.date(2025, 1, 2)),
    ("table", {"a": 1}, {"a": 1}),
    ("token", "s3cret", SecretStr("s3cret")),
]


@pytest.mark.parametrize(("option", "value", "expected"), ACCEPTED)
def test_value_reaches_the_constructor_as_its_type(
    registry: Registry, option: str, value: object, expected: object
) -> None:
    values = checked(registry.detectors["probe"], {option: value})
    assert values == {option: expected}
    assert type(values[option]) is type(expected)
    assert expected in probe(registry, **{option: value}).given


OF = "of detector 'probe' must be"
REFUSED: list[tuple[str, object, str]] = [
    ("skip", "B101", f"option 'skip' {OF} tuple[str, ...], not str"),
    ("skip", [101], f"option 'skip' {OF} tuple[str, ...]; at [0]: Input should be a valid string"),
    ("level", "3", f"option 'level' {OF} int, not str"),
    ("level", True, f"option 'level' {OF} int, not bool"),
    ("level", 2.0, f"option 'level' {OF} int, not float"),
    ("level", 0, f"option 'level' {OF} int: Input should be greater than or equal to 1"),
    ("share", "0.5", f"option 'share' {OF} float, not str"),
    ("text", 5, f"option 'text' {OF} str | None, not int"),
    ("text", datetime.date(2025, 1, 2), f"option 'text' {OF} str | None, not date"),
    ("mood", "wild", f"option 'mood' {OF} Mood: Input should be 'calm'"),
    ("side", "top", f"option 'side' {OF} Literal['left', 'right']: Input should be 'left' or 'right'"),
    ("table", {"a": "1"}, f"option 'table' {OF} Mapping[str, int]; at ['a']: Input should be a valid integer"),
    ("token", 12345, f"option 'token' {OF} SecretStr, not int"),
    ("hard", "x", f"option 'hard' {OF} str; it failed with TypeError"),
    ("levle", 3, "detector 'probe' has no option 'levle'; options: day, hard, level, mood, only, path, share, side, "
     "skip, table, text, token; did you mean 'level'?"),
]  # fmt: skip


@pytest.mark.parametrize(("option", "value", "text"), REFUSED)
def test_wrong_option_names_what_is_right(registry: Registry, option: str, value: object, text: str) -> None:
    with pytest.raises(PluginError) as caught:
        registry.create("detector", "probe", {option: value})
    assert str(caught.value) == text


@pytest.mark.parametrize("option", ["skip", "level", "side", "mood", "hard"])
def test_refused_value_is_nowhere_in_the_error(registry: Registry, option: str) -> None:
    with pytest.raises(PluginError) as caught:
        registry.create("detector", "probe", {option: "s3cret"})
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_hostile_value_is_refused_like_any_other(registry: Registry) -> None:
    ring: list[object] = []
    ring.append(ring)
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    wrong = (
        (ring, ", not list"),
        (deep, ", not list"),
        (object(), ", not object"),
        (["\ud800"], ": Invalid JSON: "),
    )
    for value, why in wrong:
        with pytest.raises(PluginError) as caught:
            registry.create("detector", "probe", {"skip": value})
        assert str(caught.value).startswith(f"option 'skip' of detector 'probe' must be tuple[str, ...]{why}")


def test_options_are_listed_as_the_constructor_has_them(registry: Registry) -> None:
    options = registry.detectors["probe"].options
    assert [(option.name, option.type, option.default) for option in options][:3] == [
        ("skip", "tuple[str, ...]", ()),
        ("only", "frozenset[int]", frozenset()),
        ("level", "int", 1),
    ]


MISSING = [
    ("detector", "probee", "no detector named 'probee'; known: probe; did you mean 'probe'?"),
    ("detector", "bandit", "no detector named 'bandit'; known: probe; pip install 'tracevet[python]' brings it"),
    ("platform", "langfuse", "no platform named 'langfuse'; known: none; pip install 'tracevet[langfuse]' brings it"),
    ("platform", "lagnfuse", "no platform named 'lagnfuse'; known: none; did you mean 'langfuse'?"),
    ("platfrom", "x", "no kind of plugin named 'platfrom'; known: detector, extractor, notifier, platform, reporter"),
]


@pytest.mark.parametrize(("kind", "name", "text"), MISSING)
def test_unknown_name_is_answered_with_the_known_ones(registry: Registry, kind: str, name: str, text: str) -> None:
    with pytest.raises(PluginError) as caught:
        registry.create(kind, name, {})
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("way", "text"),
    [
        ("value", "ValueError: the token *** is not right"),
        ("exit", "SystemExit: 1"),
        ("import", "ModuleNotFoundError: No module named 'sdk'"),
    ],
)
def test_failing_constructor_is_an_error_without_secrets(registry: Registry, way: str, text: str) -> None:
    with pytest.raises(PluginError) as caught:
        registry.create("reporter", "failing", {"way": way, "token": "s3cret"})
    assert str(caught.value) == f"reporter 'failing' of plugin 'own' (unknown unknown) is broken at start: {text}"
    assert caught.value.__suppress_context__
    assert caught.value.__cause__ is None


def test_cause_of_a_failing_constructor_is_kept_where_no_secret_is(registry: Registry) -> None:
    with pytest.raises(PluginError) as caught:
        registry.create("reporter", "failing", {"way": "import"})
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


@pytest.mark.parametrize(("way", "error"), [("platform", PlatformError), ("interrupt", KeyboardInterrupt)])
def test_error_on_purpose_passes_through(registry: Registry, way: str, error: type[BaseException]) -> None:
    with pytest.raises(error):
        registry.create("reporter", "failing", {"way": way})


@pytest.mark.parametrize(
    ("way", "problems"),
    [
        ("", []),
        ("problems", ["set SDK_HOST", "set SDK_KEY"]),
        ("raises", ["its check() failed: ZeroDivisionError: division by zero"]),
        ("half", ["set SDK_HOST", "its check() failed: SystemExit: 1"]),
        ("none", ["its check() returned a NoneType, not an iterable of sentences"]),
        ("text", ["its check() returned a str, not an iterable of sentences"]),
        ("numbers", ["its check() yielded an int"]),
        ("endless", ["again"] * 1000 + ["its check() was stopped after 1000 problems"]),
        ("platform", ["set SDK_HOST"]),
        (7, ["option 'way' of reporter 'failing' must be str, not int"]),
    ],
)
def test_doctor_tells_problems_and_never_falls_ill(registry: Registry, way: object, problems: list[str]) -> None:
    found = {entry.name: told for entry, told in registry.doctor({"reporter": {"failing": {"way": way}}})}
    assert found == {"probe": [], "failing": problems}
