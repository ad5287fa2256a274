# SPDX-License-Identifier: AGPL-3.0-or-later
"""The CV's page: begun, written, kept key by key or as a whole, taken over, told."""

import html
import sqlite3

import pytest
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.cv.content import Section, with_entry
from booking_web.domain.cv.cvs import Cvs, CvTaken
from booking_web.tables.cv import Cv
from provisioning.database.models import User
from stage.kiosk_ground import (
    acts_of,
    documents_settings,
)
from tests.factories.cv_desk import (
    address,
    form_of,
    press,
    send_key,
    token_of,
)
from tests.factories.drafts import ANNE, BRUNO, appointment_of
from tests.factories.rows import rows

MSA = "conseiller@msa.example"


def test_a_cv_begins_with_what_the_booking_knows_once(
    counsellor, database, appointment, resident
) -> None:
    token = token_of(counsellor, appointment)
    for _ in range(2):
        answer = counsellor.client.post(
            address(appointment, "/commencer"), data={"csrf_token": token}
        )
        assert answer.status_code == 303
    assert len(rows(database, Cv)) == 1
    values = form_of(counsellor, appointment)
    assert values["f.name"] == "Amélie Œuvrard"
    assert values["f.email"] == "amelie@exemple.fr"
    assert values["f.telephone"] == "06 12 34 56 78"
    assert values["f.town"] == "Guise"


def test_a_key_is_kept_at_once_and_what_others_changed_comes_back(
    counsellor, database, begun
) -> None:
    first = send_key(counsellor, begun, "title", "Vend")
    assert (first.json["revision"], first.json["meanwhile"]) == (1, {})
    send_key(counsellor, begun, "town", "Guise", revision=1)
    other = send_key(counsellor, begun, "title", "Vendeuse", revision=1)
    assert other.json["meanwhile"] == {"town": "Guise"}
    # The same again changes nothing.
    again = send_key(counsellor, begun, "title", "Vendeuse", revision=3)
    assert again.json["revision"] == 3
    assert form_of(counsellor, begun)["f.title"] == "Vendeuse"


def test_two_tabs_that_are_saved_as_a_whole_lose_nothing_of_each_other(
    counsellor, begun
) -> None:
    first, second = form_of(counsellor, begun), form_of(counsellor, begun)
    post = counsellor.client.post
    post(address(begun), data=first | {"f.title": "Vendeuse", "act": "save"})
    post(address(begun), data=second | {"f.town": "Guise", "act": "save"})
    values = form_of(counsellor, begun)
    assert (values["f.title"], values["f.town"]) == ("Vendeuse", "Guise")


def test_what_is_too_long_is_told_and_shown_and_the_rest_is_kept(
    counsellor, begun
) -> None:
    answer = press(counsellor, begun, title="x" * 200, town="Guise")
    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert "x" * 200 in page and "C'est trop long pour un CV" in page
    values = form_of(counsellor, begun)
    assert (values["f.title"], values["f.town"]) == ("", "Guise")
    refused = send_key(counsellor, begun, "title", "x" * 200)
    assert refused.status_code == 422 and "trop long" in refused.json["refused"]


def test_entries_are_added_moved_taken_away_and_put_back(counsellor, begun) -> None:
    answer = press(counsellor, begun, "add:experience")
    assert answer.location.endswith("vers=experience-1")
    press(counsellor, begun, "add:experience", experience__1__title="Caissière")
    press(counsellor, begun, "down:experience:2", experience__2__title="Vendeuse")
    values = form_of(counsellor, begun)
    keys = [each for each in values if each.startswith("f.exp") and "title" in each]
    assert keys == ["f.experience.1.title", "f.experience.2.title"]
    answer = press(counsellor, begun, "remove:experience:1")
    assert "« Remettre » annule" in counsellor.client.get(answer.location).text
    press(counsellor, begun, "back")
    assert form_of(counsellor, begun)["f.experience.1.title"] == "Caissière"


def test_a_wording_is_added_to_the_field_that_was_chosen(
    counsellor, begun, kept
) -> None:
    values = form_of(counsellor, begun) | {"act": "phrase:0", "target": "skills"}
    counsellor.client.post(address(begun), data=values | {"f.skills": "Vendre"})
    assert kept(begun)["skills"].split("\n") == [
        "Vendre",
        "Conduire un tracteur et les outils attelés",
    ]


@pytest.mark.parametrize(
    "act", ["add:salary", "remove:experience:9", "up:experience:x", "phrase:999", "?"]
)
def test_a_button_that_is_not_there_does_nothing(counsellor, begun, act) -> None:
    answer = press(counsellor, begun, act, title="Vendeuse")
    assert answer.status_code == 303
    assert form_of(counsellor, begun)["f.title"] == "Vendeuse"


def other_counsellor(new_app, ground, tmp_path, visitor, database):
    """Give a colleague of the same organisation, signed in."""
    with database.write() as session:
        mail = "mairie@guise.example"
        one = session.scalars(select(User).where(User.email == mail)).one()
        msa = session.scalars(select(User).where(User.email == MSA)).one()
        one.role, one.organisation_id, one.relay_id = (
            msa.role,
            msa.organisation_id,
            None,
        )
        one.name = "Anne Colin"
    app = new_app(ground, **documents_settings(tmp_path))
    colleague = type(visitor)(app.test_client(), ground.passwords)
    assert colleague.sign_in(mail).status_code == 302
    return colleague


def test_a_colleague_reads_takes_over_and_nothing_typed_is_lost(
    counsellor, new_app, ground, tmp_path, visitor, database, begun
) -> None:
    colleague = other_counsellor(new_app, ground, tmp_path, visitor, database)
    press(counsellor, begun, title="Vendeuse")
    page = html.unescape(colleague.client.get(address(begun)).text)
    assert "écrit ce CV : vous pouvez le lire." in page and "Vendeuse" in page
    held = send_key(colleague, begun, "town", "Guise")
    assert held.status_code == 409
    press(colleague, begun, "take")
    assert send_key(colleague, begun, "town", "Guise").status_code == 200
    lost = press(counsellor, begun, title="Vendeuse qualifiée")
    assert lost.status_code == 409
    assert "Vendeuse qualifiée" in html.unescape(lost.text)
    values = form_of(colleague, begun)
    assert (values["f.title"], values["f.town"]) == ("Vendeuse", "Guise")
    assert "cv_taken_over" in [act for _, act, _ in acts_of(database, begun)]


def test_nobody_but_who_writes_it_changes_a_cv_by_any_method(
    database, archive, resident
) -> None:
    """One erased what the other was writing; agreement and appointment were changed, too."""
    cvs = Cvs(database, archive.store.key, utc_now)
    first, following = (appointment_of(database, resident) for _ in range(2))
    cv = cvs.begin(first, ANNE)
    cvs.agree(cv, True, ANNE)
    held = {
        "save": lambda who: cvs.save(cv, 0, {"town": "Guise"}, who),
        "restructure": lambda who: cvs.restructure(
            cv, lambda each: with_entry(each, Section.EXPERIENCE), who
        ),
        "resume": lambda who: cvs.resume(cv, following, who),
        "agree": lambda who: cvs.agree(cv, False, who),
        "erase": lambda who: cvs.erase(cv, who),
    }
    methods = {name for name in vars(Cvs) if not name.startswith("_")}
    assert methods - set(held) == {"begin", "read", "read_one", "take_over"}
    before = rows(database, Cv), cvs.read_one(cv)
    for name, change in held.items():
        assert change(BRUNO) == CvTaken(ANNE, 0), name
    assert cvs.read_one(cv) == before[1]
    cvs.take_over(cv, BRUNO)
    for name, change in held.items():
        assert not isinstance(change(BRUNO), CvTaken), name


def test_who_would_erase_what_another_writes_is_told_who(
    counsellor, new_app, ground, tmp_path, visitor, database, begun
) -> None:
    colleague = other_counsellor(new_app, ground, tmp_path, visitor, database)
    press(counsellor, begun, title="Vendeuse")
    token = token_of(colleague, begun)
    answer = colleague.client.post(
        address(begun, "/effacer"), data={"csrf_token": token}
    )
    assert answer.location == address(begun)
    page = html.unescape(colleague.client.get(address(begun)).text)
    assert "écrit ce CV en ce moment : rien n'a été fait" in page
    assert "Le CV est effacé" not in page
    assert form_of(counsellor, begun)["f.title"] == "Vendeuse"
    assert send_key(colleague, begun, "agree", "1").status_code == 409


def test_a_database_that_is_locked_is_told_and_the_key_can_be_sent_again(
    counsellor, database, ground, begun, monkeypatch
) -> None:
    monkeypatch.setattr("booking_web.base.transactions.LOCKED_ATTEMPTS", 1)
    monkeypatch.setattr("provisioning.database.engine.SQLITE_BUSY_TIMEOUT_MS", 50)
    data = {
        "csrf_token": token_of(counsellor, begun),
        "cle": "title",
        "valeur": "Vendeuse",
        "revision": 0,
    }
    lock = sqlite3.connect(ground.url.removeprefix("sqlite:///"), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    locked = counsellor.client.post(address(begun, "/champ"), data=data)
    lock.execute("ROLLBACK")
    lock.close()
    assert locked.status_code == 503
    assert form_of(counsellor, begun)["f.title"] == ""
    answer = counsellor.client.post(address(begun, "/champ"), data=data)
    assert answer.status_code == 200
    assert form_of(counsellor, begun)["f.title"] == "Vendeuse"


@pytest.mark.parametrize("person", ["mairie@wassigny.example", "admin@guichet.example"])
def test_who_is_no_counsellor_reads_no_cv(
    visitor, database, appointment, person
) -> None:
    visitor.sign_in(person)
    assert visitor.client.get(address(appointment)).status_code == 403
    page = visitor.client.get(f"/rendez-vous/{appointment}").text
    assert address(appointment) not in page


def test_the_history_says_who_changed_what_and_not_to_what(counsellor, begun) -> None:
    press(counsellor, begun, title="Vendeuse")
    page = html.unescape(counsellor.client.get(address(begun, "/historique")).text)
    assert "Métier ou poste cherché" in page and "Conseillère de la MSA" in page
    assert "Vendeuse" not in page
