"""What a team suppresses is cleared in LangSmith with the reason."""

from ledger_parts import violation

from tracevet import Status
from tracevet_langsmith.texts import comment


def test_the_feedback_tells_why_it_is_cleared() -> None:
    held = violation(status=Status.SUPPRESSED, because="a <b>fixture (until 2027-01-31)")
    told = "cleared: SQL Injection Prevention; suppressed: a &lt;b>fixture (until 2027-01-31)"
    assert comment([held], cleared="cleared") == told
    assert comment([violation(status=Status.RETRACTED)], cleared="cleared") == "cleared: SQL Injection Prevention"
