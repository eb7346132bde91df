"""The suite for reporters."""

import re
from pathlib import Path

import pytest

from tracevet.model import Context, Fact, Gap, GapReason, Outcome, Report, Surface, Verdict
from tracevet.plugin import Reporter
from tracevet.testing.builders import identity, report, trace, verdict, violation
from tracevet.testing.hostile import CANARY
from tracevet.testing.plugin import PluginSuite
from tracevet.testing.promise import keep

POLICIES = ("sql-injection", "weak-crypto", "hardcoded-secrets")
FORGED = "FORGED0 verdict: clean"
NAMES = {
    "an escape sequence": "\x1b[2J\x1b]0;x\x07name",
    "control characters": "a\x00b\x08c\x7fd",
    "a line of its own": f"name\n{FORGED}\r\n{FORGED}",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "characters of the world": "név 名前 🔥 שם",
    "quotes and commas": "\"name\",'x';]]>--%s{0}[bold]x[/bold]",
}
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f]")


class ReporterSuite(PluginSuite):
    """The promises of a reporter. Give `reporter`; its output is text in UTF-8."""

    @pytest.fixture
    def reporter(self) -> Reporter:
        """Give the reporter."""
        raise NotImplementedError("override the fixture `reporter` with your reporter")

    @pytest.fixture
    def plugin(self, reporter: Reporter) -> Reporter:
        """Give the reporter to the promises of every plugin."""
        return reporter

    def test_an_empty_report_is_rendered(self, reporter: Reporter) -> None:
        """Render a report without verdicts, too, as bytes."""
        keep(isinstance(reporter.render(Report(verdicts=())), bytes), "`render` gives something else than bytes")

    def test_every_open_violation_is_told(self, reporter: Reporter) -> None:
        """Name the policy of each open violation: what is not in the report is taken for clean."""
        text = _text(reporter, report(*map(_verdict, POLICIES)))
        missing = [policy for policy in POLICIES if policy not in text]
        keep(not missing, f"the report does not name the violated policies {missing}")

    def test_the_same_report_gives_the_same_bytes(self, reporter: Reporter) -> None:
        """Be pure: no clock, no chance, no memory of reports before it."""
        one, other = report(*map(_verdict, POLICIES)), report(_verdict("xss"))
        first = reporter.render(one)
        reporter.render(other)
        keep(reporter.render(one) == first, "the same report is rendered in another way")

    @pytest.mark.parametrize("name", NAMES)
    def test_hostile_names_are_escaped(self, reporter: Reporter, name: str) -> None:
        """Escape what comes out of traces, in the way of your format: paths, names, evidence, line ends."""
        text = _tried(reporter, report(_hostile(NAMES[name])))
        keep(not CONTROLS.search(text), f"{name} comes through: control characters reach the terminal")
        if "<html" in text.lower():
            keep(not any(tag in text for tag in ("<script>alert(1)", "<img src=x")), "a name brings markup")
        else:
            keep(not _is_forged(text), "a name starts a line of its own")

    @pytest.mark.parametrize("name", NAMES)
    def test_what_is_written_is_utf_8(self, reporter: Reporter, name: str) -> None:
        """Write UTF-8, whatever characters a name has, and never raise."""
        try:
            reporter.render(report(_hostile(NAMES[name]))).decode("utf-8")
        except Exception as error:
            pytest.fail(f"{type(error).__name__} on {name}")

    def test_only_what_is_given_is_told(
        self, reporter: Reporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Show the evidence, in which secrets are masked, and nothing else: no file, no variable of the environment."""
        file = tmp_path / "db.py"
        file.write_text(f"password = '{CANARY}'\n" * 9)
        monkeypatch.setenv("LANGFUSE_SECRET_KEY", CANARY)
        about = trace("t0", 2)
        masked = violation(identity("t0", 1), path=str(file), evidence="password = '***'")
        text = _text(reporter, report(verdict(about, masked)))
        keep(CANARY not in text, "a secret is shown that the report does not hold")


def _text(reporter: Reporter, one: Report) -> str:
    return reporter.render(one).decode("utf-8", "replace")


def _tried(reporter: Reporter, one: Report) -> str:
    """Render, or give nothing where it raises, which is another promise's business."""
    try:
        return _text(reporter, one)
    except Exception:
        return ""


def _verdict(policy: str) -> Verdict:
    about = trace(policy, 2)
    return verdict(about, violation(identity(policy, 1), policy=policy, title=policy, fingerprint=f"f-{policy}"))


def _hostile(name: str) -> Verdict:
    about = trace("t0", 2, name=name)
    fields = dict.fromkeys(
        ("path", "evidence", "message", "project", "developer", "repository", "branch", "model"), name
    )
    place = violation("s").places[0].model_copy(update={"path": name, "span": name, "surface": Surface.APPLIED})
    fields["evidence"] = name.replace("\n", " ")  # which may be of several lines
    bad = violation(identity("t0", 1), **fields, url=f"https://x.invalid/{name}", session=name, places=(place,))
    fact = Fact(value=name, source="metadata.cwd")
    context = Context(developer=fact, project=fact, repository=fact, directory=fact, branch=fact, session=fact)
    gap = Gap(reason=GapReason.TRUNCATED, detail="cut off", path=name, span=name, pointer=name)
    return verdict(about, bad, context=context, gaps=(gap,), outcome=Outcome.VIOLATIONS)


def _is_forged(text: str) -> bool:
    """Tell whether a line starts with what a name forged; inside quotes, as in CSV, no line starts."""
    places = [match.start() for match in re.finditer(rf"^[ \t]*{FORGED}", text, re.MULTILINE)]
    return any(text.count('"', 0, place) % 2 == 0 for place in places)
