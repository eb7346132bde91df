"""Plugins of other versions: one written for the first hooks still works, one made for other hosts is refused."""

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import pytest

from tracevet import Cursor, Outcome, PluginError, Window
from tracevet.ledger import Ledger
from tracevet.pipeline import Setup
from tracevet.registry import Registry
from tracevet.run import Run
from tracevet.testing import report
from tracevet.workers import Engine, Workers

FIRST = Path(__file__).parent / "data" / "first_plugin"
OTHERS = frozenset(point.name for point in metadata.entry_points(group="tracevet"))
HERE = metadata.version("tracevet")
Install = Callable[..., Registry]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install the plugin of the first version, requiring what is given, and load it."""
    shutil.copytree(FIRST, tmp_path, dirs_exist_ok=True)
    monkeypatch.syspath_prepend(tmp_path)

    def load(*requires: str) -> Registry:
        lines = ["Metadata-Version: 2.1", "Name: first-plugin", "Version: 0.1.0"]
        lines += [f"Requires-Dist: {each}" for each in requires]
        (tmp_path / "first_plugin-0.1.0.dist-info" / "METADATA").write_text("\n".join(lines) + "\n")
        importlib.invalidate_caches()
        return Registry.load(block=OTHERS)

    yield load
    sys.modules.pop("first_plugin", None)


def test_a_plugin_of_the_first_version_does_all_that_it_did(install: Install, tmp_path: Path) -> None:
    registry = install("tracevet>=0.1,<1")
    assert registry.broken == ()
    platform = registry.create("platform", "first", {"text": "x = BAD"})
    setup_engine = Engine(cls=registry.find("detector", "first").cls, options={"words": ("BAD",)})
    extractor = registry.create("extractor", "first")
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger, Workers(processes=1, seconds=60.0) as workers:
        policies = registry.packs[0].policies
        setup = Setup(extractors=(extractor,), engines=(setup_engine,), policies=policies, key=ledger.key)
        verdicts = list(Run(platform, setup, ledger, workers).verdicts(Window()))
    assert [verdict.outcome for verdict in verdicts] == [Outcome.VIOLATIONS]
    assert registry.create("reporter", "first").render(report(*verdicts)) == b"t1 violations"
    assert platform.write(verdicts[0]).written == ("1",)
    assert [list(platform.reviews(None)), list(platform.prepare()), platform.account()] == [[], [], ""]
    assert next(iter(platform.traces(Window(), Cursor("1")))).cursor == "1"
    assert set(registry.notifiers) == {"first"}


@pytest.mark.parametrize("wanted", ["tracevet>=99,<100", "Tracevet ~= 99.1", "tracevet==99.*; python_version >= '3'"])
def test_a_plugin_made_for_another_major_is_refused_unimported(install: Install, wanted: str) -> None:
    (broken,) = install("pydantic", wanted).broken
    assert broken.stage == "version"
    assert f"and this is tracevet {HERE}; run: pip install --upgrade first-plugin, or: pip install 'tracevet" in str(
        broken
    )
    assert "first_plugin" not in sys.modules


def test_asking_for_a_refused_plugin_says_what_to_install(install: Install) -> None:
    with pytest.raises(PluginError, match=r"run: pip install --upgrade first-plugin, or: pip install 'tracevet>=99'"):
        install("tracevet>=99").find("detector", "first")


@pytest.mark.parametrize(
    "requires",
    [
        (),
        ("tracevet",),
        (f"tracevet=={HERE}",),
        ("tracevet>=99; extra == 'later'",),
        ("tracevet>=99; python_version < '3'",),
        ("tracevet-secrets>=99",),
        ("garbage of ! all kinds",),
    ],
)
def test_what_says_nothing_against_this_version_is_loaded(install: Install, requires: tuple[str, ...]) -> None:
    registry = install(*requires)
    assert registry.broken == ()
    assert set(registry.detectors) == {"first"}
