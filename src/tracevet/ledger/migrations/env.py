"""Run by alembic: migrates within the transaction that the ledger has begun, all steps or none."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table="tracevet_version", transactional_ddl=True)
context.run_migrations()
