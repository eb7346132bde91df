"""What the host brings itself, through the same hooks as everyone."""

from collections.abc import Iterable

from tracevet.builtin.csv_report import CsvReporter
from tracevet.builtin.html_report import HtmlReporter
from tracevet.builtin.local import LocalPlatform
from tracevet.builtin.machine import JsonlReporter, JsonReporter
from tracevet.builtin.markdown_report import MarkdownReporter
from tracevet.builtin.ocsf import OcsfReporter
from tracevet.builtin.sarif import SarifReporter
from tracevet.builtin.table import TableReporter
from tracevet.builtin.webhook import WebhookNotifier
from tracevet.extract import StandardExtractor
from tracevet.hookspecs import hookimpl
from tracevet.model import PolicyPack
from tracevet.plugin import Extractor, Notifier, Platform, Reporter
from tracevet.policy import builtin_packs


@hookimpl
def register_platforms() -> Iterable[type[Platform]]:
    """Bring the platform of files on this machine."""
    return (LocalPlatform,)


@hookimpl
def register_extractors() -> Iterable[type[Extractor]]:
    """Bring the reader of the known assistants' shapes."""
    return (StandardExtractor,)


@hookimpl
def register_policies() -> Iterable[PolicyPack]:
    """Bring the built-in policies."""
    return builtin_packs()


@hookimpl
def register_notifiers() -> Iterable[type[Notifier]]:
    """Bring the signed webhook."""
    return (WebhookNotifier,)


@hookimpl
def register_reporters() -> Iterable[type[Reporter]]:
    """Bring the formats of `tracevet scan`."""
    return (
        TableReporter,
        JsonReporter,
        JsonlReporter,
        SarifReporter,
        OcsfReporter,
        HtmlReporter,
        CsvReporter,
        MarkdownReporter,
    )
