# SPDX-License-Identifier: AGPL-3.0-or-later
"""From the name in the form to the resident, or to the question who that is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.desk.forms import NEW_RESIDENT, BookingForm
from booking_web.models import Resident
from booking_web.residents.names import (
    is_near_name,
    is_same_name,
    matches,
    name_words,
)
from booking_web.residents.register import (
    create_resident,
    edit_resident,
    resident_of,
    who_is,
)
from booking_web.residents.telephones import telephone_of


@dataclass(frozen=True)
class Candidate:
    """A resident whom the name may mean, as the page shows them."""

    id: int
    name: str
    telephone: str


class AskWho(Exception):
    """The name may mean several residents, or one who is written differently."""

    def __init__(self, candidates: list[Candidate]) -> None:
        super().__init__("who is it")
        self.candidates = candidates


@dataclass(frozen=True)
class Person:
    """Whom the form is about."""

    resident: Resident
    is_new: bool


def person_of(
    session: Session,
    form: BookingForm,
    relay_id: int,
    user_id: int,
    now: datetime,
    *,
    comes_at: datetime | None = None,
) -> Person:
    """Give the resident that the form means, created where nobody has such a name.

    `comes_at` is the hour of the appointment, where there will be one.
    Raises AskWho where only the secretary can tell.
    """
    name = form.resident_name.data or ""
    answer = _answer(form)
    chosen = _chosen(session, relay_id, answer, name)
    person = Person(chosen, is_new=False) if chosen else None
    if person is None and answer != NEW_RESIDENT:
        known = who_is(session, relay_id, name)
        if len(known.same) == 1:
            person = Person(known.same[0], is_new=False)
        elif known.same or known.near:
            # Plain values: the transaction ends here, and with it what the rows know.
            raise AskWho(
                [
                    Candidate(each.id, each.name, each.telephone)
                    for each in [*known.same, *known.near]
                ]
            )
    if person is None:
        made = create_resident(session, relay_id, name, user_id, now, comes_at=comes_at)
        person = Person(made, is_new=True)
    edit_resident(
        session,
        person.resident,
        f"user:{user_id}",
        now,
        telephone=telephone_of(form.telephone.data or "") or None,
        email=form.email.data or None,
    )
    return person


def _answer(form: BookingForm) -> str:
    # An answer counts for the name that was asked about only.
    if form.resident_choice.data and form.asked_about.data == form.resident_name.data:
        return form.resident_choice.data or ""
    return form.resident_id.data or ""


def _chosen(session: Session, relay_id: int, answer: str, name: str) -> Resident | None:
    """Give the resident of this number, where the name still is theirs."""
    if not (answer.isascii() and answer.isdigit() and len(answer) < 10):
        return None
    picked = session.get(Resident, int(answer))
    if picked is None or picked.relay_id != relay_id:
        return None
    is_theirs = (
        is_same_name(name, picked.name)
        or is_near_name(name, picked.name)
        or matches(name_words(name), picked.search_key)
    )
    return resident_of(session, relay_id, picked.id) if is_theirs else None
