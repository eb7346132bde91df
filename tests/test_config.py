"""tracevet.toml: where it is looked for, what it may say, and which policies hold under it."""

from pathlib import Path

import pytest

from tracevet import ConfigError, Policy, PolicyPack, Severity, Surface
from tracevet.config import Config
from tracevet.policy import builtin_packs, effective_policies, join_packs

FULL = """\
[ledger]
url = "postgresql://db.example.com/tracevet"

[policies]
files = ["packs/acme.yaml", "/etc/acme.yaml"]

[policies.sql-injection]
severity = "critical"
surfaces = ["applied"]
recommendation = "Ask the database team."

[policies.insecure-config]
mode = "off"

[workers]
processes = 4
seconds = 2.5
memory_mb = 512

[platforms.langfuse]
host = "https://lf.example.com"

[detectors.bandit]
skip = ["B101"]
enabled = false

[plugins]
block = ["tracevet-secrets"]
"""
PACK = """\
pack: acme
policies:
  - {id: acme-rule, title: Acme, category: own, severity: low, cwe: [CWE-20], recommendation: Ask first.}
"""

WRONG = {
    "a misspelt table": (
        "[workerz]\nseconds = 1",
        1,
        "unknown key 'workerz'; did you mean 'workers'? valid keys: ledger, policies, workers",
    ),
    "a misspelt key": ("[ledger]\n\nurll = 'x'", 3, "unknown key 'urll'; did you mean 'url'? valid keys: url"),
    "a number as text": ("[workers]\nseconds = '10'", 2, "seconds must be a number"),
    "a broken number": ("[workers]\nprocesses = 1.5", 2, "processes must be a whole number"),
    "true for a number": ("[workers]\nmemory_mb = true", 2, "memory_mb must be a whole number"),
    "no time": ("[workers]\nseconds = 0", 2, "seconds must be above 0"),
    "no processes": ("workers.processes = 0", 1, "processes must be at least 1"),
    "a misspelt mode": (
        "[policies.xss]\nmode = 'of'",
        2,
        "mode can't be 'of'; did you mean 'off'? valid values: enforce, monitor, off",
    ),
    "a misspelt surface": (
        "[policies.xss]\nsurfaces = [\n  'comand',\n]",
        2,
        "surfaces can't be 'comand'; did you mean 'command'?",
    ),
    "a key policies can't have": (
        "[policies.xss]\nrecomendation = 'x'",
        2,
        "unknown key 'recomendation'; did you mean 'recommendation'?",
    ),
    "nowhere to look": ("[policies.xss]\nsurfaces = []", 2, "surfaces must not be empty"),
    "a misspelt list of files": ("[policies]\nfile = ['x']", 2, "unknown key 'file'; did you mean 'files'?"),
    "one file": ("[policies]\nfiles = 'x'", 2, "files must be a list"),
    "policies that are no table": ("policies = 1", 1, "policies must be a table of keys"),
    "a plugin that is no table": ("[detectors]\nbandit = false", 2, "bandit must be a table of keys"),
    "a switch": ("[detectors.bandit]\nenabled = 'no'", 1, "bandit: enabled must be true or false"),
    "inline": ("ledger = { urll = 'x' }", 1, "unknown key 'urll'"),
    "text that looks like the key": ("x = '''\nurll = 1\n'''\n[ledger]\nurll = 1", 5, "unknown key 'urll'"),
    "an open list": ("a = [1,\n2", None, "not TOML: "),
    "no value": ("[ledger]\nurl =\n", None, "(at line 2, column 6)"),
    "the end": ("[ledger]\nurl = 'x", None, "(at the end, line 2, column 9)"),
    "a key twice": ("[ledger]\nurl = 'x'\nurl = 'y'\n", None, "(at line 3, column 10)"),
    "depth": ("a = " + "[" * 100_000, None, "not TOML that can be read"),
    "a long number": ("a = " + "9" * 5_000, None, "not TOML that can be read"),
    "a control character": ("a = '\x00'", None, "not TOML: "),
    "size": ("#" * 1_000_001, None, "too large; the limit is 1,000,000 characters"),
}


def write(folder: Path, text: str = FULL, name: str = "tracevet.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder / name


@pytest.fixture(autouse=True)
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder, with an empty configuration directory."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr("tracevet.config.user_config_path", lambda name: tmp_path / "config" / name)
    return here


def test_everything_has_a_default() -> None:
    config = Config.load()
    assert config == Config()
    assert (config.ledger.url, config.workers.processes, config.workers.seconds) == (None, None, 10.0)
    assert effective_policies(config) == join_packs(builtin_packs())


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    config = Config.load(write(tmp_path / "a"))
    assert config.ledger.url == "postgresql://db.example.com/tracevet"
    assert (config.workers.processes, config.workers.seconds, config.workers.memory_mb) == (4, 2.5, 512)
    assert config.policies.files == (tmp_path / "a/packs/acme.yaml", Path("/etc/acme.yaml"))
    assert config.platforms == {"langfuse": {"host": "https://lf.example.com"}}
    assert config.detectors == {"bandit": {"skip": ["B101"], "enabled": False}}
    assert config.plugins.block == ("tracevet-secrets",)


def test_the_file_here_comes_before_the_users_own_and_a_named_one_before_both(
    tmp_path: Path, empty_machine: Path
) -> None:
    def seconds(path: Path | None = None) -> float:
        return Config.load(path).workers.seconds

    write(tmp_path / "config/tracevet", "[workers]\nseconds = 1")
    assert seconds() == 1
    write(empty_machine, "[workers]\nseconds = 2")
    assert seconds() == 2
    assert seconds(write(tmp_path, "[workers]\nseconds = 3", "other.toml")) == 3


@pytest.mark.parametrize("name", ["missing.toml", ".", "nul\x00.toml"])
def test_a_named_file_that_cannot_be_read_is_an_error(name: str) -> None:
    with pytest.raises(ConfigError, match="can't be read: "):
        Config.load(Path(name))


def test_a_link_to_nowhere_is_not_taken_for_no_configuration(empty_machine: Path) -> None:
    (empty_machine / "tracevet.toml").symlink_to("gone.toml")
    with pytest.raises(ConfigError, match=r"tracevet.toml: can't be read: No such file"):
        Config.load()


def test_a_file_with_a_byte_order_mark_is_read_and_one_in_another_encoding_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(FULL, "utf-8-sig")
    assert Config.load(tmp_path / "a.toml").workers.processes == 4
    (tmp_path / "a.toml").write_text(FULL, "utf-16")
    with pytest.raises(ConfigError, match="not a text file in UTF-8"):
        Config.load(tmp_path / "a.toml")


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_told_by_line_with_the_way_out(case: str, tmp_path: Path) -> None:
    content, line, text = WRONG[case]
    path = write(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        Config.load(path)
    place = f"{path}:{line}: " if line else f"{path}: "
    assert any(told.startswith(place) and text in told for told in str(caught.value).splitlines())


def test_a_message_names_file_line_table_and_what_is_valid() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.load(write(Path(), "[policies.xss]\nmode = 'of'"))
    assert str(caught.value) == (
        "tracevet.toml:2: [policies.xss]: mode can't be 'of'; did you mean 'off'? valid values: enforce, monitor, off"
    )


def test_all_problems_of_a_file_are_told_at_once() -> None:
    text = FULL.replace("url", "urll").replace("2.5", "'x'").replace('"off"', '"of"').replace("files", "file")
    with pytest.raises(ConfigError) as caught:
        Config.load(write(Path(), text))
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == [
        f"tracevet.toml:{n}" for n in (2, 5, 13, 17)
    ]


def test_an_error_quotes_no_value_that_may_be_a_secret() -> None:
    keys = ("ledger.urll", "ledger.url", "platforms.x.enabled", "policies.files", "workers.seconds", "plugins.block")
    text = "\n".join(f"{key} = [['hunter2']]" for key in keys)
    with pytest.raises(ConfigError) as caught:
        Config.load(write(Path(), text))
    assert "hunter2" not in str(caught.value)


def test_a_policy_is_regraded_narrowed_and_switched_off_without_copying_it(tmp_path: Path) -> None:
    text = FULL.replace(', "/etc/acme.yaml"', "")
    write(tmp_path / "packs", PACK, "acme.yaml")
    policies = effective_policies(Config.load(write(tmp_path, text)), builtin_packs())
    known = {policy.id: policy for policy in policies}
    own = next(policy for policy in join_packs(builtin_packs()) if policy.id == "sql-injection")
    update = {"severity": Severity.CRITICAL, "surfaces": (Surface.APPLIED,), "recommendation": "Ask the database team."}
    assert known["sql-injection"] == own.model_copy(update=update)
    assert "insecure-config" not in known
    assert policies[-1].id == "acme-rule"
    assert len(policies) == len(join_packs(builtin_packs()))


def test_policies_come_in_one_order_built_in_ones_first() -> None:
    rule = Policy(id="aaa", title="A", category="c", severity=Severity.LOW, cwe=("CWE-20",), recommendation="R.")
    pack = PolicyPack(name="plugin", policies=(rule,), source="plugin x")
    ids = [policy.id for policy in effective_policies(Config(), [pack])]
    assert ids == [*(policy.id for policy in join_packs(builtin_packs())), "aaa"]


def test_an_unknown_policy_is_told_by_line_with_the_known_ones() -> None:
    config = Config.load(write(Path(), "[policies.xss]\nmode = 'off'\n[policies.sql-injecton]\nmode = 'off'\n"))
    with pytest.raises(ConfigError) as caught:
        effective_policies(config)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(
        "tracevet.toml:3: no policy has the id 'sql-injecton'; did you mean 'sql-injection'? known ids: "
    )


def test_a_file_that_defines_a_built_in_policy_again_names_both_sources() -> None:
    write(Path(), PACK.replace("acme-rule", "xss"), "acme.yaml")
    config = Config.load(write(Path(), "[policies]\nfiles = ['acme.yaml']"))
    with pytest.raises(ConfigError, match=r"'xss' is defined by tracevet/policies/web.yaml and by acme.yaml"):
        effective_policies(config)
