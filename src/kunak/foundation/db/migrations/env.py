"""Alembic's environment: runs on the connection that `foundation.db.migrate` hands over."""

from alembic import context
from sqlalchemy import text

connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=True)

with context.begin_transaction():
    # A migration that cannot get its lock soon gives up: a queue behind it would stop the product.
    connection.execute(text("SET lock_timeout = '10s'"))
    context.run_migrations()
connection.commit()
