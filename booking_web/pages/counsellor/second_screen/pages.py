# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writing, pointing, looking closely, reading aloud: by a form, or by a page's script.

A script sends `quiet=1` and gets no page: 204 done, 409 no call or nothing shown, 503 busy.
"""

from collections.abc import Callable
from datetime import datetime

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.row_numbers import row_number
from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.kiosks.looking_closely import STEPS, Look, look_closely
from booking_web.domain.kiosks.screen_content import (
    Closer,
    Reading,
    ScreenContent,
    screen_content,
)
from booking_web.domain.kiosks.second_screen import (
    point_at,
    say,
    show_draft,
    write_words,
)
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.actions import back_to_console
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import busy_words
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.shell.written_words import call_name, seal_words
from booking_web.tables.appointment import Appointment
from booking_web.telling.voice.speaking import has_voice
from booking_web.words.read_aloud import unreadable_words

# Gives whether it was done.
Act = Callable[[Session, Appointment, datetime], bool]
QuietAnswer = tuple[str, int, dict[str, str]]
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}

# Longer than the key of any field.
PLACE_LENGTH = 400
_READINGS = {
    "champ": Reading.FIELD,
    "page": Reading.PAGE,
    "silence": Reading.NONE,
}


@blueprint.post("/<int:appointment_id>/ecrire")
def write(appointment_id: int) -> Response | QuietAnswer:
    """Show the resident what is written, or nothing any more."""
    is_cleared = "effacer" in request.form
    words = "" if is_cleared else request.form.get("words", "").replace("\r\n", "\n")

    def act(session: Session, appointment: Appointment, now: datetime) -> bool:
        sealed = seal_words(words, call_name(appointment)) if words.strip() else None
        return write_words(session, appointment, sealed, now)

    return _do(appointment_id, act, "writing-title", Right.FILLING)


@blueprint.post("/<int:appointment_id>/pointer")
def point(appointment_id: int) -> Response | QuietAnswer:
    """Show where the counsellor points; without a place, nowhere."""
    place = _fraction("x"), _fraction("y")
    x, y = place if None not in place else (None, None)
    draft_id = request.form.get("draft", type=row_number)
    page = request.form.get("page", type=row_number)
    viewer = signed_in(Right.CONSOLE)

    def act(session: Session, appointment: Appointment, now: datetime) -> bool:
        if draft_id is not None and page is not None and x is not None:
            # They point at a page: that one is shown, where another was.
            show_draft(session, appointment, draft_id, page, None, viewer, now)
        return point_at(session, appointment, x, y, now)

    return _do(appointment_id, act, "screen-title")


@blueprint.post("/<int:appointment_id>/documents/<int:number>/loupe")
def look(appointment_id: int, number: int) -> Response | QuietAnswer:
    """Show the document's page larger or smaller, or another part of it.

    A script tells how (`zoom`, `x`, `y`), a button which step (`how`).
    """
    wanted = _asked_look()

    def act(session: Session, appointment: Appointment, now: datetime) -> bool:
        shown = screen_content(session, appointment, now).page
        if wanted is None or shown is None or shown.number != number:
            return False
        return look_closely(session, appointment, wanted, now)

    answer = _do(appointment_id, act, "screen-title")
    if request.form.get("quiet"):
        return answer
    page = url_for("console.show_pages", appointment_id=appointment_id, number=number)
    return redirect(page, 303)


@blueprint.post("/<int:appointment_id>/lire")
def read_aloud(appointment_id: int) -> Response | QuietAnswer:
    """Have the kiosk read the field, or all, of what is shown, or fall silent."""
    signed_in(Right.FILLING)
    what = _READINGS.get(request.form.get("what", ""), Reading.FIELD)
    if what is not Reading.NONE and not has_voice():
        # Asked again, it has none either: a script does so after 503.
        return _answer(appointment_id, "screen-title", _no_voice(), 409)
    place = request.form.get("place", "")[:PLACE_LENGTH]

    def act(session: Session, appointment: Appointment, now: datetime) -> bool:
        return say(session, appointment, what, now, place)

    return _do(appointment_id, act, "screen-title", Right.FILLING, _nothing_to_read)


def _do(
    appointment_id: int,
    act: Act,
    anchor: str,
    right: Right = Right.CONSOLE,
    why_not: Callable[[ScreenContent], str] = lambda shown: _not_done(),
) -> Response | QuietAnswer:
    """Do it, or say why not, given what the screen shows."""
    viewer = signed_in(right)

    def work(session: Session) -> str:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        now = services().now()
        if act(session, appointment, now):
            return ""
        return why_not(screen_content(session, appointment, now))

    words, status = "", 204
    try:
        if words := in_transaction(services().database, work):
            status = 409
    except DatabaseBusy:
        words, status = busy_words(), 503
    except StoreUnavailable:
        words, status = _no_key(), 503
    return _answer(appointment_id, anchor, words, status)


def _answer(
    appointment_id: int, anchor: str, words: str, status: int
) -> Response | QuietAnswer:
    if request.form.get("quiet"):
        return words, status, PLAIN
    if words:
        flash(words, "warning")
    return back_to_console(appointment_id, anchor, is_done=not words)


def _asked_look() -> Closer | Look | None:
    """Give how the page is to be shown; None for what nobody knows."""
    x, y = _fraction("x"), _fraction("y")
    zoom = request.form.get("zoom", type=float)
    how = request.form.get("how", "")
    if zoom is not None and 1 <= zoom <= STEPS[-1] and x is not None and y is not None:
        return Closer(zoom, x, y)
    return Look(how) if how in set(Look) else None


def _fraction(name: str) -> float | None:
    found = request.form.get(name, type=float)
    return found if found is not None and 0 <= found <= 1 else None


def _not_done() -> str:
    return gettext(
        "Le second écran ne montre rien de cela : il n'y a pas d'appel, ou aucun "
        "formulaire n'est montré."
    )


def _nothing_to_read(shown: ScreenContent) -> str:
    if shown.page is not None:
        return unreadable_words(shown.page.number)
    return gettext(
        "Rien à lire à voix haute : il n'y a pas d'appel, ou ni formulaire ni CV n'est "
        "montré."
    )


def _no_voice() -> str:
    return gettext(
        "Ce serveur n'a pas de voix. Prévenez l'administrateur : il manque les "
        "programmes espeak-ng et opus-tools."
    )


def _no_key() -> str:
    return gettext(
        "Ce serveur n'est pas réglé pour garder des documents : rien ne peut être "
        "écrit au second écran. Prévenez l'administrateur."
    )
