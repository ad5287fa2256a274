# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which news an open page may be told."""

from dataclasses import dataclass
from functools import cache
from typing import cast

from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.orm import Session

from booking_web.domain.rights.person import Person
from provisioning.database.models import Kiosk


@dataclass(frozen=True)
class Hearing:
    """What reaches a reader; None in each limit: what is told of no appointment."""

    kiosk_ids: frozenset[int] | None = None
    relay_id: int | None = None
    organisation_id: int | None = None

    def hears(
        self,
        *,
        kiosk_id: int | None,
        appointment_id: int | None,
        organisation_id: int | None,
        booked_at: int | None,
        interpreted_by: int | None = None,
    ) -> bool:
        """Tell whether news of this kiosk and appointment may concern a page of theirs.

        `booked_at` is the relay whose town hall booked the appointment, `interpreted_by`
        the service whose interpreter is in it.
        """
        if self.kiosk_ids is not None:
            is_here = kiosk_id in self.kiosk_ids
            # What a kiosk's own screen shows depends on no other's news.
            is_of_all = self.relay_id is not None and kiosk_id is None
            is_ours = self.relay_id is not None and booked_at == self.relay_id
            return is_here or is_ours or is_of_all
        if appointment_id is None and organisation_id is None:
            return True
        return self.organisation_id is not None and self.organisation_id in (
            organisation_id,
            interpreted_by,
        )


def hearing_of(session: Session, person: Person) -> Hearing:
    """Give what a person hears: the news of what they see."""
    if person.relay_id is None:
        return Hearing(organisation_id=person.organisation_id)
    kiosks = session.scalars(_kiosks_of_relay(), {"relay_id": person.relay_id})
    return Hearing(frozenset(kiosks), person.relay_id)


def hearing_of_kiosk(kiosk_id: int) -> Hearing:
    """Give what a kiosk's second screen hears: its own news."""
    return Hearing(frozenset({kiosk_id}))


@cache
def _kiosks_of_relay() -> Select[int]:
    # Asked for each open page every three seconds: to build the question takes twice as long
    # as to answer it.
    kiosk = cast(Table, Kiosk.__table__).c
    return select(kiosk.id).where(kiosk.relay_id == bindparam("relay_id"))
