# SPDX-License-Identifier: AGPL-3.0-or-later
"""The relay's day: are kiosk and counsellors ready, who asks for help, was it useful."""

import html
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.kiosks.help import RINGS_FOR
from booking_web.domain.kiosks.presence import end_watch, write_presence
from booking_web.domain.kiosks.scenes import GOODBYE_LASTS
from booking_web.domain.kiosks.wipes import WipeReport, take_wipe_report
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import KioskDevices
from booking_web.tables.presence import HelpCall, Presence
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Kiosk, Relay
from stage.clock import Clock

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
KIOSK = "kiosk-wassigny"
COUNSELLOR = ("msa", "counsellor-msa-1")
P = Presence
NEIGHBOUR = "mairie@guise.example"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def app(new_app, ground, clock):
    """Give the application at noon of a Tuesday."""
    return new_app(ground, now=clock)


def told(
    database, at=NOON, *, is_all=True, kiosk=P.READY, counsellor=P.READY, **devices
):
    """Write what the dispatcher and the kiosk of Wassigny tell."""
    with database.write() as session:
        write_presence(
            session, {KIOSK: kiosk}, {COUNSELLOR: counsellor}, at, is_all=is_all
        )
        kiosk_id = session.scalars(select(Kiosk.id).where(Kiosk.slug == KIOSK)).one()
        known = {"printer_state": "idle", "scanner_state": "idle", "heard_at": at}
        session.merge(KioskDevices(kiosk_id=kiosk_id, **(known | devices)))


def strip(desk) -> str:
    """Read what the desk says of readiness, in words alone."""
    page = html.unescape(desk.client.get("/bureau").text)
    start = page.index('<div id="readiness"')
    text = re.sub(r"<[^>]*>", " ", page[start : page.index("<section", start)])
    return " ".join(text.split())


def test_a_kiosk_with_paper_and_scanner_is_ready(desk, database) -> None:
    told(database)
    assert strip(desk) == "Borne – Relais de Wassigny : prête"


@pytest.mark.parametrize(
    ("tells", "words"),
    [
        ({"kiosk": P.OFFLINE}, "Borne – Relais de Wassigny : éteinte ou débranchée"),
        (
            {"printer_reasons": "paper_out"},
            "Borne – Relais de Wassigny : à vérifier L'imprimante n'a plus de papier.",
        ),
        (
            {"scanner_reasons": "scanner_offline", "printer_reasons": "toner_low"},
            "Borne – Relais de Wassigny : à vérifier "
            "Le scanner ne répond pas : éteint ou débranché.",
        ),
        (
            {"heard_at": NOON - timedelta(minutes=20)},
            "Borne – Relais de Wassigny : à vérifier La borne ne donne plus de nouvelles "
            "de l'imprimante et du scanner depuis 11 h 40.",
        ),
        ({"kiosk": P.IN_CALL}, "Borne – Relais de Wassigny : en communication"),
    ],
)
def test_a_kiosk_that_is_not_ready_says_why(desk, database, tells, words) -> None:
    told(database, **tells)
    assert strip(desk) == words


def test_a_kiosk_that_went_off_while_it_was_watched_says_since_when(
    desk, database, clock
) -> None:
    told(database, NOON - timedelta(hours=2, minutes=48))
    told(database, NOON - timedelta(hours=2), is_all=False, kiosk=P.OFFLINE)
    told(database, is_all=False, kiosk=P.OFFLINE)
    assert strip(desk) == "Borne – Relais de Wassigny : éteinte depuis 10 h 00"
    clock.now += timedelta(days=1)
    told(database, clock.now, is_all=False, kiosk=P.OFFLINE)
    assert "éteinte depuis le mardi 24 novembre 2026" in strip(desk)


@pytest.mark.parametrize("is_dead", [True, False], ids=["dispatcher", "asterisk"])
def test_a_dispatcher_that_hears_nothing_is_an_unknown_state(
    desk, database, clock, is_dead
) -> None:
    told(database)
    desk.book()
    if is_dead:
        clock.now += timedelta(seconds=20)
    else:
        with database.write() as session:
            end_watch(session, NOON)
    said = strip(desk)
    assert "Borne – Relais de Wassigny : état inconnu Le service d'appel" in said
    assert "MSA : état inconnu" in said
    assert "prête" not in said and "disponible" not in said


@pytest.mark.parametrize(
    ("kiosk", "is_watched", "said_of_it"),
    [
        (P.READY, True, "en panne La borne n'a pas pu tout effacer"),
        (P.READY, False, "état inconnu La borne n'a pas pu tout effacer"),
        # It wipes as it starts: to switch it on is what there is to do.
        (P.OFFLINE, True, "éteinte ou débranchée"),
    ],
)
def test_a_kiosk_that_could_not_be_wiped_says_so_also_where_nobody_watches(
    desk, database, kiosk, is_watched, said_of_it
) -> None:
    told(database, kiosk=kiosk)
    with database.write() as session:
        kiosk_id = session.scalars(select(Kiosk.id).where(Kiosk.slug == KIOSK)).one()
        report = WipeReport("failed", None, ("spool:read_only",))
        take_wipe_report(session, kiosk_id, report, f"kiosk:{KIOSK}", NOON)
        if not is_watched:
            end_watch(session, NOON)
    said = strip(desk)
    assert said.startswith(f"Borne – Relais de Wassigny : {said_of_it}")
    assert ("Le service d'appel ne donne plus" in said) is not is_watched


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (P.READY, "1 conseiller disponible"),
        (P.IN_CALL, "conseiller en communication"),
        (P.PAUSED, "conseillers en pause"),
        (P.OFFLINE, "aucun conseiller connecté"),
    ],
)
def test_counsellors_of_the_days_organisations_are_shown(
    desk, database, state, words
) -> None:
    told(database, counsellor=state)
    assert "conseiller" not in strip(desk)
    desk.book()
    assert f"MSA : {words}" in strip(desk)


def press_help(app, ground, kiosk=KIOSK):
    client = app.test_client()
    ground.let_in(client, kiosk)
    return client, client.post("/borne/aide")


def help_form(desk):
    page = desk.client.get("/bureau").text
    return re.search(r'action="(/bureau/aide/\d+)"', page)


def test_the_help_key_rings_at_the_desk_until_somebody_goes(
    app, ground, desk, database
) -> None:
    kiosk, answer = press_help(app, ground)
    assert answer.status_code == 303
    assert "La mairie est prévenue." in html.unescape(kiosk.get("/borne").text)
    page = html.unescape(desk.client.get("/bureau").text)
    assert "Un usager demande de l'aide à la borne – Relais de Wassigny" in page
    assert "data-ringing" in page
    form = help_form(desk)
    token = desk.form().values["csrf_token"]
    desk.client.post(form[1], data={"csrf_token": token})
    assert "data-ringing" not in desk.client.get("/bureau").text
    assert "Quelqu'un arrive." in html.unescape(kiosk.get("/borne").text)


def help_told(kiosk) -> str:
    page = html.unescape(kiosk.get("/borne").text)
    found = re.search(r'<p class="help-told">.*</svg> ([^<]*)</p>', page, re.DOTALL)
    return found[1] if found else ""


def walk(database, at, *states) -> None:
    """Move the first appointment of the day on."""
    with database.write() as session:
        appointment = session.scalars(select(Appointment).order_by(Appointment.id))
        found = appointment.first()
        found.call_requested_at = None
        for state in states:
            move(session, found, state, actor="d", at=at)
            session.flush()


def test_that_somebody_comes_is_not_told_to_the_next_resident(
    app, ground, desk, database, clock
) -> None:
    desk.book()
    walk(database, NOON, State.CALLING, State.IN_CALL)
    clock.now += timedelta(seconds=1)
    kiosk, _ = press_help(app, ground)
    clock.now += timedelta(seconds=1)
    token = desk.form().values["csrf_token"]
    desk.client.post(help_form(desk)[1], data={"csrf_token": token})
    # The one who asked is told, also over their own goodbye.
    assert help_told(kiosk) == "Quelqu'un arrive."
    clock.now += timedelta(seconds=10)
    walk(database, clock.now, State.DONE)
    clock.now += GOODBYE_LASTS
    # On the screen that is idle again, and over the next call, nobody reads it.
    assert help_told(kiosk) == ""
    desk.book(resident_name="Mme Suivante")
    assert help_told(kiosk) == ""
    # And that one, pressing the key, rings at once.
    kiosk.post("/borne/aide")
    assert help_told(kiosk) == "La mairie est prévenue."


def test_a_key_pressed_again_and_again_rings_once(app, ground, database) -> None:
    client, _ = press_help(app, ground)
    for _ in range(20):
        client.post("/borne/aide")
    with database.read() as session:
        assert len(session.scalars(select(HelpCall)).all()) == 1


def test_nobody_rings_without_the_kiosks_cookie(visitor, database) -> None:
    assert visitor.client.post("/borne/aide").status_code == 403
    with database.read() as session:
        assert session.scalars(select(HelpCall)).all() == []


def test_a_call_for_help_that_nobody_heard_ends_and_can_be_made_again(
    app, ground, desk, database, clock
) -> None:
    client, _ = press_help(app, ground)
    clock.now += RINGS_FOR + timedelta(minutes=1)
    assert help_form(desk) is None
    client.post("/borne/aide")
    assert help_form(desk) is not None


def test_help_rings_at_its_own_relay_alone(app, ground, desk, new_app) -> None:
    press_help(app, ground, "kiosk-guise")
    assert help_form(desk) is None
    token = desk.form().values["csrf_token"]
    assert (
        desk.client.post("/bureau/aide/1", data={"csrf_token": token}).status_code
        == 404
    )


def test_the_help_key_works_with_no_script(app, ground) -> None:
    client, _ = press_help(app, ground)
    page = client.get("/borne").text
    assert re.search(r'<form id="help-key"[^>]* action="/borne/aide"', page)


def first_appointment(database) -> Appointment:
    with database.read() as session:
        return session.scalars(select(Appointment).order_by(Appointment.id)).first()


def finish(database, appointment_id) -> None:
    with database.write() as session:
        appointment = session.get_one(Appointment, appointment_id)
        for state in (State.CALLING, State.QUEUED, State.IN_CALL, State.DONE):
            move(session, appointment, state, actor="dispatcher", at=NOON)
            session.flush()


@pytest.mark.parametrize(("value", "kept"), [("oui", True), ("non", False), ("", None)])
def test_was_it_useful_is_one_click_and_can_be_taken_back(
    desk, database, value, kept
) -> None:
    desk.book()
    appointment = first_appointment(database)
    finish(database, appointment.id)
    address = f"/bureau/rendez-vous/{appointment.id}/utile"
    token = desk.form().values["csrf_token"]
    for sent in ("non", "oui", value):
        desk.client.post(address, data={"csrf_token": token, "utile": sent})
    assert first_appointment(database).was_useful is kept
    page = desk.client.get("/bureau").text
    pressed = re.findall(r'name="utile" value="(\w*)" aria-pressed="true"', page)
    assert pressed == [value]


def test_appointments_follow_a_kiosk_that_is_moved_to_another_relay(
    app, ground, desk, database
) -> None:
    """It takes place where the kiosk is; who booked it still sees it, and where."""
    desk.book()
    with database.write() as session:
        guise = session.scalars(select(Relay.id).where(Relay.slug == "guise")).one()
        session.execute(update(Kiosk).where(Kiosk.slug == KIOSK).values(relay_id=guise))
    page = html.unescape(desk.client.get("/bureau").text)
    assert "M. Dupont" in page and "À la borne du Relais de Guise" in page
    neighbour = type(desk)(app.test_client(), ground.passwords)
    neighbour.sign_in(NEIGHBOUR)
    assert "M. Dupont" in html.unescape(neighbour.client.get("/bureau").text)


def test_a_kiosk_overseas_is_off_since_its_own_hour(desk, database) -> None:
    with database.write() as session:
        session.execute(
            update(Relay)
            .where(Relay.slug == "wassigny")
            .values(time_zone="Indian/Reunion")
        )
    told(database, NOON - timedelta(hours=2))
    told(database, NOON - timedelta(hours=1), is_all=False, kiosk=P.OFFLINE)
    told(database, is_all=False, kiosk=P.OFFLINE)
    hour = (NOON - timedelta(hours=1)).astimezone(ZoneInfo("Indian/Reunion"))
    assert f"éteinte depuis {hour:%-H} h 00" in strip(desk)


def test_a_kiosk_whose_clock_is_two_minutes_off_is_ready_all_the_same(
    desk, database
) -> None:
    """No time of a kiosk is ever believed: all of them are the server's own."""
    told(database, NOON + timedelta(minutes=2))
    assert strip(desk) == "Borne – Relais de Wassigny : prête"


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(hours=-3), "L'horloge de la borne retarde de 3 heures."),
        (timedelta(days=1), "L'horloge de la borne avance de 1 jour."),
        (timedelta(seconds=90), ""),
    ],
)
def test_a_kiosk_whose_clock_is_wrong_says_so_on_the_desk_and_on_its_screen(
    app, ground, desk, database, ahead, words
) -> None:
    told(database)
    token, device = ground.kiosk_tokens[KIOSK], {"state": "idle", "reasons": []}
    answer = app.test_client().post(
        "/api/kiosk/v1/heartbeat",
        json={"printer": device, "scanner": device, "at": (NOON + ahead).isoformat()},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 204
    said = strip(desk)
    assert said.startswith(
        f"Borne – Relais de Wassigny : {'à vérifier' if words else 'prête'}"
    )
    assert words in said and ("horloge" in said) == bool(words)
    screen = app.test_client()
    ground.let_in(screen, KIOSK)
    page = " ".join(html.unescape(screen.get("/borne").text).split())
    assert words in page and ("horloge" in page) == bool(words)
