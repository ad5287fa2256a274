# SPDX-License-Identifier: AGPL-3.0-or-later
"""A manager sees who comes to the organisation, and nobody who goes elsewhere."""

import html
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from booking_web.domain.duty.wishes import pause
from booking_web.domain.kiosks.presence import write_presence
from booking_web.tables.appointment import JournalEntry
from booking_web.tables.duty import PauseReason
from booking_web.tables.presence import Presence
from provisioning.database.models import Counsellor

PAGE = "/organisme/heures/rendez-vous"
MANAGER = "responsable@msa.example"
SECRETARY = "mairie@wassigny.example"
# Ten o'clock in Paris, a Tuesday.
TEN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def person(new_app, ground, visitor):
    """Give a function that signs somebody in at ten on that Tuesday."""
    app = new_app(ground, now=lambda: TEN)

    def sign_in(email: str):
        found = type(visitor)(app.test_client(), ground.passwords)
        found.sign_in(email)
        return found

    return sign_in


@pytest.fixture
def manager(person):
    secretary = person(SECRETARY)
    for name, organisation, day in (
        ("M. Dupont", "msa", "2026-11-24"),
        ("Mme Roy", "sous-prefecture-vervins", "2026-11-24"),
        ("M. Demain", "msa", "2026-11-25"),
    ):
        hour = "11:00" if organisation == "msa" else "14:00"
        answer = secretary.book(
            resident_name=name,
            organisation=organisation,
            reason="vient avec sa fille",
            when="at",
            day=day,
            hour=hour,
        )
        assert answer.status_code == 303
    return person(MANAGER)


def read(person, address: str = PAGE) -> str:
    answer = person.client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_the_manager_sees_the_organisations_appointments_of_the_day(
    manager, database
) -> None:
    page = read(manager)
    for words in ("M. Dupont", "11 h 00", "vient avec sa fille", "Réservé"):
        assert words in page
    assert "Relais de Wassigny" in page
    for other in ("Mme Roy", "M. Demain"):
        assert other not in page
    assert f'href="{PAGE}"' in read(manager, "/organisme/heures")
    # That names were shown is written down.
    with database.read() as session:
        acts = session.scalars(select(JournalEntry.act).order_by(JournalEntry.id)).all()
    assert acts[-1] == "listed"


def test_the_manager_looks_at_the_days_before_and_after(manager) -> None:
    page = read(manager)
    assert f'href="{PAGE}?jour=2026-11-23"' in page
    following = read(manager, f"{PAGE}?jour=2026-11-25")
    assert "M. Demain" in following and "M. Dupont" not in following
    assert "Aucun rendez-vous ce jour-là." in read(manager, f"{PAGE}?jour=2026-11-26")
    for nonsense in ("2026-02-30", "demain", "0001-01-01", "9999-12-31"):
        assert manager.client.get(f"{PAGE}?jour={nonsense}").status_code == 404


def test_the_manager_sees_today_who_is_there_and_why_a_telephone_is_silent(
    person, database
) -> None:
    manager = person(MANAGER)

    def seen() -> list[tuple[str, str]]:
        return re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", read(manager))

    assert "on ne sait pas qui est là" in read(manager)
    with database.write() as session:
        ours, other = (
            session.scalars(select(Counsellor).where(Counsellor.slug == slug)).one()
            for slug in ("counsellor-msa-1", "counsellor-mission-locale-thierache-1")
        )
        paused = {
            (each.organisation.slug, each.slug): Presence.PAUSED
            for each in (ours, other)
        }
        write_presence(session, {}, paused, TEN, is_all=True)
        pause(session, ours, PauseReason.MEETING, TEN)
        pause(session, other, PauseReason.BREAK, TEN)
        name = ours.name
    assert seen() == [(name, "En pause (réunion)")]
    assert "Vos conseillers" not in read(manager, f"{PAGE}?jour=2026-11-25")
    with database.write() as session:
        write_presence(session, {}, {}, TEN, is_all=True)
    assert seen() == [(name, "Pas là : téléphone éteint, ou bureau fermé")]


@pytest.mark.parametrize(
    ("email", "status"),
    [
        (SECRETARY, 403),
        ("conseiller@msa.example", 403),
        ("admin@guichet.example", 403),
        ("", 303),
    ],
)
def test_nobody_else_has_that_page(person, visitor, email, status) -> None:
    asking = person(email) if email else visitor
    assert asking.client.get(PAGE).status_code == status
