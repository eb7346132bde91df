"""The demo's round trip: traces made by the SDK, watched, and what then stands on them read back by the SDK."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = """
import sys
sys.path.extend({paths!r})
sys.modules.update(dict.fromkeys({missing!r}))
if __name__ == "__main__":
    from tracevet.cli.app import main
    main()
"""


def demo(home: Path, platform: str, *missing: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    keys = ("LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY", "LANGFUSE_BASE_URL", "LANGFUSE_HOST")
    env = {key: value for key, value in os.environ.items() if key not in keys} | {"HOME": str(home)}
    env |= {"XDG_DATA_HOME": str(home / "data"), "XDG_CONFIG_HOME": str(home / "config")}
    code = RUN.format(missing=missing, paths=[path for path in sys.path if path] if python != sys.executable else [])
    command = [python, "-c", code, "demo", "--platform", platform]
    return subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, timeout=300, check=False)


def require_round_trip(done: subprocess.CompletedProcess[str]) -> None:
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr[-2000:]
    before, reviewed, after = done.stdout.partition("a reviewer takes sql-injection")
    assert reviewed
    assert "3 traces\n" in before
    assert "ready: review queue tracevet review" in before
    trace = "trace 0af7651916cd43dd8448eb211c80319c"
    assert f"score    policy = sql-injection on {trace}\n" in before
    assert "comment  on observation " in before
    assert "queue    tracevet review: observation " in before
    assert f"score    policy = cleared on {trace}\n" in after
    assert "score    policy = weak-crypto on " in after


def test_the_demo_goes_all_the_way_there_and_back_and_a_reviewer_clears_a_tag(tmp_path: Path) -> None:
    require_round_trip(demo(tmp_path, "langfuse"))
    assert not (tmp_path / "data").exists()


@pytest.mark.langfuse4
def test_the_round_trip_is_the_same_with_sdk_4(tmp_path: Path, python_4: str) -> None:
    require_round_trip(demo(tmp_path, "langfuse", python=python_4))


@pytest.mark.parametrize("missing", ["starlette", "google.protobuf"])
def test_where_something_is_not_installed_the_demo_says_what_to_install(tmp_path: Path, missing: str) -> None:
    done = demo(tmp_path, "langfuse", missing)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: the demo of langfuse needs more; run: pip install 'tracevet[langfuse,testing]'\n"


def test_a_platform_without_a_demo_is_named(tmp_path: Path) -> None:
    done = demo(tmp_path, "local")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: there is no demo of the platform 'local'; there is one of: langfuse\n"
