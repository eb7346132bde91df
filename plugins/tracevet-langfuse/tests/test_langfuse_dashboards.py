"""A dashboard is made once, whole after a failure, and where the server has none a sentence says so."""

import pytest

from tracevet import PlatformError
from tracevet.testing.langfuse import LangfuseEmulator, fail
from tracevet_langfuse import LangfusePlatform, connection, dashboards


@pytest.fixture
def ready(emulator: LangfuseEmulator, platform: LangfusePlatform) -> LangfusePlatform:
    """Give a platform that makes dashboards."""
    return LangfusePlatform(dashboards=True)


def said(platform: LangfusePlatform) -> list[str]:
    return [line for line in platform.prepare() if "dashboard" in line]


def test_a_dashboard_is_made_once(emulator: LangfuseEmulator, ready: LangfusePlatform) -> None:
    assert said(ready) == [f"dashboard tracevet with {len(dashboards.CHARTS)} charts"]
    assert said(LangfusePlatform(dashboards=True)) == said(ready)
    assert emulator.state()["dashboards"] == [{"name": "tracevet", "charts": len(dashboards.CHARTS)}]


def test_without_the_option_there_is_none(emulator: LangfuseEmulator, platform: LangfusePlatform) -> None:
    assert said(platform) == []
    assert emulator.state()["dashboards"] == []


def test_what_a_failure_left_out_is_added_by_the_next_try(
    emulator: LangfuseEmulator, ready: LangfusePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ATTEMPTS", 1)
    placed = iter(range(100))
    real = dashboards._place

    def once(*arguments: object) -> None:
        if next(placed) == 3:
            emulator.faults.add(fail(500), times=1)
        real(*arguments)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(dashboards, "_place", once)
    with pytest.raises(PlatformError):
        said(ready)
    assert said(ready)
    assert emulator.state()["dashboards"] == [{"name": "tracevet", "charts": len(dashboards.CHARTS)}]


def test_a_server_without_the_api_is_a_sentence(emulator: LangfuseEmulator, ready: LangfusePlatform) -> None:
    emulator.faults.add(fail(404), path="*/unstable/dashboards")
    assert said(ready) == [
        "no dashboard: this server has no dashboards API; filter the traces table by the score policy instead"
    ]


def test_the_places_fill_rows_of_twelve_columns() -> None:
    rows: dict[int, int] = {}
    at = 0
    for shape in dashboards.CHARTS:
        rows[at // 12] = rows.get(at // 12, 0) + shape[4]
        at += shape[4]
    assert set(rows.values()) == {12}
