"""The notifier `apprise`: one Apprise URL, one message for each alert."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from tracevet import Alert, BusyError, ConfigError, Notifier, RefusedError, Severity, alert_title, from_environment
from tracevet_apprise.fitting import fitting, plain
from tracevet_apprise.services import form_of, service, types

if TYPE_CHECKING:
    from apprise import NotifyBase

TO = "{to}"
SAMPLE_ADDRESS = "someone@example.com"


class AppriseNotifier(Notifier):
    """Sends each alert to what one Apprise URL names."""

    name = "apprise"
    summary = "Sends alerts to Slack, Teams, e-mail, PagerDuty and all else that Apprise knows."

    def __init__(self, url: str = "", url_env: str = "") -> None:
        """Read the URL; nothing is sent.

        Args:
            url: an Apprise URL; `${NAME}` in it is read from the environment, `{to}` is where an address goes.
            url_env: the environment variable that holds the whole URL, instead of `url`.

        Raises:
            ConfigError: there is no URL, Apprise has no such scheme, or something is missing; the URL is not repeated.
        """
        if bool(url) == bool(url_env):
            raise ConfigError("notifier apprise: set url, or url_env with the name of the variable that holds it")
        self._url = from_environment(url or f"${{{url_env}}}", "notifier apprise: url")
        service(self._url.replace(TO, quote(SAMPLE_ADDRESS, safe="")))

    @property
    def addressable(self) -> bool:
        """Whether the URL says where an address goes."""
        return TO in self._url

    def notify(self, alert: Alert) -> None:
        """Send the alert as one message, in the form that the service takes.

        Raises:
            BusyError: the service did not take it, or can't be reached: Apprise does not tell which.
            RefusedError: the URL wants an address, and the alert has none.
        """
        if TO in self._url and alert.to is None:
            raise RefusedError("its url holds {to}, so it serves routes that write to developers alone")
        target = service(self._url.replace(TO, quote(alert.to or "", safe="")))
        form = form_of(target)
        body, title = fitting(alert, form, target.body_maxlen), plain(alert_title(alert))
        _mark(target, alert)
        if not target.notify(body=body, title=title, notify_type=_type(alert), body_format=form.value):
            raise BusyError("the service did not take the message, or could not be reached")


def _type(alert: Alert) -> object:
    grades = types()
    return grades.FAILURE if alert.severity.rank >= Severity.HIGH.rank else grades.WARNING


def _mark(target: "NotifyBase", alert: Alert) -> None:
    """Send the alert's id along where the service has headers, as e-mail and plain HTTP do: it tells a repeat."""
    headers = getattr(target, "headers", None)
    if isinstance(headers, dict):
        headers["X-Tracevet-Message"] = alert.id
