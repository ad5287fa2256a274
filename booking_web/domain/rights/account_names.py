# SPDX-License-Identifier: AGPL-3.0-or-later
"""An account as it is looked up: one spelling, whatever was typed.

What counts attempts must count by what is looked up: else each other spelling of one
address has a count of its own.
"""

import unicodedata

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioning.database.models import User

MAX_CHARACTERS = 254
# IDNA's full stops (RFC 3490, 3.1); NFKC has made U+FF0E a dot and U+FF61 a U+3002.
_DOTS = str.maketrans({"\u3002": "."})


def as_looked_up(typed: str) -> str:
    """Give the one spelling of an address; addresses of the directory are spelt so."""
    folded = unicodedata.normalize("NFKC", typed[: 4 * MAX_CHARACTERS]).strip().lower()
    local, at, domain = folded.rpartition("@")
    domain = domain.translate(_DOTS)
    try:
        domain = domain.encode("ascii").decode("idna")
    except UnicodeError:
        # Already in its own letters, or no domain at all: then it is nobody's.
        pass
    return unicodedata.normalize("NFC", f"{local}{at}{domain}".lower())[:MAX_CHARACTERS]


def account_named(session: Session, looked_up: str) -> User | None:
    """Give the account of an address spelt by `as_looked_up`."""
    return session.scalar(select(User).where(func.lower(User.email) == looked_up))
