"""The file of suppressions: what is wrong is told with its line, and an edit leaves all else as it is."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from tracevet.errors import ConfigError
from tracevet.policy import Suppression, read_suppressions
from tracevet.policy.suppress import LONGEST
from tracevet.policy.suppress_edit import added, removed

TODAY = date(2025, 6, 1)
ENTRY = """[[suppress]]
policy = "xss"
path = "docs/**"
reason = "no server runs this"
owner = "kim"
expires = 2025-12-01
"""


def read(folder: Path, text: str) -> tuple[str, tuple[Suppression, ...]]:
    path = folder / "tracevet-suppressions.toml"
    path.write_text(text)
    found = read_suppressions(path, TODAY)
    return found.name, found.suppress


def test_a_file_is_read_and_known_by_its_path_or_its_name(tmp_path: Path) -> None:
    name, [found] = read(tmp_path, ENTRY)
    assert name == str((tmp_path / "tracevet-suppressions.toml").resolve())
    assert (found.policy, found.path, found.expires) == ("xss", "docs/**", date(2025, 12, 1))
    assert read(tmp_path, 'name = "shop"\n' + ENTRY)[0] == "shop"
    assert read(tmp_path, "")[1] == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ENTRY + "\n" + ENTRY.replace("2025-12-01", "2026-07-01"), ":13: expires 2026-07-01 is more than a year ahead"),
        (ENTRY + "\n" + ENTRY, r":8: policy xss in docs/\*\* is suppressed twice, first on line 1"),
        (ENTRY + "\n" + ENTRY.replace("expires", "until"), r"unknown key 'until'.*valid keys: fingerprint, policy"),
        (ENTRY.replace("expires = 2025-12-01\n", ""), ":1: .*the key 'expires' is missing"),
        (ENTRY + "\n" + ENTRY.replace("2025-12-01", '"soon"'), ":13: "),
        (ENTRY.replace('path = "docs/**"\n', ""), ":1: .*either a fingerprint, or a policy and a path"),
        (ENTRY.replace('"kim"', "7"), ":5: .*owner must be text"),
        ("suppress = 3", ":1: "),
        ("[[suppress]\n", "not TOML: .*line 1"),
        ("\x00", "not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        read(tmp_path, text)
    assert "kim" not in str(caught.value)


def test_a_year_is_the_most_and_an_expired_one_is_no_mistake(tmp_path: Path) -> None:
    last = TODAY + LONGEST
    assert read(tmp_path, ENTRY.replace("2025-12-01", str(last)))[1][0].expires == last
    with pytest.raises(ConfigError, match=f"{last} is the latest"):
        read(tmp_path, ENTRY.replace("2025-12-01", str(last + timedelta(days=1))))
    assert read(tmp_path, ENTRY.replace("2025-12-01", "2024-01-01"))[1][0].expires == date(2024, 1, 1)


def test_an_edit_leaves_all_else_as_it_is(tmp_path: Path) -> None:
    text = f'# ours\nname = "shop"  # everywhere\n\n{ENTRY}# the end\n'
    _, [first] = read(tmp_path, text)
    other = Suppression(fingerprint="ab" * 16, reason='say "no"\n\u2028', owner="lee", expires=date(2025, 8, 1))
    longer = added(text, other)
    assert longer.startswith(text.rstrip().removesuffix("# the end"))
    assert "# the end" in longer
    assert set(read(tmp_path, longer)[1]) == {first, other}
    again = added(longer, other.model_copy(update={"expires": date(2025, 9, 1)}))
    assert [one.expires for one in read(tmp_path, again)[1]] == [date(2025, 12, 1), date(2025, 9, 1)]
    back = removed(longer, other.id)
    assert back is not None
    assert read(tmp_path, back) == ("shop", (first,))
    assert removed(text, other.id) is None


def test_the_example_of_the_readme_is_valid(tmp_path: Path) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    text = re.search(r"```toml\n([^`]*\[\[suppress\]\].*?)```", readme, re.S)
    assert text
    (tmp_path / "example.toml").write_text(text[1])
    assert read_suppressions(tmp_path / "example.toml", date(2027, 1, 1)).name == "user-service"


def test_an_inline_list_is_left_to_its_author() -> None:
    with pytest.raises(ConfigError, match="inline list"):
        removed("suppress = [{}]", "x")
