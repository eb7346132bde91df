"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make what the first version had."""
    _make_memory()
    _make_verdicts()
    _make_violations()
    _make_outbox()
    _make_bookmarks()


def _make_memory() -> None:
    op.create_table(
        "results",
        sa.Column("engine", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("findings", sa.Text, nullable=False),
        sa.Column("gaps", sa.Text, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def _make_verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("trace", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("setup", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("severity", sa.Text),
        sa.Column("project", sa.Text),
        sa.Column("developer", sa.Text),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("made", MOMENT, nullable=False),
        sa.Column("renewed", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("verdicts_trace", "verdicts", ["platform", "trace"])
    op.create_index("verdicts_at", "verdicts", ["at", "id"])
    op.create_index("verdicts_renewed", "verdicts", ["renewed"])


def _make_violations() -> None:
    op.create_table(
        "violations",
        sa.Column("verdict", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("project", sa.Text),
        sa.Column("developer", sa.Text),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("violations_fingerprint", "violations", ["fingerprint"])
    op.create_index("violations_policy", "violations", ["policy", "at"])
    op.create_index("violations_project", "violations", ["project", "at"])
    op.create_index("violations_developer", "violations", ["developer", "at"])
    op.create_table(
        "fingerprints",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("first_seen", MOMENT),
    )


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("verdict", sa.Text, primary_key=True),
        sa.Column("action", sa.Text, primary_key=True),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("due", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("outbox_due", "outbox", ["platform", "state", "due"])
    op.create_table(
        "receipts",
        sa.Column("verdict", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def _make_bookmarks() -> None:
    op.create_table(
        "cursors",
        sa.Column("platform", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("platform", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("sessions_at", "sessions", ["at"])
