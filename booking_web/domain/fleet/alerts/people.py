# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is sent an e-mail about which alert: whoever can do something about it, unless left off."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from booking_web.domain.rights.own_relays import secretaries_at
from booking_web.tables.alerts import (
    DISUSE_OF_RELAYS,
    Alert,
    AlertKind,
    AlertNotice,
    AlertsLeftOff,
    NoticeChannel,
)
from provisioning.database.models import Kiosk, Organisation, Relay, User, UserRole

_K, _R = AlertKind, UserRole
# Of whom these go to besides who repairs; an organisation's or a relay's are its own alone.
_BESIDES: Mapping[AlertKind, tuple[UserRole, ...]] = {
    _K.KIOSK_SILENT: (_R.SECRETARY,),
    _K.JOURNAL_BROKEN: (_R.OFFICER,),
    _K.RELAY_UNUSED: (_R.SECRETARY, _R.SUPERVISOR),
    _K.KIOSK_UNREACHABLE: (_R.SECRETARY, _R.SUPERVISOR),
    _K.PAPER_UNCHECKED: (_R.SECRETARY,),
    _K.NO_HOURS: (_R.MANAGER, _R.SUPERVISOR),
    _K.NO_COUNSELLOR: (_R.MANAGER, _R.SUPERVISOR),
    _K.CALLS_MISSED: (_R.MANAGER, _R.SUPERVISOR),
}
# Nothing that who repairs could do.
_NOT_OF_MACHINES = frozenset(
    {_K.RELAY_UNUSED, _K.PAPER_UNCHECKED, _K.NO_HOURS, _K.CALLS_MISSED}
)
# Those who are sent any: counsellors are sent none.
TOLD = (_R.SECRETARY, _R.MANAGER, _R.SUPERVISOR, _R.OFFICER, _R.ADMINISTRATOR)


@dataclass(frozen=True)
class Ways:
    """By which ways the site is told of alerts."""

    channels: Collection[NoticeChannel] = ()
    # The site's own mailboxes: whoever reads one of these is written to no second time.
    mailboxes: Collection[str] = ()

    @property
    def tells_repairers(self) -> bool:
        """Tell whether who repairs has a mailbox; else each administrator is written to."""
        return NoticeChannel.EMAIL in self.channels


def people_concerned(session: Session, alert: Alert, ways: Ways) -> list[int]:
    """Give the accounts to which that the alert begins, or is over, is written.

    That it is over goes to whom its beginning was written to.
    """
    query = (
        select(User.id)
        .where(User.active, User.id.not_in(select(AlertsLeftOff.user_id)))
        .where(func.lower(User.email).not_in([each.lower() for each in ways.mailboxes]))
        .order_by(User.id)
    )
    if alert.ended_at is not None:
        told = select(AlertNotice.user_id).where(
            AlertNotice.alert_id == alert.id,
            AlertNotice.channel == NoticeChannel.PERSON,
        )
        return list(session.scalars(query.where(User.id.in_(told))))
    found: set[int] = set()
    for whose in _whose(alert, ways):
        found.update(session.scalars(query.where(whose)))
    return sorted(found)


def leave_off(session: Session, user_id: int, now: datetime, *, is_off: bool) -> None:
    """Have a person written to about alerts no more, or again."""
    row = session.get(AlertsLeftOff, user_id)
    if is_off and row is None:
        session.add(AlertsLeftOff(user_id=user_id, since=now))
    elif row is not None and not is_off:
        session.delete(row)


def is_left_off(session: Session, user_id: int) -> bool:
    """Tell whether a person wants no e-mails about alerts."""
    return session.get(AlertsLeftOff, user_id) is not None


def not_wanted(session: Session, user_ids: Collection[int]) -> set[int]:
    """Give which of these are to be written to no more: closed meanwhile, or left off."""
    wanted = select(User.id).where(
        User.id.in_(user_ids),
        User.active,
        User.id.not_in(select(AlertsLeftOff.user_id)),
    )
    return set(user_ids) - set(session.scalars(wanted))


def _whose(alert: Alert, ways: Ways) -> Iterator[ColumnElement[bool]]:
    kind = AlertKind(alert.kind)
    for role in _BESIDES.get(kind, ()):
        if role is _R.SECRETARY:
            yield User.id.in_(secretaries_at(_relays(kind, alert.subject)))
        elif role is _R.MANAGER:
            organisation = select(Organisation.id).where(
                Organisation.slug == alert.subject
            )
            yield (User.role == role) & User.organisation_id.in_(organisation)
        else:
            yield User.role == role
    if kind not in _NOT_OF_MACHINES and not ways.tells_repairers:
        yield User.role == _R.ADMINISTRATOR


def _relays(kind: AlertKind, subject: str) -> Select[int]:
    if kind in DISUSE_OF_RELAYS:
        return select(Relay.id).where(Relay.slug == subject)
    return select(Kiosk.relay_id).where(Kiosk.slug == subject)
