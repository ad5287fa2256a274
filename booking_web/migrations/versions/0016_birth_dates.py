# SPDX-License-Identifier: AGPL-3.0-or-later
"""Residents' birth dates, and names that are found with their particles joined."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "appointments_0016"
down_revision = "appointments_0015"
branch_labels = None
depends_on = None

KEY_LENGTH = 160
# As residents/names.py knew them when this was written.
PARTICLES = frozenset(
    "d de del della der den di do dos du da des e el al l la le les lo mac mc o saint sainte "
    "st ste van vom von zu zum".split()
)
SAINTS = {"saint": "st", "sainte": "ste", "st": "saint", "ste": "sainte"}

RESIDENT = sa.table(
    "resident",
    sa.column("id", sa.Integer),
    sa.column("name", sa.String),
    sa.column("search_key", sa.String),
)


def upgrade() -> None:
    """Add the column, and the other spellings to what names are searched by."""
    op.add_column("resident", sa.Column("birth_date", sa.Date(), nullable=True))
    connection = op.get_bind()
    for number, name, key in connection.execute(sa.select(RESIDENT)).all():
        words = key.split()
        others = {SAINTS.get(word, "") for word in words} | _joined(name, words)
        whole = " ".join([*words, *sorted(others - {"", *words})])[:KEY_LENGTH]
        if whole != key:
            _set_key(connection, number, whole)


def downgrade() -> None:
    """Remove the column; the spellings stay, a search that knows none of them looks past them."""
    op.drop_column("resident", "birth_date")


def _joined(name: str, words: list[str]) -> set[str]:
    """Give each run of particles joined with the word that follows it, as the key has them."""
    plain = "".join(letter if letter.isalnum() else " " for letter in name.casefold())
    order = [word for word in _unaccented(plain).split() if word in words]
    found: set[str] = set()
    for end in range(len(order)):
        begin = end
        while begin and (order[begin - 1] in PARTICLES or len(order[begin - 1]) == 1):
            begin -= 1
            run = order[begin : end + 1]
            found.add("".join(run))
            found.add("".join(SAINTS.get(word, word) for word in run))
    return found


def _unaccented(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text)
    return "".join(each for each in folded if not unicodedata.combining(each))


def _set_key(connection: sa.Connection, number: int, key: str) -> None:
    connection.execute(
        sa.update(RESIDENT).where(RESIDENT.c.id == number).values(search_key=key)
    )
