# SPDX-License-Identifier: AGPL-3.0-or-later
"""The territory's name and mark head pages and papers, and never stand in their way."""

import io
import re

import pikepdf
import pytest

from booking_web.base.settings import SettingsError, load_settings
from booking_web.domain.documents.errors import ExaminerUnavailable
from booking_web.domain.documents.examiner import Examiner
from booking_web.shell.forms.form_sizes import MAX_PICTURE_BYTES
from booking_web.shell.site import territory
from tests.factories.small_pictures import SECRET_PLACE, mark_png, photo_jpeg
from tests.integration.booking_web.conftest import SECRETARY, Desk
from tests.integration.booking_web.secretary.test_slips import words_of

NAME = "Thiérache du Centre"
PAGES = ("/connexion", "/mentions-legales", "/mot-de-passe/oublie")
MARK = re.compile(r'<img class="territory-mark[^>]* src="([^"]+)"[^>]* alt="">')


@pytest.fixture
def site(new_app, ground, tmp_path):
    """Give a function that opens a site whose mark is these bytes; None: it has none."""

    def opened(mark: bytes | None = None, file: str = "mark.png"):
        chosen = {}
        if mark is not None:
            (tmp_path / file).write_bytes(mark)
            chosen["territory_mark"] = str(tmp_path / file)
        return new_app(ground, territory_name=NAME, **chosen)

    return opened


def test_without_a_territory_pages_say_guichet_virtuel_alone(visitor) -> None:
    page = visitor.client.get("/connexion").text
    assert "<title>Connexion – Guichet virtuel</title>" in page
    assert 'class="territory' not in page
    assert visitor.client.get("/marque.png").status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_name_and_mark_stand_in_the_head_of_each_page(site, address) -> None:
    client = site(mark_png()).test_client()
    page = client.get(address).text
    assert f"Guichet virtuel, {NAME}</title>" in page
    head = page.partition('<header class="site-header">')[2].partition("</header>")[0]
    assert f'<span class="territory">{NAME}</span>' in head
    [shown] = MARK.findall(head)
    # Larger once more where one signs in.
    assert len(MARK.findall(page)) == (2 if address == "/connexion" else 1)
    answer = client.get(shown)
    assert answer.status_code == 200
    assert answer.data.startswith(b"\x89PNG")


def test_browsers_keep_the_mark_and_another_file_is_another_address(site) -> None:
    addresses = set()
    for colour in ("#0b4a24", "#4a0b24"):
        client = site(mark_png(colour)).test_client()
        [address] = set(MARK.findall(client.get("/connexion").text))
        addresses.add(address)
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000"
        assert "Set-Cookie" not in answer.headers
    assert len(addresses) == 2


def test_the_mark_is_drawn_anew(site) -> None:
    photo = photo_jpeg()
    assert SECRET_PLACE.encode() in photo
    shown = site(photo).test_client().get("/marque.png").data
    assert shown.startswith(b"\x89PNG")
    assert SECRET_PLACE.encode() not in shown


def test_a_light_mark_stands_on_a_dark_ground(site) -> None:
    page = site(mark_png("#ffffff")).test_client().get("/connexion").text
    assert "territory-mark territory-mark-light" in page


@pytest.mark.parametrize(
    "mark", [b"<svg/>", b"", mark_png()[:200], b"\x89" * (MAX_PICTURE_BYTES + 1)]
)
def test_a_file_that_is_no_picture_leaves_the_name(site, mark) -> None:
    client = site(mark).test_client()
    page = client.get("/connexion").text
    assert NAME in page and not MARK.findall(page)
    answer = client.get("/marque.png")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_file_that_is_not_there_leaves_the_name(new_app, ground, tmp_path) -> None:
    mark = str(tmp_path / "away.png")
    app = new_app(ground, territory_name=NAME, territory_mark=mark)
    page = app.test_client().get("/connexion").text
    assert NAME in page and not MARK.findall(page)


def test_it_comes_once_a_process_draws_it(site, monkeypatch) -> None:
    client = site(mark_png()).test_client()

    def away(*_: object) -> None:
        raise ExaminerUnavailable("no process")

    with monkeypatch.context() as fault:
        fault.setattr(Examiner, "draw_mark", away)
        assert not MARK.findall(client.get("/connexion").text)
    # Not by each page, while the machine is short of something.
    assert not MARK.findall(client.get("/connexion").text)
    monkeypatch.setattr(territory, "AGAIN_SECONDS", 0.0)
    again = site(mark_png()).test_client()
    with monkeypatch.context() as fault:
        fault.setattr(Examiner, "draw_mark", away)
        again.get("/connexion")
    assert MARK.findall(again.get("/connexion").text)


@pytest.mark.parametrize(("kind", "pages"), [("affiche", 1), ("depliant", 2)])
@pytest.mark.parametrize("mark", [None, mark_png(), mark_png("#ffffff")])
def test_both_head_what_is_printed_for_the_door(
    site, ground, mark, kind, pages
) -> None:
    desk = Desk(site(mark).test_client(), ground.passwords)
    desk.sign_in(SECRETARY)
    pdf = desk.client.get(f"/bureau/affiches/{kind}.pdf").data
    document = pikepdf.open(io.BytesIO(pdf))
    assert len(document.pages) == pages
    assert len(document.pages[0].get_images()) == (mark is not None)
    assert NAME in words_of(pdf)


def test_papers_of_the_site_have_the_head_and_papers_of_others_have_not(app) -> None:
    heads = {
        name
        for name in app.jinja_env.list_templates()
        if "{{ letterhead() }}"
        in app.jinja_env.loader.get_source(app.jinja_env, name)[0]
    }
    assert heads == {
        "papers/file_account.html",
        "papers/held.html",
        "papers/receipt.html",
        "papers/stopped.html",
        "posters/poster.html",
        "slips/slip.html",
    }


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"territory_mark": "/etc/guichet/mark.png"}, "needs territory_name"),
        ({"territory_name": "x" * 61}, "at most 60 characters"),
        ({"territory_name": "Thiérache\ndu Centre"}, "must be a line"),
    ],
)
def test_what_cannot_be_shown_is_refused_at_the_start(values, said) -> None:
    with pytest.raises(SettingsError, match=said):
        load_settings(
            environment={}, database_url="sqlite://", secret_key="x", **values
        )
