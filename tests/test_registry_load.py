"""Plugins that are installed for real, as files on sys.path; most are wrong on purpose, and cost only themselves."""

import importlib
import logging
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import pytest

from tracevet import PluginError
from tracevet.registry import Clash, Registry, Source
from tracevet.registry.loading import HOOKS

CASES: dict[str, dict[str, str]] = tomllib.loads(
    (Path(__file__).parent / "data/broken_plugins/cases.toml").read_text("utf-8")
)
TOY = """
from tracevet import Detector, Surface

BODY = {"scan": lambda self, snippets: (), "languages": frozenset(), "version": "1"}

class Toy(Detector):
    name = "toy"
    summary = "Sees nothing."
    languages = frozenset({"python"})
    surfaces = frozenset({Surface.APPLIED})
    version = "1"
    def scan(self, snippets): return ()

def odd(signature):
    space = {"Detector": Detector}
    exec(f"def __init__({signature}): pass", space)
    return type("Odd", (Toy,), {"__init__": space["__init__"]})
"""
BRINGING = """
import tracevet
from toy import *
@tracevet.hookimpl
def register_detectors(): return [{brings}]
"""
GOOD = BRINGING.format(brings="Toy")
# what is installed beside the test's own plugins is not its business
OTHERS = frozenset(point.name for point in metadata.entry_points(group="tracevet"))

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Write a distribution with one plugin; forget its modules afterwards."""
    before = set(sys.modules)
    (tmp_path / "toy.py").write_text(TOY)
    monkeypatch.syspath_prepend(tmp_path)

    def write(
        name: str, source: str, target: str = "{module}", points: str = "[tracevet]\n{name} = {target}\n"
    ) -> None:
        module = f"wrong_{name.replace('-', '_')}"
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{name.replace('-', '_')}_dist-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-dist\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(points.format(name=name, target=target.format(module=module)))
        importlib.invalidate_caches()

    yield write
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


def source_of(case: dict[str, str]) -> str:
    return case["source"] if "source" in case else BRINGING.format(brings=case["brings"])


@pytest.mark.parametrize("name", CASES)
def test_broken_plugin_is_left_out_whole_with_one_warning(
    name: str, install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    case = CASES[name]
    install(name, source_of(case), case.get("target", "{module}"))

    registry = Registry.load(block=OTHERS)

    (broken,) = registry.broken
    assert (broken.plugin, broken.distribution, broken.version) == (name, f"{name}-dist", "1.0")
    assert (broken.stage, broken.cause) == (case["stage"], case["cause"])
    assert [(record.name, record.levelno, record.getMessage()) for record in caplog.records] == [
        (
            "tracevet.registry",
            logging.WARNING,
            f"plugin '{name}' ({name}-dist 1.0) is left out, it is broken at {case['stage']}: {case['cause']}",
        )
    ]
    assert not registry.detectors
    assert not registry.reporters
    assert not registry.packs


def test_good_plugin_works_beside_every_broken_one(install: Install) -> None:
    for name, case in CASES.items():
        install(name, source_of(case), case.get("target", "{module}"))
    install("good", GOOD)

    registry = Registry.load(block=OTHERS, required={"detector": ["toy"]})

    assert [broken.plugin for broken in registry.broken] == sorted(CASES)
    assert list(registry.detectors) == ["toy"]
    assert registry.create("detector", "toy").name == "toy"
    registry.require_sound()


def test_keyboard_interrupt_is_the_users_and_ends_loading(install: Install) -> None:
    install("stopped", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        Registry.load(block=OTHERS)


def test_traceback_of_a_broken_plugin_is_there_for_its_author(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "tracevet.registry")
    install("raising", "raise ValueError")
    Registry.load(block=OTHERS)
    assert [record.levelname for record in caplog.records if record.exc_info] == ["DEBUG"]


@pytest.mark.parametrize("points", ["[tracevet]\n{name} {target}\n", "no section\n[tracevet]\n{name} {target}\n"])
def test_unreadable_entry_points_cost_only_their_distribution(install: Install, points: str) -> None:
    install("garbled", "", points=points)
    install("good", GOOD)

    registry = Registry.load(block=OTHERS)

    assert [(broken.distribution, broken.stage) for broken in registry.broken] == [("garbled-dist", "metadata")]
    assert list(registry.detectors) == ["toy"]


def test_unreadable_entry_points_of_others_are_none_of_our_business(install: Install) -> None:
    install("garbled", "", points="[console_scripts]\nno equals sign\n")
    assert Registry.load(block=OTHERS).broken == ()


def test_distribution_without_a_name_is_shown(install: Install, tmp_path: Path) -> None:
    install("nameless", GOOD)
    (tmp_path / "nameless_dist-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\n")

    (broken,) = Registry.load(block=OTHERS).broken

    assert str(broken) == (
        "plugin 'unknown' (unknown unknown) is left out, it is broken at metadata: "
        "a distribution with plugins has no name in its metadata"
    )


def test_required_plugin_that_is_broken_is_an_error_with_the_cause(install: Install) -> None:
    install("own", "import surely_not_installed")
    with pytest.raises(PluginError) as caught:
        Registry.load(block=OTHERS, required={"detector": ["own"]})
    assert str(caught.value) == (
        "no detector named 'own'; known: none; plugin 'own' (own-dist 1.0) is left out, it is broken at "
        "import: ModuleNotFoundError: No module named 'surely_not_installed'"
    )
    assert caught.value.exit_code == 2


def test_required_plugin_may_be_missing_because_of_any_broken_one(install: Install) -> None:
    install("strange", "raise ValueError")
    with pytest.raises(
        PluginError, match=r"it may be missing because plugin 'strange' .* broken at import: ValueError;"
    ):
        Registry.load(block=OTHERS, required={"detector": ["own"]})


def test_every_hook_of_the_specification_is_read() -> None:
    from tracevet import hookspecs

    specified = {name for name, value in vars(hookspecs).items() if hasattr(value, "tracevet_spec")}
    assert specified == HOOKS


def test_plugins_come_by_name_whatever_their_order(install: Install) -> None:
    for name in ("zebra", "ape", "mole"):
        install(name, BRINGING.format(brings=f'type("Animal", (Toy,), {{"name": "{name}-sees"}})'))

    registry = Registry.load(block=OTHERS)

    assert list(registry.detectors) == ["ape-sees", "mole-sees", "zebra-sees"]
    entry = registry.detectors["ape-sees"]
    assert (entry.plugin, entry.distribution, entry.version, entry.kind) == ("ape", "ape-dist", "1.0", "detector")
    assert entry.summary == "Sees nothing."


def test_broken_plugins_come_by_name_not_by_distribution(install: Install) -> None:
    install("first", "", points="[tracevet]\nzebra = nowhere_at_all\nbear = nowhere_at_all\n")
    install("second", "", points="[tracevet]\nape = nowhere_at_all\nyak = nowhere_at_all\n")
    assert [broken.plugin for broken in Registry.load(block=OTHERS).broken] == ["ape", "bear", "yak", "zebra"]


@pytest.mark.parametrize(
    ("name", "block"),
    [("harmful", "harmful"), ("harmful", "harmful-dist"), ("harmful", "Harmful_Dist"), ("Harm_Ful", "harm-ful-dist")],
)
def test_blocked_plugin_is_not_even_imported(install: Install, tmp_path: Path, name: str, block: str) -> None:
    harm = tmp_path / "harm"
    install(name, f"open({str(harm)!r}, 'w').close()\n{GOOD}")
    install("good", GOOD)

    registry = Registry.load(block=[*OTHERS, block])

    assert not harm.exists()
    assert f"wrong_{name}" not in sys.modules
    assert name in {source.plugin for source in registry.blocked}
    assert registry.detectors["toy"].plugin == "good"


def test_required_plugin_that_is_blocked_is_an_error_that_says_so(install: Install) -> None:
    install("toy-plugin", GOOD)
    with pytest.raises(
        PluginError, match=r"no detector named 'toy-plugin'.*plugin 'toy-plugin' \(toy-plugin-dist 1.0\)"
    ):
        Registry.load(block=[*OTHERS, "toy-plugin"], required={"detector": ["toy-plugin"]})


def test_clash_names_both_sources_and_the_way_out_but_listing_works(install: Install) -> None:
    install("first", GOOD)
    install("second", GOOD)
    install("third", BRINGING.format(brings='type("Third", (Toy,), {"name": "third"})'))
    text = (
        "plugin 'first' (first-dist 1.0) from wrong_first and plugin 'second' (second-dist 1.0) from wrong_second "
        "both bring a detector named 'toy'; "
        'in the configuration write [plugins] block = ["first-dist"] or block = ["second-dist"]'
    )

    registry = Registry.load(block=OTHERS)

    assert list(registry.detectors) == ["third"]
    assert [str(clash) for clash in registry.clashes] == [text]
    for use in (registry.require_sound, lambda: registry.create("detector", "toy")):
        with pytest.raises(PluginError) as caught:
            use()
        assert str(caught.value) == text
    Registry.load(block=[*OTHERS, "second-dist"], required={"detector": ["toy"]}).require_sound()


@pytest.mark.parametrize(
    ("first", "second", "way_out"),
    [
        (("builtin", "tracevet"), ("mine", "my-dist"), 'block = ["my-dist"]'),
        (("one", "my-dist"), ("two", "my-dist"), 'block = ["one"] or block = ["two"]'),
        (("same", "a-dist"), ("same", "b-dist"), 'block = ["a-dist"] or block = ["b-dist"]'),
    ],
)
def test_way_out_of_a_clash_blocks_one_of_them(first: tuple[str, str], second: tuple[str, str], way_out: str) -> None:
    sources = (Source(plugin=p, distribution=d, version="1.0", target="x") for p, d in (first, second))
    text = str(Clash(kind="detector", name="toy", sources=tuple(sources)))
    assert text.endswith(f"in the configuration write [plugins] {way_out}")


def test_clash_of_policy_packs_is_one_too(install: Install) -> None:
    pack = (
        "import tracevet\n@tracevet.hookimpl\ndef register_policies(): yield tracevet.PolicyPack(name='x', policies=())"
    )
    install("first", pack)
    assert [pack.source for pack in Registry.load(block=OTHERS).packs] == ["plugin 'first' (first-dist 1.0)"]
    install("second", pack)
    registry = Registry.load(block=OTHERS)
    assert not registry.packs
    with pytest.raises(PluginError, match="both bring a policy pack named 'x'"):
        registry.require_sound()


def test_what_the_host_brings_comes_through_the_same_door() -> None:
    from tracevet.registry.discovery import installed

    sources = [item[0] for item in installed() if isinstance(item, tuple)]
    assert ("tracevet", "builtin", "tracevet.builtin") in {(s.distribution, s.plugin, s.target) for s in sources}
