"""Routes: which violations go to which channel, to whom, and when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from tracevet.config import Config
from tracevet.errors import ConfigError
from tracevet.hours import is_quiet, next_digest
from tracevet.model import Policy, Severity, Status, Violation
from tracevet.routing import Recipient, RouteOptions, When


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route of the configuration, ready to be asked; pure."""

    name: str
    options: RouteOptions
    developers: Mapping[str, str]  # identity in traces -> address

    def takes(self, violation: Violation) -> bool:
        """Tell whether the violation goes this way; only an open one ever does."""
        options = self.options
        return (
            violation.status is Status.OPEN
            and violation.priority.rank >= options.severity.rank
            and _any(options.policies, violation.policy)
            and _any(options.projects, violation.project)
            and _any(options.developers, violation.developer)
            and _any(options.assistants, violation.assistant)
            and (not options.surfaces or violation.surface in options.surfaces)
            and self.recipient(violation) is not None
        )

    def recipient(self, violation: Violation) -> str | None:
        """Give who is written to: "" is the channel itself; None is nobody, as no address is known."""
        if self.options.to is Recipient.CHANNEL:
            return ""
        return violation.developer if violation.developer in self.developers else None

    def due(self, now: datetime) -> datetime:
        """Give when a violation that is met now is told."""
        options = self.options
        if options.when is When.NOW:
            return now
        return next_digest(now, options.clock_zone, options.at, options.day if options.when is When.WEEKLY else None)

    def silent(self, now: datetime, severity: Severity) -> bool:
        """Tell whether one of that severity has to wait for the end of the quiet hours."""
        options = self.options
        if severity.rank >= options.quiet_below.rank:
            return False
        return is_quiet(now, options.clock_zone, options.quiet_hours, frozenset(options.quiet_days))

    @property
    def cool_down(self) -> timedelta:
        """How long a fingerprint that was told is not told again."""
        return self.options.cool_down_time

    @property
    def patience(self) -> timedelta | None:
        """After how long without an answer it is escalated; None: never."""
        return self.options.escalate_after_time

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that it uses."""
        return tuple(filter(None, (self.options.channel, self.options.escalate_to)))


def routes(config: Config) -> tuple[Route, ...]:
    """Give the configuration's routes, by name.

    Raises:
        ConfigError: a route names a channel that the configuration does not have.
    """
    found = tuple(
        Route(name=name, options=options, developers=config.developers)
        for name, options in sorted(config.routes.items())
    )
    for route in found:
        for channel in route.channels:
            if channel not in config.notifiers:
                known = ", ".join(sorted(config.notifiers)) or "none"
                raise ConfigError(
                    f"{config.source}: [routes.{route.name}] names the channel {channel!r}, and there is no "
                    f"[notifiers.{channel}]; known: {known}"
                )
            if not config.notifiers[channel].get("enabled", True):
                raise ConfigError(
                    f"{config.source}: [routes.{route.name}] names the channel {channel!r}, and [notifiers.{channel}] "
                    "is switched off; take the route out, or enabled = false"
                )
    return found


def unmatched(found: Iterable[Route], policies: Iterable[Policy]) -> Iterator[str]:
    """Say of each route that no violation of these policies can ever take why, in a sentence."""
    held = tuple(policies)
    for route in found:
        why = _why_never(route, held)
        if why:
            yield f"the route {route.name!r} matches nothing: {why}"


def _why_never(route: Route, policies: tuple[Policy, ...]) -> str:
    options = route.options
    if options.to is Recipient.DEVELOPER and not route.developers:
        return "it writes to developers, and [developers] has no addresses"
    named = [policy for policy in policies if _any(options.policies, policy.id)]
    if not named:
        return f"no policy that is on is named {', '.join(options.policies)}"
    grades = list(Severity)
    # code in the main branch counts one grade higher
    if not any(grades.index(policy.severity) + 1 >= options.severity.rank for policy in named):
        return f"none of its policies is as bad as {options.severity}"
    if options.surfaces and not any(set(policy.surfaces) & set(options.surfaces) for policy in named):
        return f"none of its policies looks at {', '.join(options.surfaces)}"
    return ""


def _any(globs: tuple[str, ...], value: str | None) -> bool:
    """Tell whether one of the globs covers the value; no globs ask for nothing."""
    return not globs or (value is not None and any(fnmatchcase(value, glob) for glob in globs))
