# SPDX-License-Identifier: AGPL-3.0-or-later
"""The journal's chain, from where each act came and on whose entry; residents' numbers.

A resident's number is given once, as an appointment's is (0019): the journal names by it whose
entry was erased.
"""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0046"
down_revision = "appointments_0047"
branch_labels = None
depends_on = None

NOTHING = sa.text("''")
TEXTS = (("origin", 45), ("seal", 80))
REFUSED = "the journal is append-only"
_PLAIN = "PRIMARY KEY (id)"
_ONCE = "PRIMARY KEY (id AUTOINCREMENT)"


def upgrade() -> None:
    """Create the chain, empty: the lines that are there join it as the first ones."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "journal_link",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("term", UtcDateTime(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_journal_link")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_journal_link_entry_id")),
    )
    op.add_column("journal", sa.Column("resident_id", sa.Integer(), nullable=True))
    for name, length in TEXTS:
        op.add_column(
            "journal",
            sa.Column(name, sa.String(length), server_default=NOTHING, nullable=False),
        )
    op.create_index(op.f("ix_journal_resident_id"), "journal", ["resident_id"])
    op.create_index("ix_journal_actor_at", "journal", ["actor", "at"])
    if is_sqlite:
        _rewrite_residents(_PLAIN, _ONCE)
        op.execute(
            "INSERT INTO sqlite_sequence (name, seq)"
            " SELECT 'resident', max(id) FROM resident HAVING max(id) IS NOT NULL"
        )
        _protect_on_sqlite()
    else:
        _protect_on_postgresql()


def downgrade() -> None:
    """Remove the chain; the lines stay, and none may be deleted."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER journal_refuses_delete")
        op.execute(
            "CREATE TRIGGER journal_refuses_delete BEFORE DELETE ON journal "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        )
        op.execute("DELETE FROM sqlite_sequence WHERE name = 'resident'")
        _rewrite_residents(_ONCE, _PLAIN)
    else:
        op.execute("DROP TRIGGER journal_keeps_lines ON journal")
        op.execute("DROP FUNCTION journal_keeps_until_term()")
        op.execute("DROP TRIGGER journal_refuses_changes ON journal")
        op.execute(
            "CREATE TRIGGER journal_refuses_changes BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()"
        )
    op.drop_index("ix_journal_actor_at", "journal")
    op.drop_index(op.f("ix_journal_resident_id"), "journal")
    for name in ("seal", "origin", "resident_id"):
        op.drop_column("journal", name)
    op.drop_table("journal_link")


def _protect_on_sqlite() -> None:
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER journal_link_refuses_{act.lower()} BEFORE {act} "
            f"ON journal_link BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        )
    op.execute("DROP TRIGGER journal_refuses_delete")
    op.execute(
        "CREATE TRIGGER journal_refuses_delete BEFORE DELETE ON journal "
        "WHEN NOT EXISTS (SELECT 1 FROM journal_link WHERE entry_id = OLD.id "
        "AND term <= strftime('%Y-%m-%d %H:%M:%f', 'now')) "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    )


def _protect_on_postgresql() -> None:
    op.execute(
        "CREATE TRIGGER journal_link_refuses_changes "
        "BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_link "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()"
    )
    op.execute("DROP TRIGGER journal_refuses_changes ON journal")
    op.execute(
        "CREATE TRIGGER journal_refuses_changes BEFORE UPDATE OR TRUNCATE "
        "ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()"
    )
    op.execute(
        "CREATE FUNCTION journal_keeps_until_term() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF EXISTS (SELECT 1 FROM journal_link WHERE entry_id = OLD.id "
        "AND term <= now()) THEN RETURN OLD; END IF; "
        f"RAISE EXCEPTION '{REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_keeps_lines BEFORE DELETE ON journal "
        "FOR EACH ROW EXECUTE FUNCTION journal_keeps_until_term()"
    )


def _rewrite_residents(before: str, after: str) -> None:
    """Change the table's text, where no row changes: see 0019."""
    op.execute("PRAGMA writable_schema=ON")
    changed = op.get_bind().execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after)"
            " WHERE type = 'table' AND name = 'resident'"
        ),
        {"before": before, "after": after},
    )
    op.execute("PRAGMA writable_schema=RESET")
    assert changed.rowcount == 1
