# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bar of a counsellor's duty: what it says and does, without any script."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.duty.rows import duty_to_change
from booking_web.domain.duty.standing import ask_for
from booking_web.domain.kiosks.presence import keep_watch, write_presence
from booking_web.tables.duty import CounsellorDuty, DutyState, PauseReason
from booking_web.tables.presence import Presence
from provisioning.database.models import Counsellor
from provisioning.directory.cutting import ask_to_cut

PRESENCE = "/rendez-vous/presence"


@pytest.fixture
def watched(database):
    """Have a dispatcher hear Asterisk."""
    with database.write() as session:
        keep_watch(session, datetime.now(UTC))


@pytest.fixture
def stand(database):
    """Give a function that has the counsellor stand so, as Asterisk holds it."""

    def stand_so(state, reason=None, *, is_applied=True, ends_in=None):
        now = datetime.now(UTC)
        with database.write() as session:
            its = Counsellor.slug == "counsellor-msa-1"
            counsellor_id = session.scalars(select(Counsellor.id).where(its)).one()
            row = duty_to_change(session, counsellor_id, now)
            ask_for(row, state, now, reason)
            row.applied_at = now if is_applied else None
            row.until = None if ends_in is None else now + ends_in

    return stand_so


def press(counsellor, act: str, **data: str):
    page = counsellor.client.get("/rendez-vous").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    data |= {"csrf_token": token[1]}
    return counsellor.client.post(f"{PRESENCE}/{act}", data=data)


def bar_of(counsellor, address: str = "/rendez-vous") -> str:
    page = counsellor.client.get(address).get_data(as_text=True)
    found = re.search(r'<div id="duty".*?</section>', page, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).replace("&#39;", "'").split())


def row(database) -> tuple[str, str, bool]:
    with database.read() as session:
        found = session.scalars(select(CounsellorDuty)).one()
        return str(found.state), found.reason, found.applied_at is not None


def hear(database, state: Presence) -> None:
    """Have Asterisk say so of the counsellor's telephone."""
    member = {("msa", "counsellor-msa-1"): state}
    with database.write() as session:
        write_presence(session, {}, member, datetime.now(UTC), is_all=False)


@pytest.mark.parametrize(
    ("is_browser", "told"), [(False, "est éteint"), (True, "« Mon bureau »")]
)
def test_who_has_no_telephone_that_is_there_is_told_that_nothing_rings(
    counsellor, database, watched, is_browser: bool, told: str
) -> None:
    with database.write() as session:
        its = Counsellor.slug == "counsellor-msa-1"
        session.scalars(select(Counsellor).where(its)).one().browser = is_browser
    hear(database, Presence.OFFLINE)
    said = bar_of(counsellor)
    assert "Aucun appel ne sonne" in said and told in said
    hear(database, Presence.READY)
    assert "Votre téléphone sonne pour le prochain appel." in bar_of(counsellor)


def test_whose_telephone_was_taken_away_is_told_who_gives_another(
    counsellor, database, watched
) -> None:
    with database.write() as session:
        ask_to_cut(session, "counsellor-msa-1", datetime.now(UTC), is_revoked=True)
    said = bar_of(counsellor)
    assert "Aucun appel ne sonne" in said and "retiré votre téléphone" in said
    assert "data-revoked" in counsellor.client.get("/rendez-vous").text


def test_a_pause_is_asked_for_and_said_to_be_asked_for(
    counsellor, database, watched, appointment
) -> None:
    assert "Disponible" in bar_of(counsellor)
    console = f"/rendez-vous/{appointment}"
    answer = press(counsellor, "pause", reason="meeting", back=console)
    assert (answer.status_code, answer.location) == (303, console)
    assert row(database) == ("paused", "meeting", False)
    said = bar_of(counsellor, console)
    assert "En pause (réunion)" in said
    assert "le standard ne l'a pas encore confirmé" in said
    press(counsellor, "disponible")
    assert row(database) == ("available", "", False)


def test_nobody_is_led_to_another_site(counsellor, watched) -> None:
    answer = press(counsellor, "disponible", back="//evil.example/")
    assert answer.location == "/rendez-vous"


def test_a_reason_that_is_not_for_a_person_to_choose_is_refused(
    counsellor, watched
) -> None:
    assert press(counsellor, "pause", reason="wrap_up").status_code == 422


def test_without_a_dispatcher_the_bar_says_that_it_does_not_know(
    counsellor, stand
) -> None:
    stand(DutyState.PAUSED, PauseReason.BREAK)
    said = bar_of(counsellor)
    assert "voici le dernier état connu" in said
    assert "En pause (repos)" in said


def test_missed_rings_are_told_and_said_aloud(counsellor, watched, stand) -> None:
    stand(DutyState.PAUSED, PauseReason.MISSED_RINGS)
    assert "Plusieurs appels de suite n'ont pas été décrochés" in bar_of(counsellor)
    # A page that showed something else is given the part, whose sentence is said.
    answer = counsellor.client.get(f"{PRESENCE}/changements?vu=duty:00000000")
    part = answer.get_data(as_text=True)
    assert 'data-part="duty"' in part
    assert re.search(r'data-said="En pause \(appels non décrochés\)\.', part)


def test_a_wrap_up_is_prolonged_and_ended(counsellor, watched, stand, database) -> None:
    stand(DutyState.WRAP_UP, ends_in=timedelta(seconds=100))
    assert "Fin du temps de saisie" in bar_of(counsellor)
    assert press(counsellor, "prolonger").status_code == 303
    with database.read() as session:
        until = session.scalars(select(CounsellorDuty.until)).one()
    assert until is not None and until > datetime.now(UTC) + timedelta(seconds=200)
    press(counsellor, "disponible")
    assert row(database)[0] == "available"


def test_a_wrap_up_that_is_over_is_not_prolonged(counsellor, watched, stand) -> None:
    stand(DutyState.AVAILABLE)
    press(counsellor, "prolonger")
    page = counsellor.client.get("/rendez-vous").get_data(as_text=True)
    assert "Le temps de saisie était déjà fini" in page


def test_an_unchanged_bar_is_not_sent_again(counsellor, watched, stand) -> None:
    stand(DutyState.PAUSED, PauseReason.BREAK)
    page = counsellor.client.get("/rendez-vous").get_data(as_text=True)
    seen = re.search(r'id="duty"[^>]* data-seen="(\w+)"', page)
    assert seen is not None
    answer = counsellor.client.get(f"{PRESENCE}/changements?vu=duty:{seen[1]}")
    assert answer.status_code == 204


def test_in_the_frame_the_bar_is_the_pages_around_it(
    counsellor, watched, appointment
) -> None:
    assert "Disponible" in bar_of(counsellor, "/bureau/appels")
    for way in ({"Sec-Fetch-Dest": "iframe"}, {"X-Guichet-Framed": "1"}):
        for page in ("/rendez-vous", f"/rendez-vous/{appointment}"):
            framed = counsellor.client.get(page, headers=way).text
            assert 'id="duty"' not in framed
            told = counsellor.client.get(f"{page}/changements", headers=way).text
            assert 'data-part="duty"' not in told


def test_beside_a_call_a_press_is_answered_without_another_page(
    counsellor, watched, stand, database
) -> None:
    assert press(counsellor, "pause", reason="break", quiet="1").status_code == 204
    assert row(database) == ("paused", "break", False)
    refused = press(counsellor, "prolonger", quiet="1")
    assert (refused.status_code, refused.mimetype) == (409, "text/plain")
    assert "Le temps de saisie était déjà fini." in refused.text
    # Nothing of it is told a second time, in the frame.
    assert "était déjà fini" not in counsellor.client.get("/rendez-vous").text
