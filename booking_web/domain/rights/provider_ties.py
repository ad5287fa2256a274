# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who an account belongs to at the identity provider, by issuer and `sub`.

An address changes hands, a `sub` never does (OpenID Connect Core 1.0, 5.7). Needs no Flask.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking_web.base.sealing import SecretSeal, SecretUnreadable
from booking_web.tables.provider_ties import ProviderTie
from provisioning.database.models import User

_PURPOSE = b"guichet-virtuel identity provider"


def voucher_seal(secret_key: str) -> SecretSeal:
    """Give the seal under which a site keeps what a provider said."""
    return SecretSeal(secret_key, _PURPOSE)


@dataclass(frozen=True)
class Voucher:
    """For whom a provider vouched, and its token, which ends their session there."""

    issuer: str
    subject: str
    # Empty where it is too long to be kept.
    id_token: str = field(repr=False)

    def sealed(self, seal: SecretSeal) -> str:
        """Give what may be stored."""
        return seal.seal(json.dumps(asdict(self)))

    @staticmethod
    def opened(sealed: str, seal: SecretSeal) -> "Voucher | None":
        """Give it back; None where the site's secret key was another one then."""
        try:
            return Voucher(**json.loads(seal.open(sealed)))
        except SecretUnreadable:
            return None


def account_tied_to(session: Session, issuer: str, subject: str) -> User | None:
    """Give the account of this person at the provider, closed or not."""
    tie = session.get(ProviderTie, (issuer, subject))
    return session.get_one(User, tie.user_id) if tie is not None else None


def tie_of(session: Session, user_id: int, issuer: str) -> ProviderTie | None:
    """Give whose the account is there; None where nobody came from there yet."""
    of_account = select(ProviderTie).where(
        ProviderTie.user_id == user_id, ProviderTie.issuer == issuer
    )
    return session.scalars(of_account).one_or_none()


def tie(session: Session, user_id: int, voucher: Voucher, now: datetime) -> bool | None:
    """Tie the account to the person; tell whether that is new, None where it is another's."""
    # Two who come for the first time at once are told apart: the second one waits.
    session.get_one(User, user_id, with_for_update=True)
    found = tie_of(session, user_id, voucher.issuer)
    if found is not None:
        return False if found.subject == voucher.subject else None
    if account_tied_to(session, voucher.issuer, voucher.subject) is not None:
        return None
    session.add(
        ProviderTie(
            issuer=voucher.issuer,
            subject=voucher.subject,
            user_id=user_id,
            tied_at=now,
        )
    )
    return True


def tied_since(session: Session, user_id: int) -> datetime | None:
    """Give since when the account is tied to somebody, at whatever provider."""
    of_account = select(ProviderTie.tied_at).where(ProviderTie.user_id == user_id)
    return session.scalars(of_account.order_by(ProviderTie.tied_at.desc())).first()


def untie(session: Session, user_id: int) -> bool:
    """Have the account belong to whoever comes next with its address."""
    ended = session.execute(delete(ProviderTie).where(ProviderTie.user_id == user_id))
    return bool(ended.rowcount)  # type: ignore[attr-defined]
