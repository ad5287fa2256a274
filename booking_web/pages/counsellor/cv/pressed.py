# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the buttons of the CV's page do, once its fields are kept."""

from functools import partial

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.cv.content import Section
from booking_web.domain.cv.cvs import CvTaken, OpenCv
from booking_web.domain.cv.errors import CvError, UnknownCvField
from booking_web.domain.kiosks.second_screen import show_cv, show_page
from booking_web.domain.made_papers.keeping import Kept, Printing
from booking_web.pages.counsellor.cv.blueprint import counsellor, may_change
from booking_web.pages.counsellor.cv.sent import RESTRUCTURING, restructured
from booking_web.pages.counsellor.made_document import (
    MAKING_TROUBLES,
    made_trouble,
    make_document,
)
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.cv_services import cv_sheet, cvs
from booking_web.shell.services import services
from booking_web.tables.journal_acts import Act
from booking_web.words.cv import cv_trouble
from booking_web.words.cv_phrases import phrase


def do(appointment_id: int, cv: OpenCv, act: str) -> Response:
    """Do what was pressed, and lead to where it shows."""
    name, _, rest = act.partition(":")
    if name in RESTRUCTURING:
        return _restructure(appointment_id, cv, act)
    if name == "phrase":
        return _put_phrase(appointment_id, cv, rest)
    if name in ("print", "keep"):
        return _make(appointment_id, cv, prints=name == "print")
    if name in ("show", "hide"):
        return _show(appointment_id, cv, is_shown=name == "show")
    if name == "send":
        return redirect(url_for("cv.ask_to_send", appointment_id=appointment_id), 303)
    if name == "save":
        flash(gettext("Tout est enregistré."), "success")
    return _back(appointment_id)


def make_cv_document(appointment_id: int, cv: OpenCv, *, prints: bool) -> Kept | str:
    """Make the CV a document; give why not, in a sentence, where it was not made."""
    printing = Printing(
        counsellor().actor, services().now(), is_wanted=prints, colour=True
    )
    try:
        pdf = cv_sheet(cv).pdf
        change = partial(may_change, appointment_id)
        return make_document(change, pdf, gettext("CV"), Act.CV_MADE, printing)
    except MAKING_TROUBLES as error:
        return made_trouble(error)


def _restructure(appointment_id: int, cv: OpenCv, act: str) -> Response:
    try:
        content = cvs().restructure(
            cv.id, lambda before: restructured(before, act), counsellor().actor
        )
    except CvError as error:
        flash(cv_trouble(error), "warning")
        return _back(appointment_id)
    name, _, rest = act.partition(":")
    if isinstance(content, CvTaken) or name == "back":
        return _back(appointment_id)
    section_name, _, digits = rest.partition(":")
    if name == "add":
        empty = [e for e in content.of(Section(section_name)) if e.is_empty]
        digits = str(empty[0].number) if empty else ""
    entry = f"{section_name}-{digits}"
    if name == "remove":
        flash(gettext("C'est retiré. « Remettre » annule."), "info")
        return _back(appointment_id, anchor=section_name)
    # Its first field is focused: an address that names a place would take the focus there.
    return _back(appointment_id, vers=entry)


def _put_phrase(appointment_id: int, cv: OpenCv, number: str) -> Response:
    at = whole_or_none(number)
    words = None if at is None else phrase(at)
    target = request.form.get("target", "")
    known = cv.content.fields()
    if words is None or target not in known:
        raise UnknownCvField
    value = "\n".join(each for each in (known[target].rstrip(), words) if each)
    saved = cvs().save(cv.id, cv.revision, {target: value}, counsellor().actor)
    if not isinstance(saved, CvTaken) and saved.refused:
        flash(cv_trouble(saved.refused[target]), "warning")
    return _back(appointment_id, anchor=target.replace(".", "-"))


def _make(appointment_id: int, cv: OpenCv, *, prints: bool) -> Response:
    made = make_cv_document(appointment_id, cv, prints=prints)
    if isinstance(made, str):
        flash(made, "warning")
        return _back(appointment_id)
    services().doorbell.ring()
    if made.is_printing:
        words = gettext(
            "Le CV s'imprime à la borne. C'est le document %(number)s.",
            number=made.number,
        )
    else:
        words = gettext(
            "Le CV est gardé : c'est le document %(number)s. Il n'est pas imprimé.",
            number=made.number,
        )
    flash(words, "success")
    return _back(appointment_id)


def _show(appointment_id: int, cv: OpenCv, *, is_shown: bool) -> Response:
    viewer = counsellor()

    def work(session: Session) -> bool:
        appointment = may_change(appointment_id, session)
        now = services().now()
        if is_shown:
            return show_cv(session, appointment, cv.id, cv.revision, viewer, now)
        show_page(session, appointment, None, 1, viewer.actor, now)
        return True

    done = carry_out(work)
    if done is not None and not done.value:
        flash(
            gettext("L'appel est terminé : le second écran n'a rien montré."), "warning"
        )
    return _back(appointment_id)


def _back(appointment_id: int, *, anchor: str = "", vers: str = "") -> Response:
    address = url_for(
        "cv.show",
        appointment_id=appointment_id,
        relu=1,
        vers=vers or None,
        _anchor=anchor or None,
    )
    return redirect(address, 303)
