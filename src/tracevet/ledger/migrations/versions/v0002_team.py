"""Reviews, suppressions, audit, alerts, leases."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what a team needs."""
    _make_reviews()
    _make_suppressions()
    _make_audit()
    _make_alerts()
    _make_leases()
    with op.batch_alter_table("fingerprints") as table:
        table.add_column(sa.Column("reach", sa.Text))
        table.add_column(sa.Column("corrected", MOMENT))


def _make_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("platform", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("trace", sa.Text, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("met", sa.Integer, nullable=False),
        sa.Column("withdrawn", MOMENT),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("reviews_trace", "reviews", ["platform", "trace"])
    op.create_index("reviews_at", "reviews", ["at"])
    op.create_table(
        "judgements",
        sa.Column("platform", sa.Text, primary_key=True),
        sa.Column("review", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("judgements_fingerprint", "judgements", ["fingerprint"])
    op.create_table(
        "rulings",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("decision", sa.Text),
        sa.Column("settled", sa.Integer, nullable=False),
    )
    op.create_index("rulings_settled", "rulings", ["settled"])


def _make_suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("expires", MOMENT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("settled", sa.Integer, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("audit_at", "audit", ["at"])


def _make_alerts() -> None:
    op.create_table(
        "alert_news",
        sa.Column("verdict", sa.Text, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "alerts",
        sa.Column("route", sa.Text, primary_key=True),
        sa.Column("recipient", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("queued", MOMENT, nullable=False),
        sa.Column("due", MOMENT, nullable=False),
        sa.Column("told", MOMENT),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("traces", sa.Integer, nullable=False),
        sa.Column("critical", sa.Integer, nullable=False),
        sa.Column("escalated", MOMENT),
    )
    op.create_index("alerts_due", "alerts", ["route", "state", "due"])
    op.create_index("alerts_fingerprint", "alerts", ["fingerprint"])
    _make_messages()


def _make_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("made", MOMENT, nullable=False),
        sa.Column("due", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("settled", MOMENT),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("messages_due", "messages", ["state", "due"])
    op.create_index("messages_made", "messages", ["made"])
    op.create_table(
        "acknowledgements",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
    )


def _make_leases() -> None:
    op.create_table("owners", sa.Column("id", sa.Text, primary_key=True), sa.Column("until", MOMENT, nullable=False))
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False),
    )
    op.create_index("leases_owner", "leases", ["owner"])
    op.create_table(
        "readings",
        sa.Column("platform", sa.Text, primary_key=True),
        sa.Column("start", MOMENT, primary_key=True),
        sa.Column("stop", MOMENT, nullable=False),
        sa.Column("owner", sa.Text),
    )
    op.create_table(
        "budgets",
        sa.Column("platform", sa.Text, primary_key=True),
        sa.Column("per_minute", sa.Double, nullable=False),
        sa.Column("permits", sa.Double, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("at", MOMENT))
        table.add_column(sa.Column("owner", sa.Text))
        table.create_index("outbox_newest", ["platform", "state", "at"])
    op.execute("UPDATE outbox SET at = (SELECT at FROM verdicts WHERE id = outbox.verdict)")
