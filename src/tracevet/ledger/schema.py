"""The tables, as they are at the current version.

A change here needs a migration that leads there, and a higher VERSION: `migrations/versions`. Models are kept as
JSON texts. There are no foreign keys on purpose: SQLite can alter a table only by dropping it, which would take
the rows that point at it along.
"""

from sqlalchemy import Column, Double, Index, Integer, MetaData, String, Table, Text

from tracevet.ledger.columns import Label, Moment

VERSION = 2

KEY = "key"  # in meta: random bytes for HMACs, as hex
KEY_BYTES = 32

metadata = MetaData()

versions = Table(
    "tracevet_version",  # the mark of a ledger; alembic's own version table
    metadata,
    Column("version_num", String(32), primary_key=True),
)

results = Table(
    "results",
    metadata,
    Column("engine", Label, primary_key=True),  # name@version#options
    Column("digest", Text, primary_key=True),  # Snippet.digest: always plain hexadecimal
    Column("findings", Text, nullable=False),
    Column("gaps", Text, nullable=False),
    Column("used", Integer, nullable=False),  # days since 1970-01-01
    sqlite_with_rowid=False,
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", Label, primary_key=True),
    Column("platform", Label, nullable=False),
    Column("trace", Label, nullable=False),
    Column("content", Label, nullable=False),  # Trace.content
    Column("setup", Label, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("severity", Text),
    Column("project", Label),
    Column("developer", Label),
    Column("at", Moment, nullable=False),  # the trace's own time, or that of the first commit
    Column("made", Moment, nullable=False),  # first commit
    Column("renewed", Moment, nullable=False),  # last commit
    Column("revision", Integer, nullable=False),  # counts changes of what the verdict says
    Column("body", Text, nullable=False),  # Verdict without its violations
    Index("verdicts_trace", "platform", "trace"),
    Index("verdicts_at", "at", "id"),
    Index("verdicts_renewed", "renewed"),
)

violations = Table(
    "violations",
    metadata,
    Column("verdict", Label, primary_key=True),
    Column("fingerprint", Label, primary_key=True),
    Column("policy", Label, nullable=False),
    Column("severity", Text, nullable=False),
    Column("status", Text, nullable=False),  # wins over the body's
    Column("project", Label),
    Column("developer", Label),
    Column("at", Moment, nullable=False),  # as in verdicts
    Column("position", Integer, nullable=False),  # in the verdict
    Column("body", Text, nullable=False),  # Violation without first_seen
    Index("violations_fingerprint", "fingerprint"),
    Index("violations_policy", "policy", "at"),
    Index("violations_project", "project", "at"),
    Index("violations_developer", "developer", "at"),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("fingerprint", Label, primary_key=True),
    Column("first_seen", Moment),  # by the traces' own clocks, over all verdicts
    Column("reach", Text),  # Reach, as JSON; none: nobody looked
    Column("corrected", Moment),  # when a later step of its session removed it, the first time, by the same clocks
)

outbox = Table(
    "outbox",
    metadata,
    Column("verdict", Label, primary_key=True),
    Column("action", Text, primary_key=True),
    Column("platform", Label, nullable=False),
    Column("revision", Integer, nullable=False),  # of the verdict, when it was queued
    Column("due", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", Text, nullable=False),  # pending, parked
    Column("reason", Text, nullable=False),
    Column("at", Moment),  # as in verdicts: the newest are written first
    Column("owner", Label),  # in owners; whoever writes it now, or means to
    Index("outbox_due", "platform", "state", "due"),
    Index("outbox_newest", "platform", "state", "at"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("verdict", Label, primary_key=True),
    Column("revision", Integer, nullable=False),  # what the platform has
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),  # Receipt
)

cursors = Table(
    "cursors",
    metadata,
    Column("platform", Label, primary_key=True),
    Column("key", Label, primary_key=True),
    Column("value", Text, nullable=False),  # a JSON string
    Column("at", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("platform", Label, primary_key=True),
    Column("id", Label, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),  # Session
    Index("sessions_at", "at"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("platform", Label, primary_key=True),
    Column("id", Label, primary_key=True),  # the platform's own
    Column("trace", Label, nullable=False),
    Column("decision", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("met", Integer, nullable=False),  # 1: what it is about was found, and stands in judgements
    Column("withdrawn", Moment),  # since when the platform shows it no more
    Column("body", Text, nullable=False),  # Review
    Index("reviews_trace", "platform", "trace"),
    Index("reviews_at", "at"),
)

judgements = Table(
    "judgements",  # what a review says of one fingerprint
    metadata,
    Column("platform", Label, primary_key=True),
    Column("review", Label, primary_key=True),
    Column("fingerprint", Label, primary_key=True),
    Column("decision", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("judgements_fingerprint", "fingerprint"),
)

rulings = Table(
    "rulings",  # the youngest judgement on a fingerprint
    metadata,
    Column("fingerprint", Label, primary_key=True),
    Column("decision", Text),  # none: all judgements were withdrawn
    Column("settled", Integer, nullable=False),  # 0: some verdict may not show it yet
    Index("rulings_settled", "settled"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", String(12), primary_key=True),  # Suppression.id
    Column("source", Label, primary_key=True),  # the name of a file, or "ledger"
    Column("expires", Moment, nullable=False),
    Column("state", Text, nullable=False),  # active, expired, removed
    Column("settled", Integer, nullable=False),  # 0: some verdict may not show it yet
    Column("changes", Integer, nullable=False),  # counts them
    Column("body", Text, nullable=False),  # Suppression
)

audit = Table(
    "audit",  # only ever added to
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1 is the oldest; without holes
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("details", Text, nullable=False),  # a JSON object
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_at", "at"),
)

alert_news = Table(
    "alert_news",  # verdicts that no route was asked about yet
    metadata,
    Column("verdict", Label, primary_key=True),
    Column("at", Moment, nullable=False),
)

alerts = Table(
    "alerts",  # what a route tells, or told, of a fingerprint
    metadata,
    Column("route", Label, primary_key=True),
    Column("recipient", Label, primary_key=True),  # a developer as the traces name him; empty: the channel itself
    Column("fingerprint", Label, primary_key=True),
    Column("state", Text, nullable=False),  # waiting, told
    Column("queued", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("told", Moment),  # the last time
    Column("round", Integer, nullable=False),  # how often it was told
    Column("traces", Integer, nullable=False),  # it stood in so many when it was told
    Column("critical", Integer, nullable=False),  # 1: it was critical when it was told
    Column("escalated", Moment),
    Index("alerts_due", "route", "state", "due"),
    Index("alerts_fingerprint", "fingerprint"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Label, primary_key=True),  # of route, recipient, kind, and what it tells for the how-manieth time
    Column("route", Label, nullable=False),
    Column("channel", Label, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),  # pending, sending, sent, parked, dropped
    Column("severity", Text, nullable=False),
    Column("made", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("settled", Moment),
    Column("reason", Text, nullable=False),
    Column("body", Text, nullable=False),  # Alert
    Index("messages_due", "state", "due"),
    Index("messages_made", "made"),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("fingerprint", Label, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
)

owners = Table(
    "owners",  # processes that hold something
    metadata,
    Column("id", Label, primary_key=True),
    Column("until", Moment, nullable=False),  # by the server's clock; afterwards all that it holds is free
)

leases = Table(
    "leases",  # what one process works on, and others leave alone
    metadata,
    Column("name", Label, primary_key=True),
    Column("owner", Label, nullable=False),
    Column("wanted", Integer, nullable=False),  # 1: somebody waits for it
    Index("leases_owner", "owner"),
)

readings = Table(
    "readings",  # stretches of time beyond which somebody has read on
    metadata,
    Column("platform", Label, primary_key=True),
    Column("start", Moment, primary_key=True),
    Column("stop", Moment, nullable=False),
    Column("owner", Label),  # none: it was read
)

budgets = Table(
    "budgets",
    metadata,
    Column("platform", Label, primary_key=True),
    Column("per_minute", Double, nullable=False),  # requests
    Column("permits", Double, nullable=False),  # left at `at`; below zero: given in advance
    Column("at", Double, nullable=False),  # seconds since 1970-01-01
)

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
