"""Apprise's services: built from a URL, without a word of the URL in any error or log."""

import logging
import re
import warnings
from typing import TYPE_CHECKING, Any

from tracevet import AlertForm, ConfigError

if TYPE_CHECKING:
    from apprise import NotifyBase

_SCHEME = re.compile(r"([A-Za-z0-9.+-]{1,40})://")


def service(url: str) -> "NotifyBase":
    """Build the service of a URL.

    Raises:
        ConfigError: Apprise has no such scheme, or the URL lacks something; the text names the scheme alone.
    """
    match = _SCHEME.match(url)
    if not match:
        raise ConfigError("notifier apprise: the url must begin with a scheme, such as slack:// or mailto://")
    scheme = match[1].lower()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Apprise imports modules that Python has deprecated
        # Apprise logs what it could not read, secrets included: nobody is to hear that by default.
        logging.getLogger("apprise").addHandler(logging.NullHandler())
        from apprise import Apprise, AppriseAsset

        asset = AppriseAsset(app_id="tracevet", app_desc="tracevet", async_mode=False, secure_logging=True)
        if scheme not in _schemes():
            raise ConfigError(f"notifier apprise: Apprise has no scheme {scheme}://; `apprise --details` lists them")
        built = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if built is None:
        raise ConfigError(
            f"notifier apprise: the url is not complete for {scheme}://; "
            "Apprise's page on that service says what it needs"
        )
    return built


def form_of(target: "NotifyBase") -> AlertForm:
    """Say how the service takes its text: raw carriers as text, the others in their richest form."""
    declared: Any = target.notify_format
    formats = [getattr(one, "value", one) for one in (declared if isinstance(declared, tuple) else (declared,))]
    if formats[0] == "html":
        return AlertForm.HTML
    return AlertForm.MARKDOWN if "markdown" in formats and "html" not in formats else AlertForm.TEXT


def types() -> Any:
    """Give Apprise's kinds of message."""
    from apprise import NotifyType

    return NotifyType


def _schemes() -> frozenset[str]:
    from apprise.manager_plugins import NotificationManager

    return frozenset(NotificationManager().schemas())  # type: ignore[no-untyped-call]  # Apprise's own lack
