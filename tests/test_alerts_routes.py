"""Which violations a route takes, and when: by the wall clock, over the days on which clocks are turned."""

from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alert_parts import route
from ledger_parts import violation

from tracevet import ConfigError, Policy, Severity, Status, Surface, Violation
from tracevet.alerts.routes import routes, unmatched
from tracevet.config import Config
from tracevet.hours import Day, Hours, is_quiet, next_digest
from tracevet.policy import builtin_packs

BERLIN = ZoneInfo("Europe/Berlin")
POLICIES: tuple[Policy, ...] = tuple(policy for pack in builtin_packs() for policy in pack.policies)


@pytest.mark.parametrize(
    ("options", "told", "takes"),
    [
        ({}, {}, True),
        ({"severity": "critical"}, {}, False),
        ({"severity": "high"}, {}, True),
        ({"policies": ["sql-*"]}, {}, True),
        ({"policies": ["xss"]}, {}, False),
        ({"projects": ["user-*", "shop"]}, {}, True),
        ({"projects": ["user-*"]}, {"project": None}, False),
        ({"projects": ["user"]}, {}, False),
        ({"developers": ["*@company.com"]}, {}, True),
        ({"developers": ["eve"]}, {}, False),
        ({"assistants": ["cursor"]}, {}, False),
        ({"surfaces": ["applied"]}, {}, False),
        ({"surfaces": ["applied", "suggested"]}, {}, True),
        ({}, {"status": Status.CORRECTED}, False),
        ({}, {"status": Status.SUPPRESSED}, False),
        ({}, {"status": Status.RETRACTED}, False),
        ({"to": "developer"}, {}, False),
    ],
)
def test_a_route_takes_what_it_names(options: dict[str, object], told: dict[str, object], takes: bool) -> None:
    assert route("r", None, **options).takes(violation("f1", **told)) is takes


def test_hostile_names_are_matched_in_bounded_time() -> None:
    hostile: Violation = violation("f1", project="a" * 100_000)
    assert not route(projects=["*a*a*a*b"]).takes(hostile)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2025-03-29T19:30:00", True),  # 20:30 in winter
        ("2025-03-30T04:30:00", True),  # 06:30 in summer: the night was an hour shorter
        ("2025-03-30T05:00:00", False),  # 07:00
        ("2025-10-26T05:59:00", True),  # 06:59 in winter: the night was an hour longer
        ("2025-10-26T06:00:00", False),
        ("2025-07-01T17:59:00", False),  # 19:59
        ("2025-07-01T18:00:00", True),
    ],
)
def test_quiet_hours_keep_to_the_wall_clock(moment: str, quiet: bool) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert is_quiet(now, BERLIN, Hours.read("20:00-07:00"), frozenset()) is quiet


def test_quiet_days_are_the_zone_s_own() -> None:
    late = datetime(2025, 6, 6, 22, 30, tzinfo=UTC)  # Friday in London, Saturday in Berlin
    days = frozenset({Day.SATURDAY})
    assert is_quiet(late, BERLIN, None, days)
    assert not is_quiet(late, ZoneInfo("UTC"), None, days)


@pytest.mark.parametrize(
    ("after", "at", "day", "expected"),
    [
        ("2025-03-29T08:00:00", time(9), None, "2025-03-30T07:00:00"),  # 23 hours: the clocks went forward
        ("2025-10-25T07:00:00", time(9), None, "2025-10-26T08:00:00"),  # 25 hours: they went back
        ("2025-03-29T12:00:00", time(2, 30), None, "2025-03-30T01:30:00"),  # 02:30 was leapt over
        ("2025-10-26T00:30:00", time(2, 30), None, "2025-10-27T01:30:00"),  # the first 02:30 counts
        ("2025-06-01T12:00:00", time(9), Day.SUNDAY, "2025-06-08T07:00:00"),
        ("2025-06-01T06:59:59", time(9), Day.SUNDAY, "2025-06-01T07:00:00"),
    ],
)
def test_a_digest_comes_at_its_time_of_the_wall_clock(after: str, at: time, day: Day | None, expected: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert next_digest(moment, BERLIN, at, day) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[routes.a]\nchannel = "x"\n', r"\[routes.a\] names the channel 'x'"),
        ('[routes.a]\nchannel = "webhook"\nseverity = "bad"\n', "severity can't be 'bad'"),
        ('[routes.a]\nchannel = "webhook"\nquiet = "8-9"\n', "20:00-07:00"),
        ('[routes.a]\nchannel = "webhook"\nzone = "Mars"\n', "no such time zone"),
        ('[routes.a]\nchannel = "webhook"\ntime = "9"\n', "09:00"),
        ('[routes.a]\nchannel = "webhook"\ncool_down = "soon"\n', "30m, 24h, 7d or 2w"),
        ('[routes.a]\nchannel = "webhook"\nescalate_after = "1h"\n', "go together"),
        ('[routes.a]\nchannel = "webhook"\nchanel = "x"\n', "unknown key 'chanel'"),
        ('[notifiers.a]\nenabled = false\n[routes.r]\nchannel = "a"\n', "switched off"),
        ("[notifiers.a]\nplugin = 3\n", "plugin must be text"),
    ],
)
def test_a_wrong_route_is_told_with_the_way_out(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "tracevet.toml").write_text(text)
    with pytest.raises(ConfigError, match=says):
        routes(Config.load(tmp_path / "tracevet.toml"))


def test_a_route_that_matches_nothing_is_named_with_the_reason() -> None:
    said = list(
        unmatched(
            (
                route("fine", policies=["sql-injection"]),
                route("typo", policies=["sql-injektion"]),
                route("dev", to="developer"),
                route("worst", severity="critical", policies=["low-one"]),
                route("prompts", surfaces=["context"], policies=["sql-injection"]),
            ),
            (*POLICIES, POLICIES[0].model_copy(update={"id": "low-one", "severity": Severity.LOW})),
        )
    )
    assert [line.split("'")[1] for line in said] == ["typo", "dev", "worst", "prompts"]
    assert "[developers]" in said[1]
    assert not any(Surface.CONTEXT in policy.surfaces for policy in POLICIES if policy.id == "sql-injection")


def test_the_example_in_the_readme_is_valid(tmp_path: Path) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    (tmp_path / "tracevet.toml").write_text(readme.split("## Alerts")[1].split("```toml\n")[1].split("```")[0])
    found = routes(Config.load(tmp_path / "tracevet.toml"))
    assert [one.name for one in found] == ["developers", "security"]
    assert list(unmatched(found, POLICIES)) == []
