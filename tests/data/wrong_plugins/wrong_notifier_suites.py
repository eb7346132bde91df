"""Notifiers that are wrong on purpose, with a directory for a channel; `breaks` names the promise."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from tracevet import Alert, Notifier, PlatformError
from tracevet.testing import NotifierSuite


class Right(Notifier):
    """A file for each alert."""

    name: ClassVar[str] = "files"
    summary: ClassVar[str] = "A file for each alert."

    def __init__(self, *, directory: str = "", token: str = "t0p-s3cret-t0ken") -> None:
        self.directory, self.token = Path(directory), token

    def notify(self, alert: Alert) -> None:
        try:
            self.deliver(
                alert, "\n".join(self.line(item.violation.policy, item.violation.path) for item in alert.items)
            )
        except OSError:
            raise PlatformError(self.problem(alert)) from None

    def deliver(self, alert: Alert, text: str) -> None:
        (self.directory / alert.id).write_text(text)

    def line(self, policy: str, path: str | None) -> str:
        return "".join(char if char.isprintable() else "?" for char in f"{policy} in {path}")

    def problem(self, alert: Alert) -> str:
        return "the directory takes no file; set `directory` to another"


class Doubling(Right):
    def deliver(self, alert: Alert, text: str) -> None:
        super().deliver(alert, text)
        (self.directory / f"{alert.id}-copy").write_text(text)


class First(Right):
    def deliver(self, alert: Alert, text: str) -> None:
        super().deliver(alert, text.split("\n", maxsplit=1)[0])


class Choosy(Right):
    def notify(self, alert: Alert) -> None:
        if alert.kind.value != "escalation":
            super().notify(alert)


class Silent(Right):
    def notify(self, alert: Alert) -> None:
        try:
            super().notify(alert)
        except PlatformError:
            return


class Telling(Right):
    def problem(self, alert: Alert) -> str:
        return f"the directory takes no file with {self.token}"


class Quoting(Right):
    def problem(self, alert: Alert) -> str:
        return f"the directory does not take {alert.items[0].violation.evidence}"


class Raw(Right):
    def line(self, policy: str, path: str | None) -> str:
        return f"{policy} in {path}"


class Curious(Right):
    def line(self, policy: str, path: str | None) -> str:
        return super().line(policy, path) + " ".join(os.environ.values())


class Base(NotifierSuite):
    cls: ClassVar[type[Right]]
    breaks: ClassVar[str] = ""

    @pytest.fixture
    def directory(self, tmp_path: Path) -> Path:
        (tmp_path / "inbox").mkdir()
        return tmp_path / "inbox"

    @pytest.fixture
    def notifier(self, directory: Path) -> Notifier:
        return self.cls(directory=str(directory))

    @pytest.fixture
    def secret(self) -> str:
        return "t0p-s3cret-t0ken"

    @pytest.fixture
    def inbox(self, directory: Path) -> Callable[[], Sequence[str]]:
        return lambda: [file.read_text() for file in directory.glob("*")]

    @pytest.fixture
    def refuse(self, directory: Path) -> Callable[[], None]:
        return directory.rmdir


def suite(cls: type[Right], breaks: str) -> type[Base]:
    """Make the suite of a notifier."""
    return type(f"Test{cls.__name__}", (Base,), {"cls": cls, "breaks": breaks})


TestRight = suite(Right, "")
TestDoubling = suite(Doubling, "test_an_alert_is_one_message")
TestFirst = suite(First, "test_every_violation_is_named")
TestChoosy = suite(Choosy, "test_every_kind_is_delivered")
TestSilent = suite(Silent, "test_what_is_not_delivered_raises")
TestTelling = suite(Telling, "test_errors_hold_no_secret")
TestQuoting = suite(Quoting, "test_errors_hold_no_secret")
TestRaw = suite(Raw, "test_hostile_names_are_harmless")
TestCurious = suite(Curious, "test_only_what_is_given_is_told")
