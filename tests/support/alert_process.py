"""A process that tells what a ledger holds to a webhook, killed where its parent wants."""

import os
import signal
import sys
from datetime import timedelta

from ledger_parts import Clock

from tracevet.alerts.alerting import Alerting
from tracevet.alerts.routes import Route
from tracevet.builtin.webhook import WebhookNotifier
from tracevet.ledger import Ledger
from tracevet.ledger.alerts import Alerts
from tracevet.model import Alert
from tracevet.routing import RouteOptions


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Dying(WebhookNotifier):
    """Dies right after the receiver has answered, or right before it is asked."""

    moment = ""
    left = 0  # deliveries until then

    def notify(self, alert: Alert) -> None:
        Dying.left -= 1
        if Dying.left == 0 and Dying.moment == "before":
            die()
        super().notify(alert)
        if Dying.left == 0 and Dying.moment == "after":
            die()


def tell(url: str, receiver: str, moment: str, count: str, minutes: str) -> None:
    """Tell everything; die at a moment of the count-th delivery, or step."""
    clock = Clock()
    clock.now += timedelta(minutes=int(minutes))
    Dying.moment, Dying.left = moment, int(count)
    if moment in ("take_news", "tell"):
        step = getattr(Alerts, moment)

        def dying(self: Alerts, *args: object) -> None:
            step(self, *args)
            die()

        setattr(Alerts, moment, dying)
    channel = Dying(url=receiver, secret="${HOOK_SECRET}", allow_private=True)
    options = RouteOptions(channel="hook")
    with Ledger.open(url, clock=clock) as ledger:
        done = Alerting(ledger, [Route(name="r", options=options, developers={})], lambda name: channel, clock).run()
    sys.stdout.write(f"{done.sent}\n")


if __name__ == "__main__":
    tell(*sys.argv[1:])
