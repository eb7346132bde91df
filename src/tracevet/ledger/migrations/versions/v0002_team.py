"""Reviews, suppressions, audit, alerts, leases."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what a team needs."""
    _make_reviews()
    _make_audit()
    with op.batch_alter_table("fingerprints") as table:
        table.add_column(sa.Column("reach", sa.Text))


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
