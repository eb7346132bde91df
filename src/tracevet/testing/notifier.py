"""The suite for notifiers."""

import re
from collections.abc import Callable, Sequence

import pytest

from tracevet.errors import PlatformError
from tracevet.model import AlertKind
from tracevet.plugin import Notifier
from tracevet.testing.builders import alert, identity, violation
from tracevet.testing.hostile import CANARY
from tracevet.testing.plugin import PluginSuite
from tracevet.testing.promise import keep

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f]")
NAME = "\x1b[2Jname\x00\u202e</p><script>alert(1)</script>*_`|<!channel>@all"


class NotifierSuite(PluginSuite):
    """The promises of a notifier. Give `notifier`, `inbox`, and `refuse` where the channel can be made to refuse.

    The channel is a real one on this machine: a server on 127.0.0.1, a file.
    """

    @pytest.fixture
    def notifier(self) -> Notifier:
        """Give the notifier."""
        raise NotImplementedError("override the fixture `notifier` with your notifier")

    @pytest.fixture
    def inbox(self) -> Callable[[], Sequence[str]]:
        """Give what tells the messages that were delivered so far, each as text, decoded."""
        raise NotImplementedError("override the fixture `inbox` with a function that gives the delivered messages")

    @pytest.fixture
    def refuse(self) -> Callable[[], None]:
        """Give what makes the channel refuse every message from then on."""
        raise NotImplementedError("override the fixture `refuse` with a function that makes the channel refuse")

    @pytest.fixture
    def secret(self) -> str:
        """Give a secret among the notifier's options, such as a token in its address; "" where there is none."""
        return ""

    @pytest.fixture
    def plugin(self, notifier: Notifier) -> Notifier:
        """Give the notifier to the promises of every plugin."""
        return notifier

    def test_an_alert_is_one_message(self, notifier: Notifier, inbox: Callable[[], Sequence[str]]) -> None:
        """Deliver each alert in one message, and return only once the channel has it."""
        notifier.notify(alert())
        keep(len(inbox()) == 1, f"one alert is {len(inbox())} messages")
        notifier.notify(alert(id="alert_2"))
        keep(len(inbox()) == 2, f"two alerts are {len(inbox())} messages")  # noqa: PLR2004 - as the text says

    def test_every_violation_is_named(self, notifier: Notifier, inbox: Callable[[], Sequence[str]]) -> None:
        """Name the policy of each violation, and say how many more there are; `tracevet.alert_text` does."""
        policies = ("weak-crypto", "command-injection")
        told = [violation(identity("one", 1), policy=each, fingerprint=each) for each in policies]
        notifier.notify(alert(*told))
        missing = [policy for policy in policies if policy not in "".join(inbox())]
        keep(not missing, f"the message does not name the violated policies {missing}")

    @pytest.mark.parametrize("kind", AlertKind)
    def test_every_kind_is_delivered(
        self, notifier: Notifier, inbox: Callable[[], Sequence[str]], kind: AlertKind
    ) -> None:
        """Deliver alerts of every kind: also those that are no single violation, and kinds that are new to you."""
        notifier.notify(alert(kind=kind, more=3, again=True))
        keep(inbox(), f"an alert of the kind {kind.value} is not delivered")

    def test_what_is_not_delivered_raises(
        self, notifier: Notifier, inbox: Callable[[], Sequence[str]], refuse: Callable[[], None]
    ) -> None:
        """Raise PlatformError where the channel does not take the alert: one that is dropped is never told."""
        refuse()
        with pytest.raises(PlatformError):
            notifier.notify(alert())
        keep(not inbox(), "what was refused is delivered")

    def test_errors_hold_no_secret(self, notifier: Notifier, refuse: Callable[[], None], secret: str) -> None:
        """Say in an error what to do, in one sentence, without address, token or text of the alert."""
        refuse()
        text = _error(notifier)
        keep("\n" not in text, "the error is not one sentence")
        keep(not secret or secret not in text, "the error holds a secret")
        keep(CANARY not in text, "the error quotes the alert")

    def test_hostile_names_are_harmless(self, notifier: Notifier, inbox: Callable[[], Sequence[str]]) -> None:
        """Escape what comes out of traces for the channel; `tracevet.alert_text` gives it escaped in several forms."""
        names = dict.fromkeys(("path", "project", "developer", "branch", "message", "evidence"), NAME)
        notifier.notify(alert(violation(identity("one", 1), **names)))
        keep(inbox(), "an alert with odd names is not delivered")
        keep(not any(CONTROLS.search(text) for text in inbox()), "control characters come through")

    def test_only_what_is_given_is_told(
        self, notifier: Notifier, inbox: Callable[[], Sequence[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Tell the alert and nothing else: no variable of the environment."""
        monkeypatch.setenv("LANGFUSE_SECRET_KEY", CANARY)
        notifier.notify(alert())
        keep(not any(CANARY in text for text in inbox()), "a variable of the environment is told")


def _error(notifier: Notifier) -> str:
    """Give the text of the error, or nothing where there is none, which is another promise's business."""
    try:
        notifier.notify(alert(violation(identity("one", 1), evidence=CANARY)))
    except PlatformError as error:
        return str(error)
    return ""
