# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs Alembic on the connection that `schema` opened; no URL is read here."""

from alembic import context

from provisioning.database.engine import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    # Our SQLite connections begin explicitly, so a failed upgrade leaves nothing behind.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
