# SPDX-License-Identifier: AGPL-3.0-or-later
"""An open page stays true, whatever has the keyboard."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState as State
from stage.stack import REPOSITORY
from tests.factories.orders import an_order

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
STATIC = REPOSITORY / "booking_web/static"
# A part of a page, with what the server has of it.
PART = """<div id="part"><p>{said}</p><form>
<input id="number" value=""><input id="said" value="{said}"><textarea id="note"></textarea>
<input id="agreed" type="checkbox"><input id="asked" type="checkbox" {asked}>
<select id="why"><option value="">?</option><option value="a">a</option></select>
<select id="how"><option {how}>grey</option><option {now}>red</option></select>
</form><form {typed}><input id="name" value="{name}"><input id="is" type="checkbox" {ticked}>
</form></div>"""
BEFORE = {"said": "waits", "asked": "", "how": "selected", "now": ""}
REFUSED = {"typed": "data-typed", "name": "Mme Petit", "ticked": "checked"}
AFTER = {"said": "rings", "asked": "checked", "how": "", "now": "selected"}
ANEW = {"typed": "", "name": "", "ticked": ""}


NOTE_THE_LINE = """
window.lineWas = [];
document.addEventListener("guichet:live", (event) => window.lineWas.push(event.detail.isLive));
"""


def test_a_page_that_opens_does_not_say_that_the_line_is_cut(new_page, sign_in) -> None:
    page = new_page()
    page.add_init_script(NOTE_THE_LINE)
    sign_in(page, SECRETARY)
    expect(page.locator("#live-link")).to_have_text("Mise à jour en direct")
    page.reload()
    expect(page.locator("#live-link")).to_have_text("Mise à jour en direct")
    assert set(page.evaluate("window.lineWas")) == {True}


def booked(database, name: str) -> int:
    """Book somebody at once, as a colleague would."""
    with database.write() as session:
        request = an_order(token=name, resident_name=name)
        return book(session, request, datetime.now(UTC)).appointment.id


def advance(database, appointment_id: int, state: State) -> None:
    """Move the appointment as the dispatcher would."""
    with database.write() as session:
        appointment = session.get_one(Appointment, appointment_id)
        appointment.call_requested_at = None
        move(session, appointment, state, actor="dispatcher", at=datetime.now(UTC))


def test_a_row_whose_button_has_the_keyboard_shows_the_new_state(
    signed_in, database
) -> None:
    appointment_id = booked(database, "Mme Clavier")
    page = signed_in(SECRETARY)
    row = page.locator(f"#rendez-vous-{appointment_id}")
    kept = page.locator(f"#documents-{appointment_id}")
    kept.focus()
    advance(database, appointment_id, State.CALLING)
    expect(row).to_have_attribute("data-state", "calling")
    expect(kept).to_be_focused()
    page.locator(f"#raccrocher-{appointment_id}").focus()
    for state in (State.QUEUED, State.IN_CALL, State.DONE):
        advance(database, appointment_id, state)
    expect(row).to_have_attribute("data-state", "done")
    # The button is gone: its row keeps the keyboard's place.
    expect(row).to_be_focused()
    expect(page.locator("#announcements")).to_contain_text("Mme Clavier")


def test_the_first_row_of_the_day_comes_and_the_words_for_none_go(
    signed_in, database
) -> None:
    page = signed_in(SECRETARY)
    expect(page.locator(".empty")).to_be_visible()
    expect(page.locator("#live-link")).to_have_text("Mise à jour en direct")
    appointment_id = booked(database, "Mme Premier")
    expect(page.locator(f"#rendez-vous-{appointment_id}")).to_be_visible()
    expect(page.locator(".empty")).to_be_hidden()


def test_what_was_typed_stays_as_its_part_comes_anew_and_the_rest_is_true(
    new_page,
) -> None:
    page = new_page()
    for script in ("vendor/idiomorph/idiomorph.min.js", "shell/live-parts.js"):
        page.add_script_tag(path=STATIC / script)
    page.evaluate(
        "html => { document.body.innerHTML = html; }", written(BEFORE, REFUSED)
    )
    page.locator("#number").fill("06 12")
    page.locator("#note").fill("M. Roy")
    page.locator("#agreed").check()
    page.locator("#why").select_option("a")
    page.evaluate(
        "html => putInto(document.getElementById('part'), html, 'outerHTML')",
        written(AFTER, ANEW),
    )
    expect(page.locator("p")).to_have_text("rings")
    found = {
        each: page.locator(f"#{each}").input_value()
        for each in ("number", "note", "why", "name", "said", "how")
    }
    assert found == {
        **{"number": "06 12", "note": "M. Roy", "why": "a"},
        # It came back to whoever typed it.
        "name": "Mme Petit",
        # What nobody wrote in is as the server has it.
        **{"said": "rings", "how": "red"},
    }
    for each in ("agreed", "asked", "is"):
        expect(page.locator(f"#{each}")).to_be_checked()


def written(facts: dict[str, str], form: dict[str, str]) -> str:
    return PART.format(**facts, **form)


PRESSED = """([before, after]) => {
  const part = `<div id="jobs" data-seen="1">${before}</div>`;
  document.body.innerHTML = `<main data-live="https://guichet.test/">${part}</main>`;
  window.presses = 0;
  document.addEventListener("click", (event) => {
    window.presses += event.target.closest("button") === null ? 0 : 1;
  });
  window.fetch = async () => {
    window.isAnswered = true;
    return new Response(`<div data-part="jobs" data-seen="2">${after}</div>`);
  };
  const root = document.querySelector("main");
  window.questions = liveQuestions(root, livePlaces(root), () => {});
}"""


def live_scripts(page):
    """Give an empty page what keeps pages true."""
    for script in (
        *("vendor/idiomorph/idiomorph.min.js", "shell/live-parts.js"),
        "shell/live-questions.js",
    ):
        page.add_script_tag(path=STATIC / script)
    return page


@pytest.mark.parametrize(
    "after",
    [
        "<button>Imprimer</button>",
        "<p style='height: 9em'></p><button id='s'>Scan</button>",
    ],
    ids=["put anew", "moved"],
)
def test_a_press_that_news_come_into_is_not_lost(new_page, after) -> None:
    page = live_scripts(new_page())
    page.evaluate(PRESSED, ["<button id='s'>Scan</button>", after])
    page.locator("button").hover()
    page.mouse.down()
    page.evaluate("window.questions.review()")
    page.wait_for_function("window.isAnswered")
    page.mouse.up()
    expect(page.locator("#jobs")).to_have_attribute("data-seen", "2")
    assert page.evaluate("window.presses") == 1


def test_a_press_that_never_ends_keeps_no_page_old(new_page) -> None:
    page = live_scripts(new_page())
    page.evaluate(PRESSED, ["<button>Scan</button>", "<p>done</p>"])
    page.locator("button").hover()
    page.mouse.down()
    page.evaluate("window.questions.review()")
    expect(page.locator("#jobs p")).to_have_text("done")
