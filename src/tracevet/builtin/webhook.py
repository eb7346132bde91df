"""The notifier `webhook`: alerts as signed JSON, after the Standard Webhooks specification."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from datetime import datetime

from tracevet.alerts.texts import alert_text, alert_title
from tracevet.environment import from_environment
from tracevet.errors import ConfigError
from tracevet.model import Alert
from tracevet.plugin import Notifier

PREFIX = "whsec_"
KEY_SIZES = range(24, 65)  # bytes: Standard Webhooks, "Signature scheme"
LONGEST = 60.0  # seconds: shorter than a message is held by who sends it


class WebhookNotifier(Notifier):
    """Posts each alert to an address, signed, with the alert's id as the idempotency key."""

    name = "webhook"
    summary = "Posts alerts as signed JSON (Standard Webhooks)."

    def __init__(
        self,
        url: str = "",
        secret: str = "",
        *,
        seconds: float = 10.0,
        redirects: int = 0,
        allow_private: bool = False,
    ) -> None:
        """Check the address and the secret; nothing is sent.

        Args:
            url: where to post; `${NAME}` in it is read from the environment.
            secret: `${NAME}` of the variable that holds the signing secret, `whsec_` and base64.
            seconds: the longest that one delivery may take, redirects included.
            redirects: how many redirects (307, 308) are followed; any other is a failure.
            allow_private: True allows private addresses and plain http, as inside a network of one's own.

        Raises:
            ConfigError: the address or the secret is missing, or is not one; neither is repeated.
        """
        from tracevet.builtin.posting import Posting  # brings an HTTP client

        if not 0 < seconds <= LONGEST:
            raise ConfigError(f"notifier webhook: seconds must be above 0 and at most {LONGEST:g}")
        self._key = _key(secret)
        self._url = from_environment(url, "notifier webhook: url")
        self._posting = Posting(seconds=seconds, redirects=redirects, allow_private=allow_private)
        if flaw := self._posting.flaw(self._url):
            raise ConfigError(f"notifier webhook: {flaw}")

    @property
    def addressable(self) -> bool:
        """The receiver is told whom the alert is for."""
        return True

    def notify(self, alert: Alert) -> None:
        """Post the alert; return once the receiver has answered with a 2xx that is no page.

        Raises:
            BusyError: it can't be reached, hangs, or can't now.
            RefusedError: it refuses, answers with a page or a redirect, or its address is private.
        """
        body = payload(alert)
        self._posting.post(self._url, self._headers(alert.id, body), body)

    def _headers(self, id_: str, body: bytes) -> dict[str, str]:
        moment = str(int(time.time()))
        signed = hmac.new(self._key, f"{id_}.{moment}.".encode() + body, hashlib.sha256).digest()
        return {
            "content-type": "application/json",
            "user-agent": "tracevet",
            "webhook-id": id_,
            "webhook-timestamp": moment,
            "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
            "idempotency-key": id_,
        }


def payload(alert: Alert) -> bytes:
    """Write the alert as the body that is posted: type, timestamp, and data as published in JSON."""
    same = alert.model_copy(update={"again": False})  # the id tells a repeat
    data = {"title": alert_title(same), "text": alert_text(same), **same.model_dump(mode="json", exclude={"again"})}
    whole = {"type": f"tracevet.{alert.kind}", "timestamp": _iso(alert.at), "data": data}
    return json.dumps(whole).encode()


def _key(secret: str) -> bytes:
    if not (secret.startswith("${") and secret.endswith("}")):
        raise ConfigError('notifier webhook: secret must name an environment variable, as in "${WEBHOOK_SECRET}"')
    text = from_environment(secret, "notifier webhook: secret")
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(PREFIX) or len(key) not in KEY_SIZES:
        raise ConfigError("notifier webhook: the secret must be whsec_ and 24 to 64 bytes in base64")
    return key


def _iso(moment: datetime) -> str:
    return moment.isoformat()
