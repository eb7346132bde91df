"""Installing changes an assistant's settings by our entries alone, and uninstalling gives back what was there."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracevet.errors import UsageError
from tracevet.hook.places import command, entries, is_ours
from tracevet.hook.settings import installed, uninstalled

Cli = Callable[..., subprocess.CompletedProcess[str]]

FILES = {
    "claude-code": (".claude/settings.json", ".claude/settings.local.json"),
    "cursor": (".cursor/hooks.json", ".cursor/hooks.json"),
    "codex": (".codex/hooks.json", ".codex/hooks.json"),
}
OTHERS = {
    "model": "opus",
    "hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "./mine.sh"}]}], "Stop": []},
    "übrig": 1.0,
}


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep these tests away from the settings of whoever runs them."""
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)


def install(path: Path, assistant: str = "claude-code", config: str = "") -> None:
    wanted = entries(assistant, command(assistant, config, ""), closed=False)
    installed(path, wanted, version=assistant == "cursor").apply()


@pytest.mark.parametrize("assistant", FILES)
@pytest.mark.parametrize("scope", [0, 1])
def test_installing_and_uninstalling_leaves_nothing(cli: Cli, tmp_path: Path, assistant: str, scope: int) -> None:
    options = ("--scope", ("user", "project")[scope], "--yes")
    path = tmp_path / FILES[assistant][scope]
    done = cli("hook", "install", assistant, *options)
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    assert "+" in done.stdout
    hooks = json.loads(path.read_text())["hooks"]
    assert all(is_ours(entry) for listed in hooks.values() for entry in listed)
    assert "installed already" in cli("hook", "install", assistant, *options).stdout
    assert cli("hook", "uninstall", assistant, *options).returncode == 0
    assert not path.exists()
    assert "not installed" in cli("hook", "uninstall", assistant, *options).stdout


@pytest.mark.parametrize("text", [json.dumps(OTHERS), json.dumps(OTHERS, indent=4) + "\n", "{}", "  ", '{"hooks": {}}'])
@pytest.mark.parametrize("assistant", FILES)
def test_uninstalling_restores_the_file_to_the_byte(tmp_path: Path, assistant: str, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    path.chmod(0o640)
    install(path, assistant)
    data = json.loads(path.read_text())
    for key, value in (json.loads(text) if text.strip() else {}).items():
        if key != "hooks":
            assert data[key] == value
    assert path.stat().st_mode & 0o777 == 0o640
    uninstalled(path).apply()
    assert path.read_text() == text
    assert [each.name for each in tmp_path.iterdir()] == ["settings.json"]


def test_what_came_after_the_installation_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(OTHERS))
    install(path)
    data: dict[str, Any] = json.loads(path.read_text())
    data["hooks"]["PreToolUse"][0]["hooks"].append({"type": "command", "command": "./later.sh"})
    data["hooks"]["PreToolUse"][1]["hooks"].append({"type": "command", "command": "./beside.sh"})
    path.write_text(json.dumps(data))
    uninstalled(path).apply()
    left = json.loads(path.read_text())["hooks"]["PreToolUse"]
    commands = [hook["command"] for entry in left for hook in entry["hooks"]]
    assert commands == ["./mine.sh", "./later.sh", "./beside.sh"]


def test_another_installation_takes_the_place_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    install(path)
    install(path, config="/etc/tracevet.toml")
    listed = json.loads(path.read_text())["hooks"]["PreToolUse"]
    assert len(listed) == 1
    assert listed[0]["hooks"][0]["command"].endswith("--config /etc/tracevet.toml")


BROKEN = ["{", "[]", '{"hooks": []}', '{"hooks": {"Stop": 1}}', '{"a": 1, "a": 2}', "// mine\n{}", '{"a": NaN}', "\x00"]


@pytest.mark.parametrize("text", BROKEN)
def test_settings_that_cannot_be_kept_are_left_untouched(cli: Cli, tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="nothing was changed"):
        install(path)
    with pytest.raises(UsageError, match="nothing was changed"):
        uninstalled(path)
    assert path.read_text() == text


def test_a_user_reads_a_sentence_and_not_a_traceback(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_bytes(b"\xff\xfe{")
    done = cli("hook", "install", "claude-code", "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing was changed" in done.stderr
    assert (tmp_path / ".claude" / "settings.json").read_bytes() == b"\xff\xfe{"


def test_nothing_is_written_unasked(cli: Cli, tmp_path: Path) -> None:
    done = cli("hook", "install", "claude-code", stdin="")
    assert done.returncode == 2
    assert "PreToolUse" in done.stdout
    assert not (tmp_path / ".claude").exists()


def test_a_link_to_the_settings_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles.json").write_text("{}")
    path = tmp_path / "settings.json"
    path.symlink_to(tmp_path / "dotfiles.json")
    install(path)
    assert path.is_symlink()
    assert "hooks" in json.loads((tmp_path / "dotfiles.json").read_text())


def test_a_file_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("{}")
    change = installed(path, entries("codex", command("codex", "", ""), closed=False), version=False)
    path.write_text('{"model": "opus"}')
    with pytest.raises(UsageError, match="changed meanwhile"):
        change.apply()
    assert path.read_text() == '{"model": "opus"}'


def test_closed_holds_cursor_back_when_the_hook_itself_fails() -> None:
    closed = entries("cursor", "x", closed=True)
    assert closed["preToolUse"]["failClosed"] is True
    assert "failClosed" not in closed["afterFileEdit"]
