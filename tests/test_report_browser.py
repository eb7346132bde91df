"""The HTML report in a real browser: nothing leaves it, nothing in it runs but ours, and it can be used by anyone."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from report_parts import HOSTILE, hostile, week

from tracevet.builtin.html_report import HtmlReporter
from tracevet.model import Verdict
from tracevet.reporting import Digest, Scope, Story, Utterance, summed

pytestmark = pytest.mark.browser

TURNS: dict[str, Callable[[], Iterable[Verdict]]] = {"usual": week, "hostile": hostile, "empty": list}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield opened
        opened.close()


class Opened:
    """A report in a page, and everything that the browser said and asked for."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: self.said.append(dialog.message))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(path.as_uri())

    def shown(self) -> Locator:
        return self.page.locator("#violations-table tbody tr:visible")

    def column(self, number: int) -> list[str]:
        return [row.locator("th, td").nth(number).inner_text() for row in self.shown().all()]


def story(fingerprint: str, text: str) -> Story:
    parts = (Utterance(surface="applied", text=f"a\n{text[:2000]}\nb", path=text[:2000], marked=(1,)),)
    return Story(fingerprint=fingerprint, conversation=parts, note=text[:2000], sent=(text[:2000],))


def digest(kind: str) -> Digest:
    whole = summed(TURNS[kind](), Scope(names=True))
    stories = tuple(story(case.violation.fingerprint, case.violation.evidence) for case in whole.cases[:20])
    return whole.model_copy(update={"stories": stories})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    made = {kind: folder / f"{kind}.html" for kind in TURNS}
    for kind, path in made.items():
        path.write_bytes(HtmlReporter().show(digest(kind)))
    return made


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Literal["light", "dark"]:
    return "dark" if request.param == "dark" else "light"


@pytest.fixture
def opened(browser: Browser, files: dict[str, Path], request: pytest.FixtureRequest) -> Iterator[Opened]:
    page = browser.new_page()
    yield Opened(page, files[getattr(request, "param", "usual")])
    page.close()


every = pytest.mark.parametrize("opened", ["usual", "hostile", "empty"], indirect=True)


@every
def test_no_request_leaves_the_file_and_nothing_is_wrong_with_it(opened: Opened) -> None:
    for button in opened.page.locator("th button").all()[:30]:
        button.click()
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    opened.page.emulate_media(media="print")
    opened.page.emulate_media(media="screen", color_scheme="dark")
    opened.page.wait_for_function("[...document.images].every((each) => each.complete && each.naturalWidth > 0)")
    assert opened.said == []
    assert [url for url in opened.asked if not url.startswith("data:")] == [opened.page.url]


@pytest.mark.parametrize("opened", ["hostile"], indirect=True)
def test_hostile_traces_run_nothing_and_are_all_there_as_text(opened: Opened) -> None:
    assert opened.page.evaluate("typeof window.hacked") == "undefined"
    assert opened.shown().count() == len(HOSTILE)
    titles = " ".join(opened.column(0))
    assert "<img src=x onerror=window.hacked=1>" in titles
    assert "{{ 7*7 }}" in titles
    assert "名前" in titles
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("opened", ["hostile"], indirect=True)
def test_the_policy_of_the_page_stops_what_gets_past_all_else(opened: Opened) -> None:
    with opened.page.expect_event("requestfailed", lambda request: "evil" in request.url) as stopped:
        opened.page.evaluate("""() => {
        document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.hacked=1'>");
        const script = document.createElement("script");
        script.textContent = "window.hacked=1";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend", "<img src='https://evil.example/a.png'>");
    }""")

    assert opened.page.evaluate("typeof window.hacked") == "undefined"
    assert stopped.value.failure == "csp"
    assert opened.said


def test_tables_sort_by_any_column_and_say_so(opened: Opened) -> None:
    head = opened.page.locator("#violations-table thead th")
    ranks = {"critical": 3, "high": 2, "medium": 1, "low": 0}
    head.nth(1).get_by_role("button").click()
    worst = [ranks[grade] for grade in opened.column(1)]
    assert worst == sorted(worst, reverse=True)
    assert head.nth(1).get_attribute("aria-sort") == "descending"
    head.nth(1).get_by_role("button").click()
    best = [ranks[grade] for grade in opened.column(1)]
    assert best == sorted(best)
    assert best != worst
    head.nth(4).get_by_role("button").press("Enter")
    places = opened.column(4)
    assert places == sorted(places, reverse=True)
    assert head.nth(1).get_attribute("aria-sort") is None


def test_numbers_sort_as_numbers(opened: Opened) -> None:
    table = opened.page.locator("#developers-table")
    table.locator("thead th").nth(2).get_by_role("button").click()
    counts = [int(cell.inner_text()) for cell in table.locator("tbody tr td:nth-child(3)").all()]
    assert counts == sorted(counts, reverse=True)


def test_violations_filter_by_text_and_by_choice(opened: Opened) -> None:
    page, everything = opened.page, opened.shown().count()
    page.get_by_label("Find").fill("TILL cursor")
    assert 0 < opened.shown().count() < everything
    assert set(opened.column(7)) == {"cursor"}
    page.get_by_label("Find").fill("")
    page.get_by_label("Status").select_option("corrected")
    assert set(opened.column(2)) == {"corrected"}
    page.get_by_label("Policy").select_option("xss")
    few = opened.shown().count()
    assert page.locator("#shown").inner_text() == f"{few} of {everything} shown"
    page.get_by_label("Find").fill("nothing like this")
    assert opened.shown().count() == 0


def test_a_violation_leads_to_its_section(opened: Opened) -> None:
    link = opened.page.locator("#violations-table tbody a").first
    link.click()
    section = opened.page.locator("article:target")
    assert section.locator("h3").inner_text().endswith(link.inner_text())
    section.locator("summary").click()
    assert section.locator("ol.talk mark").is_visible()


def test_without_scripts_everything_is_there(browser: Browser, files: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(files["usual"].as_uri())
    assert page.locator("#violations-table tbody tr").count() == 40
    assert not page.locator("#filters").is_visible()
    context.close()


def test_it_prints_in_light_without_what_is_only_for_the_screen(opened: Opened) -> None:
    opened.page.emulate_media(media="print", color_scheme="dark")
    assert not opened.page.locator("nav").is_visible()
    assert not opened.page.locator("#filters").is_visible()
    assert opened.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert opened.page.pdf()[:5] == b"%PDF-"


@every
def test_axe_finds_nothing_serious(opened: Opened, scheme: Literal["light", "dark"]) -> None:
    opened.page.emulate_media(color_scheme=scheme)
    opened.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = Axe().run(opened.page).response["violations"]
    assert [(one["id"], one["impact"]) for one in found if one["impact"] in {"serious", "critical"}] == []


def test_light_and_dark_look_different(opened: Opened) -> None:
    opened.page.emulate_media(color_scheme="light")
    light = opened.page.screenshot()
    opened.page.emulate_media(color_scheme="dark")
    assert opened.page.screenshot() != light
