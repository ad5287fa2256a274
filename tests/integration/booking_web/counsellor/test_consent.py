# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a resident agrees: asked, read aloud at the kiosk, answered, withdrawn, kept to."""

import html
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking_web.base.own_process import memory_file
from booking_web.domain.appointments.handing_over.asking import (
    Wanted,
    ask_to_hand_over,
)
from booking_web.domain.consents.barring import ResidentDisagrees
from booking_web.domain.documents.errors import DocumentRefused, Refusal
from booking_web.domain.retention.pruning import prune
from booking_web.pages.kiosk import voice
from booking_web.shell.consent_text import consent_text
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.consents import Consent
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import DeviceJob, Document
from provisioning.database.models import Counsellor
from stage.html_forms import forms_of
from stage.kiosk_ground import S, bring_to, make_pdf
from tests.factories.handed_over import COLLEAGUE, have_call
from tests.factories.one_sheet import text_of
from tests.integration.booking_web.conftest import SECRETARY

NO = "L'usager n'est pas d'accord : rien n'a été fait."
OTHER_TEXT = "Nous gardons vos papiers."


def read(answer) -> str:
    return html.unescape(answer.text).replace("\u00a0", " ")


def answer(person, appointment: int, said: str, back: str = "/accord"):
    """Press the button that says so, on its own page or on the appointment's."""
    page = person.client.get(f"/rendez-vous/{appointment}{back}")
    [form] = [each for each in forms_of(page.text) if each.action.endswith("/accord")]
    data = form.values | {"reponse": said}
    return read(person.client.post(form.action, data=data, follow_redirects=True))


def standing_in(page: str) -> str:
    return (
        page.partition('id="consent"')[2].partition("</strong>")[0].rpartition(">")[2]
    )


@pytest.fixture
def secretary(app, ground, visitor):
    person = type(visitor)(app.test_client(), ground.passwords)
    assert person.sign_in(SECRETARY).status_code == 302
    return person


@pytest.fixture
def to_come(database, appointment) -> int:
    """Have its call not made yet: the kiosk is nobody's."""
    with database.write() as session:
        found = session.get_one(Appointment, appointment)
        found.state, found.call, found.call_requested_at = S.BOOKED, None, None
    return appointment


def test_the_secretary_asks_and_the_counsellor_reads_the_answer(
    secretary, counsellor, database, to_come
) -> None:
    console = f"/rendez-vous/{to_come}"
    assert "Accord pas encore demandé" in standing_in(
        read(counsellor.client.get(console))
    )
    assert "Accord pas encore demandé" in read(secretary.client.get("/bureau"))
    said = answer(secretary, to_come, "agreed")
    assert "C'est noté : d'accord." in said and "numériser vos papiers" in said
    assert standing_in(read(counsellor.client.get(console))) == "L'usager est d'accord"
    # It is withdrawn where it is read, by one press.
    told = answer(counsellor, to_come, "withdrawn", back="")
    assert standing_in(told) == "L'usager a retiré son accord"
    assert "Rien n'est numérisé" in told
    with database.read() as session:
        kept = session.scalars(select(Consent).order_by(Consent.id)).all()
        assert [each.answer for each in kept] == ["agreed", "withdrawn"]
        assert len({each.sha256 for each in kept}) == 1
        details = session.scalars(
            select(JournalEntry.detail).where(JournalEntry.act.like("consent_%"))
        )
        assert details.all() == [f"text {kept[0].sha256[:12]}"] * 2


def test_to_another_text_nobody_has_agreed(
    new_app, ground, secretary, to_come, visitor
) -> None:
    answer(secretary, to_come, "agreed")
    other = new_app(ground, consent_text=OTHER_TEXT)
    person = type(visitor)(other.test_client(), ground.passwords)
    person.sign_in(SECRETARY)
    page = read(person.client.get(f"/rendez-vous/{to_come}/accord"))
    assert "Le texte a changé : demandez l'accord à nouveau" in page
    assert OTHER_TEXT in page and "pour un autre texte" in page
    # A page that is still open with the former text says nothing to the new one.
    [form] = [
        each
        for each in forms_of(
            secretary.client.get(f"/rendez-vous/{to_come}/accord").text
        )
        if each.action.endswith("/accord")
    ]
    token = forms_of(page)[0].values["csrf_token"]
    data = form.values | {"reponse": "agreed", "csrf_token": token}
    refused = person.client.post(form.action, data=data, follow_redirects=True)
    assert "Le texte vient de changer" in read(refused)
    assert "Le texte a changé" in read(refused)


def test_a_site_has_its_own_text_in_each_language(new_app, ground) -> None:
    def read_in(language: str, **own: str) -> tuple[str, str]:
        with new_app(ground, **own).test_request_context():
            read = consent_text(language)
        return read.text.splitlines()[0], read.language

    french, english = {"consent_text": "Oui ?"}, {"consent_text_en": "Yes?"}
    usual = "L'appel par vidéo n'est pas enregistré.", "fr"
    assert read_in("en", **french, **english) == ("Yes?", "en")
    assert read_in("fr", **french, **english) == ("Oui ?", "fr")
    assert read_in("en", **french) == ("Oui ?", "fr")
    assert (read_in("en", **english), read_in("fr", **english)) == (
        ("Yes?", "en"),
        usual,
    )


def test_who_withdraws_takes_a_receipt_home(
    counsellor, database, archive, appointment
) -> None:
    address = f"/rendez-vous/{appointment}/accord"
    answer(counsellor, appointment, "agreed")
    page = read(counsellor.client.get(address))
    assert "Faire le reçu" not in page
    answer(counsellor, appointment, "withdrawn")
    page = counsellor.client.get(address).text
    [form] = [each for each in forms_of(page) if each.action.endswith("/accord/recu")]
    for _ in range(2):
        said = counsellor.client.post(
            form.action, data=form.values, follow_redirects=True
        )
        assert "Le reçu s'imprime à la borne. C'est le document 1." in read(said)
    with database.read() as session:
        paper = session.scalars(select(Document)).one()
        assert paper.title == "Reçu : Vous n'êtes plus d'accord"
        text = text_of(b"".join(archive.read(paper)))
        assert session.scalars(select(DeviceJob)).one().operation == "print"
    for words in ("M. Dupont", "vous avez retiré votre accord", "On vous aide"):
        assert words in text


def test_the_kiosk_shows_the_text_and_says_it_while_nobody_is_served(
    app, ground, secretary, database, to_come, monkeypatch
) -> None:
    spoken = []
    monkeypatch.setattr(
        voice, "speak", lambda words, language: spoken.append(words) or b"OggS"
    )
    voice._spoken.cache_clear()
    screen = app.test_client()
    ground.let_in(screen, "kiosk-wassigny")
    address = f"/rendez-vous/{to_come}/accord"
    [form] = [
        each
        for each in forms_of(secretary.client.get(address).text)
        if each.action.endswith("/lire")
    ]
    done = secretary.client.post(form.action, data=form.values, follow_redirects=True)
    assert "La borne montre le texte et le lit." in read(done)
    scene = read(screen.get("/borne"))
    assert "Dites oui ou non." in scene and "numériser vos papiers" in scene
    sound = scene.partition('data-voice="')[2].partition('"')[0]
    assert screen.get(sound).data == b"OggS"
    assert "numériser vos papiers" in spoken[0]
    assert spoken[0].endswith("Êtes-vous d'accord ? Dites oui ou non.")
    answer(secretary, to_come, "refused")
    assert "Dites oui ou non." not in read(screen.get("/borne"))
    # In a call the kiosk is its resident's.
    bring_to(database, to_come, S.ARRIVED, S.CALLING)
    refused = secretary.client.post(form.action, data=form.values)
    assert "La borne ne lit rien" in read(secretary.client.get(refused.location))
    assert "Dites oui ou non." not in read(screen.get("/borne"))
    voice._spoken.cache_clear()


def test_who_does_not_agree_is_not_scanned_kept_or_handed_on(
    counsellor, database, archive, appointment
) -> None:
    answer(counsellor, appointment, "refused")
    console = f"/rendez-vous/{appointment}"
    for end in ("/numeriser", "/invite"):
        [form] = [
            each
            for each in forms_of(counsellor.client.get(console).text)
            if each.action == console + end
        ]
        data = form.values | {"name": "Mme Petit"}
        told = counsellor.client.post(form.action, data=data, follow_redirects=True)
        assert NO in read(told), end
    for source in (Source.SCAN, Source.STILL):
        with pytest.raises(DocumentRefused) as refused:
            keep(archive, appointment, source)
        assert refused.value.reason is Refusal.RESIDENT_DISAGREES
    have_call(database, appointment)
    wanted = Wanted(organisation="sous-prefecture-vervins", resident_agrees=True)
    with database.write() as session:
        with pytest.raises(ResidentDisagrees):
            hand_over(session, appointment, wanted)
        # To a colleague of the same organisation it is still theirs.
        hand_over(session, appointment, Wanted(colleague=COLLEAGUE))
    with database.read() as session:
        assert session.scalars(select(DeviceJob)).all() == []
        assert session.scalars(select(Document)).all() == []
    # What they agree to again is done again.
    answer(counsellor, appointment, "agreed")
    assert keep(archive, appointment, Source.SCAN).number == 1


def keep(archive, appointment: int, source: Source) -> Document:
    with memory_file("scan", make_pdf()) as file:
        return archive.add(
            appointment, file, title="", source=source, actor="kiosk:kiosk-wassigny"
        )


def hand_over(session, appointment: int, wanted: Wanted) -> None:
    found = session.get_one(Appointment, appointment)
    ask_to_hand_over(
        session,
        found,
        session.get_one(Counsellor, found.counsellor_id),
        wanted,
        actor="user:1",
        now=found.starts_at,
    )


def test_answers_are_forgotten_with_the_name(counsellor, database, appointment) -> None:
    answer(counsellor, appointment, "agreed")
    with database.write() as session:
        found = session.get_one(Appointment, appointment)
        found.state, found.call = S.DONE, None
        prune(session, 30, found.ends_at + timedelta(days=31))
    with database.read() as session:
        assert session.scalars(select(Consent)).all() == []
