"""What a suppression is about: a fingerprint, or a policy's violations all of whose files a glob covers."""

from datetime import date
from typing import Any

import pytest
from ledger_parts import verdict, violation
from pydantic import ValidationError

from tracevet.model import Outcome, Severity, Status, Violation
from tracevet.policy import Suppression, Suppressor
from tracevet.policy.suppress_path import covers

MARK = "ab" * 16


def suppression(**changes: Any) -> Suppression:
    plain = {"reason": "a fixture", "owner": "kim", "expires": date(2025, 9, 1)}
    about = {} if "fingerprint" in changes else {"policy": "sql-injection", "path": "tests/**"}
    return Suppression.model_validate({**plain, **about, **changes})


def standing_in(*paths: str | None, **changes: object) -> Violation:
    plain = violation(MARK)
    places = tuple(plain.places[0].model_copy(update={"path": path}) for path in paths)
    return plain.model_copy(update={"places": places, "path": paths[0], **changes})


@pytest.mark.parametrize(
    ("glob", "path", "covered"),
    [
        ("tests/**", "/srv/shop/tests/unit/test_db.py", True),
        ("tests/**", "tests/test_db.py", True),
        ("tests", "app/tests/test_db.py", True),
        ("tests/**", "app/mytests/db.py", False),
        ("/tests/**", "/srv/tests/db.py", False),
        ("/srv/**/db.py", "/srv/db.py", True),
        ("/srv/**/db.py", "/srv/a/b/db.py", True),
        ("*.py", "app/db.py", True),
        ("app/*.py", "app/deep/db.py", False),
        ("test_?[0-9].py", "a/test_x1.py", True),
        ("tests/**", "tests/../app/db.py", False),
        ("tests/**", "./tests/./db.py", True),
        ("tests/**", "C:\\shop\\tests\\db.py", True),
        ("Tests/**", "tests/db.py", False),
        ("**", "db.py", True),
        ("**", "", False),
        ("tests/[", "tests/[", True),
    ],
)
def test_a_glob_covers_files_however_their_paths_are_spelled(glob: str, path: str, covered: bool) -> None:
    assert covers(glob, path) is covered


def test_a_hostile_path_costs_no_more_than_its_length() -> None:
    assert not covers("/".join(["**", "a*a*a*a*b"] * 20), "/".join(["a" * 30] * 300))


@pytest.mark.parametrize(
    ("paths", "held"),
    [
        (("tests/a.py",), True),
        (("tests/a.py", "tests/b.py"), True),
        (("tests/a.py", None), True),
        (("tests/a.py", "src/a.py"), False),
        (("src/a.py",), False),
        ((None,), False),
    ],
)
def test_code_that_stands_in_one_more_file_is_not_held_back(paths: tuple[str | None, ...], held: bool) -> None:
    assert suppression().concerns(standing_in(*paths)) is held


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({}, True),
        ({"policy": "xss"}, False),
        ({"project": "user-service"}, True),
        ({"project": "https://git.example.com/acme/User-Service.git"}, True),
        ({"project": "billing"}, False),
        ({"fingerprint": MARK}, True),
        ({"fingerprint": "cd" * 16}, False),
    ],
)
def test_it_is_about_what_it_names(changes: dict[str, Any], held: bool) -> None:
    found = Suppressor([suppression(**changes)]).find(standing_in("tests/a.py"))
    assert (found is not None) is held


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"fingerprint": "ab"}, "32 hexadecimal digits"),
        ({"fingerprint": MARK, "policy": "xss"}, "either a fingerprint, or a policy and a path"),
        ({"fingerprint": MARK, "project": "shop"}, "one project already"),
        ({"path": None}, "either a fingerprint, or a policy and a path"),
        ({"policy": None}, "either a fingerprint, or a policy and a path"),
        ({"reason": "  "}, "must not be blank"),
        ({"owner": ""}, "at least 1 character"),
        ({"because": "x"}, "not permitted"),
    ],
)
def test_what_is_about_nothing_or_everything_is_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        suppression(**wrong)


def test_what_is_held_back_counts_no_more_and_says_why() -> None:
    open_ = violation("f2", severity=Severity.LOW)
    said = verdict("t1", standing_in("tests/a.py"), open_)
    shown = Suppressor([suppression()]).apply(said)
    assert [one.status for one in shown.violations] == [Status.SUPPRESSED, Status.OPEN]
    assert shown.violations[0].because == "a fixture (until 2025-09-01)"
    assert shown.severity is Severity.LOW
    alone = Suppressor([suppression()]).apply(verdict("t1", standing_in("tests/a.py")))
    assert (alone.outcome, alone.severity) == (Outcome.CLEAN, None)
    assert Suppressor(()).apply(shown) == said


def test_what_was_corrected_or_retracted_stays_so() -> None:
    for status in (Status.CORRECTED, Status.RETRACTED):
        said = verdict("t1", standing_in("tests/a.py", status=status))
        assert Suppressor([suppression()]).apply(said) is said


def test_of_several_the_one_that_holds_longest_is_told() -> None:
    many = [suppression(), suppression(path="*.py", expires=date(2025, 10, 1)), suppression(fingerprint=MARK)]
    found = Suppressor(many).find(standing_in("tests/a.py"))
    assert found is not None
    assert found.expires == date(2025, 10, 1)


def test_reason_and_end_do_not_change_what_it_is() -> None:
    other = suppression(reason="else", owner="lee", expires=date(2025, 7, 1))
    assert other.id == suppression().id != suppression(path="test/**").id
