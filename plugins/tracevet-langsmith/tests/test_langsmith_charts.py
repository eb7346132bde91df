"""A section of charts is made once, and where it can't be a sentence says so."""

from tracevet.testing.langsmith import LangSmithEmulator, fail
from tracevet_langsmith import LangSmithPlatform, charts


def said() -> list[str]:
    platform = LangSmithPlatform(dashboards=True, views=("sql-injection", "xss"))
    return [line for line in platform.prepare() if "chart" in line]


def titles(emulator: LangSmithEmulator) -> list[str]:
    return [row["title"] for row in emulator.state()["charts"]]


def test_charts_are_made_once(emulator: LangSmithEmulator) -> None:
    assert said() == ["section 'tracevet' with 4 charts under Monitoring"]
    assert said() == ["section 'tracevet' with 4 charts under Monitoring"]
    assert sorted(titles(emulator)) == [
        "How much could be vetted",
        "Policy sql-injection",
        "Policy xss",
        "Severity of violations",
    ]


def test_what_a_failure_left_out_is_added(emulator: LangSmithEmulator) -> None:
    emulator.faults.add(fail(500), path="*/charts/create", times=1)
    said()
    assert len(titles(emulator)) == 4


def test_a_key_that_may_not_create_them_is_a_sentence(emulator: LangSmithEmulator) -> None:
    emulator.faults.add(fail(403), path="*/charts/section")
    assert said() == ["no charts: the key may not create them; an administrator's key can"]


def test_a_server_without_the_api_is_a_sentence(emulator: LangSmithEmulator) -> None:
    emulator.faults.add(fail(404), path="*/charts/section")
    (line,) = said()
    assert line.startswith("no charts: this server has no charts API")


def test_series_ask_for_the_roots_of_the_projects_alone() -> None:
    assert charts._series("xss", "policy.xss", ["p1"]) == {
        "name": "xss",
        "metric": "feedback_score_avg",
        "feedback_key": "policy.xss",
        "filters": {"filter": 'and(eq(is_root, true), eq(feedback_key, "policy.xss"))', "session": ["p1"]},
    }
