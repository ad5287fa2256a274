# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a line of the journal is sealed with, and what links it to the one before it. Pure.

A seal is made with a key of the site's, as a line is written: who has the database alone can
make none. A link is made later, with the same key. Decision 41 says who is kept from what.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from booking_web.tables.journal_acts import READINGS

# How long it is kept who looked at something; what was done is kept.
READING_DAYS = 365
# What the first link is linked to.
BEGINNING = "0" * 64
_SALT_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class Line:
    """What a line of the journal says."""

    at: datetime
    actor: str
    act: str
    appointment_id: int | None
    resident_id: int | None
    origin: str
    detail: str

    @property
    def content(self) -> bytes:
        """Give it as the bytes that are the same on every database."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        told = [at, self.actor, str(self.act), self.appointment_id, self.resident_id]
        return json.dumps([*told, self.origin, self.detail]).encode()

    @property
    def term(self) -> datetime | None:
        """Tell from when the line may be deleted; None: never."""
        if self.act not in READINGS:
            return None
        return self.at.astimezone(UTC) + timedelta(days=READING_DAYS)


def seal(line: Line, site_key: str) -> str:
    """Seal a new line. Two that say the same have seals that differ."""
    salt = os.urandom(_SALT_BYTES).hex()
    return salt + _sealed(line, salt, site_key)


def has_seal_of(line: Line, its_seal: str, site_keys: Sequence[str]) -> bool:
    """Tell whether the seal was made for this line with one of the keys."""
    salt = its_seal[: 2 * _SALT_BYTES]
    return any(
        hmac.compare_digest(its_seal, salt + _sealed(line, salt, key))
        for key in site_keys
    )


def content_digest(line: Line, its_seal: str) -> str:
    """Give what the chain keeps of a line; it tells nothing of what the line said."""
    return hashlib.sha256(line.content + its_seal.encode()).hexdigest()


def link_digest(
    before: str,
    position: int,
    entry_id: int,
    content: str,
    term: datetime | None,
    site_key: str,
) -> str:
    """Link a line to the one before it, of which `before` is the digest."""
    until = term.astimezone(UTC).isoformat(timespec="microseconds") if term else ""
    told = json.dumps([before, position, entry_id, content, until]).encode()
    return hmac.digest(_key("link", site_key), told, hashlib.sha256).hex()


def _sealed(line: Line, salt: str, site_key: str) -> str:
    told = salt.encode() + line.content
    return hmac.digest(_key("line", site_key), told, hashlib.sha256).hex()


@cache
def _key(purpose: str, site_key: str) -> bytes:
    told = f"guichet journal {purpose}".encode()
    return hmac.digest(site_key.encode(), told, hashlib.sha256)
