# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page on which a CV is written; saved as a whole where no script saves each key."""

from collections.abc import Mapping, Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.base.row_numbers import row_number
from booking_web.domain.cv.content import CvContent
from booking_web.domain.cv.cvs import CvSaved, CvTaken, OpenCv
from booking_web.pages.counsellor.cv import pressed
from booking_web.pages.counsellor.cv.blueprint import (
    blueprint,
    counsellor,
    held_words,
    own_appointment,
    own_cv,
)
from booking_web.pages.counsellor.cv.sent import changed_fields, number_sent
from booking_web.pages.counsellor.cv.view import NotKept, cv_view, shown_words
from booking_web.shell.cv_services import cv_sheet, cvs
from booking_web.shell.paper_maker import paper_trouble
from booking_web.shell.services import begin_page, last_change, services
from booking_web.telling.papers.paper_maker import PaperError
from booking_web.words.cv import cv_trouble, field_words, fit_words
from booking_web.words.cv_phrases import TRADES


@blueprint.get("")
def show(appointment_id: int) -> str:
    """Show the CV as it is written so far, or how it can be begun."""
    return _page(appointment_id)


@blueprint.post("/commencer")
def begin(appointment_id: int) -> Response:
    """Begin the appointment's CV; pressed twice, it is one."""
    with services().database.read() as session:
        own_appointment(session, appointment_id)
    cvs().begin(appointment_id, counsellor().actor)
    return redirect(url_for("cv.show", appointment_id=appointment_id), 303)


@blueprint.post("/continuer")
def resume(appointment_id: int) -> Response:
    """Go on with one that the resident had kept."""
    with services().database.read() as session:
        own_appointment(session, appointment_id)
    cv_id = number_sent(request.form, "cv")
    if taken := cvs().resume(cv_id, appointment_id, counsellor().actor):
        flash(held_words(taken), "warning")
    return redirect(url_for("cv.show", appointment_id=appointment_id), 303)


@blueprint.post("")
def save(appointment_id: int) -> Response | tuple[str, int]:
    """Keep what was changed in the whole form, then do what was pressed."""
    viewer = counsellor()
    cv = own_cv(appointment_id)
    act = request.form.get("act", "save")
    if act == "take":
        cvs().take_over(cv.id, viewer.actor)
    sent = changed_fields(request.form)
    saved = cvs().save(cv.id, number_sent(request.form, "revision"), sent, viewer.actor)
    if isinstance(saved, CvTaken):
        return _page(appointment_id, _not_kept(cv.content, sent)), 409
    if "has_agree" in request.form and cv.has_resident:
        cvs().agree(cv.id, request.form.get("agree") == "1", viewer.actor)
    if left := _refused(cv.content, saved, sent):
        return _page(appointment_id, left), 422
    return pressed.do(appointment_id, own_cv(appointment_id), act)


@blueprint.get("/page.png")
def draw(appointment_id: int) -> Response:
    """Give the picture of a page that the CV becomes; 503 where it is not made."""
    try:
        paper = cv_sheet(own_cv(appointment_id))
    except PaperError:
        return Response(status=503, headers={"Retry-After": "1"})
    number = request.args.get("page", 1, type=row_number)
    if not 1 <= number <= len(paper.pictures):
        abort(404)
    return Response(
        paper.pictures[number - 1],
        mimetype="image/png",
        headers={"Cache-Control": "no-store"},
    )


def _page(appointment_id: int, not_kept: Sequence[NotKept] = ()) -> str:
    begin_page()
    with services().database.read() as session:
        own_appointment(session, appointment_id)
    cv = cvs().read(appointment_id)
    actor, now = counsellor().actor, services().now()
    with services().database.read() as session:
        view = cv_view(session, appointment_id, cv, actor, now)
    words, fits, pages = _fit(cv) if cv and request.args.get("relu") else ([], True, 1)
    return render_template(
        "counsellor/cv/page.html",
        view=view,
        cv=cv,
        not_kept=not_kept,
        words=words,
        fits=fits,
        pages=pages,
        **shown_words(),
        trades=TRADES,
        last_event=last_change(),
        new_entry=request.args.get("vers", ""),
        title=gettext("Le CV de %(name)s", name=view.resident),
    )


def _fit(cv: OpenCv) -> tuple[list[str], bool, int]:
    try:
        paper = cv_sheet(cv)
    except PaperError as error:
        return [paper_trouble(error)], False, 1
    words, fits = fit_words(
        cv.content,
        pages=paper.pages,
        size=paper.size,
        beyond=paper.beyond,
        strangers=paper.strangers,
    )
    return words, fits, len(paper.pictures)


def _not_kept(content: CvContent, sent: Mapping[str, str]) -> list[NotKept]:
    return [NotKept(field_words(content, key), value) for key, value in sent.items()]


def _refused(
    content: CvContent, saved: CvSaved, sent: Mapping[str, str]
) -> list[NotKept]:
    return [
        NotKept(field_words(content, key), sent[key], cv_trouble(error))
        for key, error in (saved.refused or {}).items()
    ]
