# SPDX-License-Identifier: AGPL-3.0-or-later
"""A secret that a page has drawn and no code has confirmed yet: it is in the page alone.

Sealed, for one person in one sign-in, and for half an hour.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from booking_web.base.sealing import SecretSeal, SecretUnreadable
from booking_web.domain.rights.one_time_codes import new_secret
from booking_web.domain.rights.web_sessions import SignedIn
from booking_web.shell.services import services
from provisioning.directory.digests import digest_of

GOOD_FOR = timedelta(minutes=30)
_PURPOSE = b"guichet-virtuel second factors to be confirmed"


@dataclass(frozen=True)
class Draft:
    """The secret, and how the page's form carries it."""

    secret: str = field(repr=False)
    sealed: str


def new_draft(person: SignedIn, now: datetime) -> Draft:
    """Draw a secret."""
    secret = new_secret()
    return Draft(secret, _seal().seal(f"{_whose(person)} {secret}", now))


def draft_of(sealed: str, person: SignedIn, now: datetime) -> Draft | None:
    """Give back what a page of this sign-in had drawn; None where it is too old, or another's."""
    try:
        opened = _seal().open_young(sealed, GOOD_FOR, now)
    except SecretUnreadable:
        return None
    whose, _, secret = opened.partition(" ")
    return Draft(secret, sealed) if whose == _whose(person) else None


def _whose(person: SignedIn) -> str:
    return digest_of(person.key)


def _seal() -> SecretSeal:
    return SecretSeal(services().settings.secret_key, _PURPOSE)
