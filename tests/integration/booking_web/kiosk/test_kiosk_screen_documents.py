# SPDX-License-Identifier: AGPL-3.0-or-later
"""A document and a cue on the kiosk's second screen: shown, turned, cleared, to nobody else."""

import io
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
from PIL import Image
from sqlalchemy import select

from booking_web.domain.journal.live_events import Cursor
from booking_web.tables.documents import CodeToPlay, Document
from stage.html_forms import forms_of
from stage.kiosk_ground import (
    S,
    acts_of,
    add_document,
    archive_of,
    bring_to,
    documents_settings,
    in_call,
    make_pdf,
)
from stage.papers import form_pdf
from tests.factories.followed import follow_a_draft

WASSIGNY, GUISE = "kiosk-wassigny", "kiosk-guise"
API = "/api/kiosk/v1"
MSA = "conseiller@msa.example"


@pytest.fixture
def app(new_app, ground, tmp_path):
    return new_app(ground, **documents_settings(tmp_path))


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


@pytest.fixture
def appointment(database, archive):
    appointment = in_call(database)
    add_document(archive, appointment, form_pdf("Une demande", "La suite", "La fin"))
    return appointment


class KioskEnd:
    """A kiosk's two clients: the bridge at the API, the browser on the second screen."""

    def __init__(self, app, ground, kiosk):
        self.token = ground.kiosk_tokens[kiosk]
        self.bridge = app.test_client()
        self.screen = app.test_client()
        ground.let_in(self.screen, kiosk)

    def put(self, address, body):
        bearer = {"Authorization": f"Bearer {self.token}"}
        return self.bridge.put(f"{API}{address}", json=body, headers=bearer)

    def call(self):
        bearer = {"Authorization": f"Bearer {self.token}"}
        return self.bridge.get(f"{API}/call", headers=bearer).json

    def show(self, appointment, document, page=1):
        body = {"document": document, "page": page}
        return self.put(f"/appointments/{appointment}/screen", body)

    def cue(self, appointment, cue, page=0, pages=0):
        body = {"cue": cue, "page": page, "pages": pages}
        return self.put(f"/appointments/{appointment}/cue", body)

    def picture(self, appointment, document=1, page=1):
        return self.screen.get(f"/borne/page/{appointment}/{document}/{page}.png")

    def say(self, sheet, language="fr"):
        """Say what people see on the second screen."""
        told = {"feuille": sheet, "langue": language}
        return self.screen.post("/borne/vu", data=told)


@pytest.fixture
def kiosk(app, ground):
    return KioskEnd(app, ground, WASSIGNY)


@pytest.fixture
def neighbour(app, ground):
    return KioskEnd(app, ground, GUISE)


def test_a_page_is_shown_seen_and_written_down(kiosk, database, appointment):
    answer = kiosk.show(appointment, 1)
    assert answer.status_code == 200
    assert answer.json == {"document": 1, "page": 1, "pages": 3, "is_seen": False}
    assert kiosk.call()["shown"]["is_seen"] is False
    page = kiosk.screen.get("/borne").text
    assert f'src="/borne/page/{appointment}/1/1.png?v=' in page
    assert "page 1 sur 3" in page and "Dupont" not in page

    picture = kiosk.picture(appointment)
    assert picture.headers["Cache-Control"] == "no-store"
    drawn = Image.open(io.BytesIO(picture.data))
    assert (drawn.format, max(drawn.size)) == ("PNG", 1800)
    assert drawn.convert("L").getextrema()[0] < 100
    # It has been fetched; that people see it is said by the screen alone.
    assert kiosk.call()["shown"]["is_seen"] is False
    assert kiosk.say("document-1/1").status_code == 204
    assert kiosk.call()["shown"] == {
        "document": 1,
        "page": 1,
        "pages": 3,
        "is_seen": True,
    }
    assert acts_of(database, appointment)[-2:] == [
        (f"kiosk:{WASSIGNY}", "document_shown", "document 1, page 1"),
        (f"kiosk:{WASSIGNY}", "viewed", "document 1, page 1"),
    ]


def test_a_document_opens_large_enough_to_be_read_and_is_read_on_told_again(
    kiosk, archive, database, appointment
):
    number = add_document(archive, appointment, make_pdf(1)).number
    seen = []
    for _ in range(8):
        answer = kiosk.show(appointment, number)
        assert answer.json["page"] == 1
        seen.append(kiosk.screen.get("/borne/miroir").json["closer"])
    top = [3, 0.5, 0.1667]
    assert seen[0] == top
    downs = [each[2] for each in seen[:5]]
    assert downs == sorted(set(downs)) and downs[-1] == 0.8333
    # All of its only page, and then from its top again.
    assert seen[5] is None and seen[6] == top
    acts = [act for _, act, _ in acts_of(database, appointment)]
    assert acts.count("document_shown") == 1
    # Of several pages each is read to its end before the next is turned to.
    pages = [kiosk.show(appointment, 1, page).json["page"] for page in (1, *[2] * 6)]
    assert pages == [1, 1, 1, 1, 1, 2, 2]
    assert kiosk.screen.get("/borne/miroir").json["closer"] == top
    assert kiosk.call()["shown"]["page"] == 2
    # Which page is wanted may be told as well.
    assert kiosk.show(appointment, 1, 1).json["page"] == 1
    assert kiosk.screen.get("/borne/miroir").json["closer"] == top


def test_only_the_page_that_is_shown_can_be_fetched(kiosk, archive, appointment):
    add_document(archive, appointment, make_pdf())
    assert kiosk.picture(appointment).status_code == 404
    kiosk.show(appointment, 1, 2)
    assert kiosk.picture(appointment, page=2).status_code == 200
    assert kiosk.picture(appointment, page=1).status_code == 404
    assert kiosk.picture(appointment, document=2).status_code == 404
    assert kiosk.picture(appointment + 1, page=2).status_code == 404
    kiosk.show(appointment, None)
    assert kiosk.picture(appointment, page=2).status_code == 404
    assert "Le conseiller est là." in kiosk.screen.get("/borne").text


def test_another_kiosk_neither_shows_nor_sees_it(kiosk, neighbour, appointment):
    kiosk.show(appointment, 1)
    assert neighbour.picture(appointment).status_code == 404
    assert "/borne/page/" not in neighbour.screen.get("/borne").text
    assert neighbour.show(appointment, None).status_code == 404
    assert neighbour.cue(appointment, "printing").status_code == 404
    assert neighbour.call()["shown"] is None
    assert kiosk.picture(appointment).status_code == 200


@pytest.mark.parametrize("cookie", [None, "", "guess", "é" * 9])
def test_without_the_kiosks_cookie_there_is_nothing(app, kiosk, appointment, cookie):
    kiosk.show(appointment, 1)
    stranger = app.test_client()
    if cookie is not None:
        stranger.set_cookie("borne", cookie, path="/borne")
    assert stranger.get(f"/borne/page/{appointment}/1/1.png").status_code == 403


def test_a_screen_of_before_another_was_let_in_is_stale(
    app, ground, kiosk, appointment
):
    kiosk.show(appointment, 1)
    ground.let_in(app.test_client(), WASSIGNY)
    assert kiosk.picture(appointment).status_code == 403
    assert kiosk.screen.get("/borne").status_code == 303
    assert kiosk.show(appointment, 1).status_code == 200


@pytest.mark.parametrize("end", [S.DONE, S.INTERRUPTED])
def test_the_end_of_the_call_clears_the_screen(kiosk, database, appointment, end):
    kiosk.show(appointment, 1)
    kiosk.cue(appointment, "printing", 1, 3)
    bring_to(database, appointment, end)
    page = kiosk.screen.get("/borne").text
    assert "/borne/page/" not in page and "Impression" not in page
    assert kiosk.picture(appointment).status_code == 404
    assert kiosk.show(appointment, 1).status_code == 409
    assert kiosk.cue(appointment, "printing").status_code == 409


def test_a_second_call_of_the_appointment_begins_with_an_empty_screen(
    kiosk, database, appointment
):
    kiosk.show(appointment, 1)
    kiosk.cue(appointment, "place_document")
    bring_to(database, appointment, S.INTERRUPTED, S.ARRIVED, S.CALLING, S.IN_CALL)
    page = kiosk.screen.get("/borne").text
    assert "Le conseiller est là." in page
    assert kiosk.call()["shown"] is None
    kiosk.cue(appointment, "scanning")
    assert kiosk.call()["shown"] is None


def test_a_removed_document_leaves_the_screen_at_once(
    app, kiosk, database, archive, appointment
):
    kiosk.show(appointment, 1)
    changes = Cursor(database)
    changes.start()
    archive.remove(1, "mistake", "user:1")
    assert [change.kind for change in changes.advance()] == ["document"]
    assert "/borne/page/" not in kiosk.screen.get("/borne").text
    assert kiosk.picture(appointment).status_code == 404
    assert kiosk.show(appointment, 1).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"document": 8}, 404),
        ({"document": 1, "page": 4}, 404),
        ({"document": 1, "page": 0}, 422),
        ({"document": "1"}, 422),
        ({"page": 1}, 422),
        ({"document": 1000}, 422),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(kiosk, appointment, body, status):
    kiosk.show(appointment, 1)
    answer = kiosk.put(f"/appointments/{appointment}/screen", body)
    assert answer.status_code == status
    assert (kiosk.call()["shown"]["document"], kiosk.call()["shown"]["page"]) == (1, 1)


@pytest.mark.parametrize("content", [b"%PDF-1.7 nonsense", b"", "encrypted"])
def test_a_page_that_cannot_be_drawn_is_not_promised(
    kiosk, database, archive, appointment, content
):
    """Such content is never let in; it gets there only by a damaged disk."""
    if content == "encrypted":
        content = make_pdf(encryption=pikepdf.Encryption(owner="a", user="b"))
    with database.write() as session:
        document = session.scalars(select(Document)).one()
        document.sha256 = archive.store.put(io.BytesIO(content))
    assert kiosk.show(appointment, 1).status_code == 422
    assert kiosk.call()["shown"] is None
    assert "/borne/page/" not in kiosk.screen.get("/borne").text


def test_a_content_that_is_gone_is_told_as_trouble(
    kiosk, database, archive, appointment
):
    with database.read() as session:
        sha256 = session.scalars(select(Document.sha256)).one()
    archive.store.remove(sha256)
    assert kiosk.show(appointment, 1).status_code == 503


@pytest.mark.parametrize(
    ("cue", "words"),
    [
        (("printing", 0, 2), "Impression en cours"),
        (("printing", 2, 3), "page 2 sur 3"),
        (("take_print",), "Prenez vos feuilles"),
        (("place_document",), "Posez votre document sur la vitre"),
        (("scanning", 3, 10), "page 3 sur 10"),
        (("scanning", 3), "page 3"),
        (("turn_card",), "Retournez la carte sur la vitre"),
        (("take_document",), "Reprenez votre document"),
        (("problem",), "Un instant, le conseiller"),
    ],
)
def test_each_cue_has_its_sentence_also_beside_a_document(
    kiosk, appointment, cue, words
):
    assert kiosk.cue(appointment, *cue).status_code == 200
    assert words in kiosk.screen.get("/borne").text
    kiosk.show(appointment, 1)
    page = kiosk.screen.get("/borne").text
    assert words in page and "/borne/page/" in page
    kiosk.cue(appointment, "")
    assert words not in kiosk.screen.get("/borne").text


@pytest.mark.parametrize(
    ("cue", "seconds"), [("take_print", 40), ("problem", 70), ("printing", 1000)]
)
def test_a_cue_does_not_stay_for_ever(
    new_app, ground, tmp_path, kiosk, appointment, cue, seconds
):
    kiosk.cue(appointment, cue)
    assert "Le conseiller est là." not in kiosk.screen.get("/borne").text
    later = new_app(
        ground,
        now=lambda: datetime.now(UTC) + timedelta(seconds=seconds),
        **documents_settings(tmp_path),
    )
    end = KioskEnd(later, ground, WASSIGNY)
    assert "Le conseiller est là." in end.screen.get("/borne").text


@pytest.mark.parametrize("cue", ["dance", None, 5])
def test_an_unknown_cue_is_refused(kiosk, appointment, cue):
    assert kiosk.cue(appointment, cue).status_code == 422


def test_the_same_cue_again_tells_no_page_anew(app, kiosk, database, appointment):
    changes = Cursor(database)
    changes.start()
    kiosk.cue(appointment, "printing", 1, 3)
    assert [change.kind for change in changes.advance()] == ["screen"]
    kiosk.cue(appointment, "printing", 1, 3)
    assert changes.advance() == []


@pytest.fixture
def counsellor(visitor):
    assert visitor.sign_in(MSA).status_code == 302
    return visitor


def press(counsellor, appointment, act):
    page = counsellor.client.get(f"/rendez-vous/{appointment}").text
    token = forms_of(page)[0].values["csrf_token"]
    address = f"/rendez-vous/{appointment}/{act}"
    return counsellor.client.post(address, data={"csrf_token": token})


def codes(database):
    with database.read() as session:
        return list(session.scalars(select(CodeToPlay.code).order_by(CodeToPlay.id)))


def test_the_consoles_buttons_show_turn_and_clear(
    counsellor, kiosk, database, appointment
):
    console = f"/rendez-vous/{appointment}"
    page = counsellor.client.get(console).text
    assert "Montrer" in page and "Ne plus montrer" not in page
    answer = press(counsellor, appointment, "documents/1/montrer")
    assert answer.location.endswith("#document-1")
    assert codes(database) == ["*41#"]
    kiosk.show(appointment, 1)
    assert "pas encore affiché" in counsellor.client.get(console).text
    kiosk.say("document-1/2")
    page = counsellor.client.get(console).text
    assert "pas encore affiché" in page and "Document 1 envoyé, pas affiché." in page
    kiosk.say("document-1/1")
    page = counsellor.client.get(console).text
    assert "Montré au second écran : page 1 sur 3." in page
    assert "Montrer la suite" in page and "Document 1 montré." in page
    press(counsellor, appointment, "ne-plus-montrer")
    assert codes(database) == ["*41#", "*4#"]


def test_the_only_page_of_a_document_goes_on_by_the_same_button_to_its_end(
    counsellor, kiosk, archive, appointment
):
    add_document(archive, appointment, make_pdf(1))
    console = f"/rendez-vous/{appointment}"
    pointed = f"{console}/documents/2/montrer"
    goes_on = []
    for _ in range(6):
        kiosk.show(appointment, 2)
        pages = [counsellor.client.get(each).text for each in (console, pointed)]
        offered = ["Montrer la suite" in page for page in pages]
        assert offered[0] == offered[1]
        whole = kiosk.screen.get("/borne/miroir").json["closer"] is None
        assert offered[0] is not whole
        goes_on.append(offered[0])
    assert goes_on[0] and goes_on.count(False) == 1


def test_the_consoles_button_is_refused_after_the_call_and_for_what_is_removed(
    counsellor, database, archive, appointment
):
    archive.remove(1, "mistake", "user:1")
    press(counsellor, appointment, "documents/1/montrer")
    bring_to(database, appointment, S.DONE)
    press(counsellor, appointment, "ne-plus-montrer")
    press(counsellor, appointment, "documents/1/montrer")
    assert codes(database) == []


def test_star_4_takes_a_form_that_is_followed_away_and_a_document_takes_its_place(
    kiosk, database, archive
):
    followed = follow_a_draft(database, archive)
    appointment = followed.appointment_id
    add_document(archive, appointment, form_pdf("Une demande"))
    assert kiosk.call()["follows"] is False
    followed.show(1, "nom")
    assert (kiosk.call()["follows"], kiosk.call()["shown"]) == (True, None)
    assert kiosk.show(appointment, None).status_code == 200
    assert kiosk.call()["follows"] is False
    followed.show(1, "nom")
    assert kiosk.show(appointment, 1).status_code == 200
    assert kiosk.call()["follows"] is False
    assert kiosk.screen.get("/borne/miroir").json["sheet"] is None
    assert kiosk.picture(appointment).status_code == 200
