# SPDX-License-Identifier: AGPL-3.0-or-later
"""What each role may do, what each person sees, and that pages are told of just that."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from booking_web.domain.rights.hearing import hearing_of
from booking_web.domain.rights.person import RIGHTS_OF, NotVisible, Person, Right
from booking_web.tables.appointment import Appointment
from provisioning.database.models import Kiosk, UserRole


@dataclass(frozen=True)
class Account:
    """An account as a person is made of it, with more filled in than its role says."""

    role: str
    id: int = 7
    relay_id: int | None = 2
    organisation_id: int | None = 2


PEOPLE = [Person.of(Account(role)) for role in UserRole]
# Those who keep the site, count what it does and read its journal.
OF_THE_SITE = (UserRole.SUPERVISOR, UserRole.OFFICER, UserRole.ADMINISTRATOR)
PROGRAMS = [
    Person(user_id=1, actor="api:agenda", relay_id=1),
    Person(user_id=1, actor="api:agenda", organisation_id=1),
]


@pytest.fixture
def appointments(session, booked, now):
    """Book at each relay for each organisation, by each town hall; give all."""
    for number, (relay, organisation, town_hall) in enumerate(
        product(("wassigny", "guise"), ("msa", "caf"), (1, 2))
    ):
        hour = now + timedelta(hours=2 * number + 1)
        made = booked(hour, relay=relay, organisation=organisation)
        made.town_hall_id = town_hall
    session.flush()
    return list(session.scalars(select(Appointment)))


@pytest.mark.parametrize("role", list(UserRole))
def test_a_person_is_bound_to_what_the_role_is_about(role) -> None:
    person = Person.of(Account(role))
    bounds = (person.relay_id, person.organisation_id)
    assert bounds == {
        UserRole.SECRETARY: (2, None),
        UserRole.COUNSELLOR: (None, 2),
        UserRole.MANAGER: (None, 2),
    }.get(role, (None, None))
    assert person.rights == RIGHTS_OF[role]
    assert person.actor == "user:7"


def test_an_unknown_role_may_do_nothing() -> None:
    person = Person.of(Account("mayor"))
    assert not any(person.may(right) for right in Right)


def test_every_right_is_somebodys() -> None:
    assert frozenset().union(*RIGHTS_OF.values()) == frozenset(Right)


@pytest.mark.parametrize("person", [*PEOPLE, *PROGRAMS])
def test_what_is_listed_is_what_can_be_opened(session, appointments, person) -> None:
    listed = {each.id for each in session.scalars(person.appointments())}
    assert bool(listed) == bool(person.relay_id or person.organisation_id)
    for each in appointments:
        if each.id in listed:
            assert person.appointment(session, each.id) is each
        else:
            with pytest.raises(NotVisible):
                person.appointment(session, each.id, to_change=True)


@pytest.mark.parametrize("person", [*PEOPLE, *PROGRAMS])
def test_open_pages_are_told_of_what_can_be_opened(
    session, appointments, person
) -> None:
    listed = {each.id for each in session.scalars(person.appointments())}
    hearing = hearing_of(session, person)
    for each in appointments:
        is_told = hearing.hears(
            kiosk_id=each.kiosk_id,
            appointment_id=each.id,
            organisation_id=each.organisation_id,
            booked_at=each.town_hall_id,
        )
        assert is_told == (each.id in listed)


@pytest.mark.parametrize("role", OF_THE_SITE)
def test_who_keeps_the_site_may_nothing_with_a_resident(
    session, appointments, role
) -> None:
    person = Person.of(Account(role))
    assert person.rights <= {
        Right.ADMINISTRATION,
        Right.BOARD,
        Right.DISPLAYS,
        Right.FIGURES,
        Right.JOURNAL,
        Right.RESIDENTS_RIGHTS,
    }
    assert session.scalars(person.appointments()).all() == []
    assert not hearing_of(session, person).hears(
        kiosk_id=1, appointment_id=None, organisation_id=1, booked_at=None
    )
    assert hearing_of(session, person).hears(
        kiosk_id=1, appointment_id=None, organisation_id=None, booked_at=None
    )


def test_a_town_hall_sees_its_kiosks_and_what_it_booked_elsewhere(
    session, appointments
) -> None:
    town_hall = Person(user_id=1, actor="user:1", relay_id=1)
    seen = set(session.scalars(town_hall.appointments()))
    kiosks = {each.id: each.relay_id for each in session.scalars(select(Kiosk))}
    assert seen == {
        each
        for each in appointments
        if kiosks[each.kiosk_id] == 1 or each.town_hall_id == 1
    }
    assert seen != set(appointments)


def test_who_works_for_no_organisation_has_none(session) -> None:
    for person in PEOPLE:
        if person.organisation_id is None:
            with pytest.raises(NotVisible):
                person.organisation(session)
            with pytest.raises(NotVisible):
                person.opening(session, 1)
            with pytest.raises(NotVisible):
                person.closure(session, 1)


def test_each_works_for_its_own_relays_and_counters(session) -> None:
    found = {
        role: (
            [each.id for each in Person.of(Account(role)).relays(session)],
            [each.slug for each in Person.of(Account(role)).relay_choices(session)],
            [each.id for each in Person.of(Account(role)).counters(session)],
        )
        for role in UserRole
    }
    assert found == {
        UserRole.SECRETARY: ([2], ["guise"], []),
        UserRole.COUNSELLOR: ([], [], [3]),
        UserRole.MANAGER: ([], [], [3]),
        **dict.fromkeys(OF_THE_SITE, ([], [], [])),
    }
