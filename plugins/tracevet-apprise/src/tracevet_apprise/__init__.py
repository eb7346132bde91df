"""Alerts on the channels that Apprise knows: Slack, Teams, e-mail, PagerDuty and a hundred others."""

from collections.abc import Iterable

from tracevet import Notifier, hookimpl
from tracevet_apprise.notifier import AppriseNotifier

__all__ = ["AppriseNotifier", "register_notifiers"]


@hookimpl
def register_notifiers() -> Iterable[type[Notifier]]:
    """Bring the notifier `apprise`."""
    return (AppriseNotifier,)
