# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the page's script sends: one field as it is typed, and then how the page looks.

The answers are JSON. A field is kept at once; the page is made after a pause in typing, and
only then does the second screen draw it anew.
"""

from http import HTTPStatus

from flask import Response, jsonify, request, url_for
from sqlalchemy.orm import Session

from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.cv.cvs import CvTaken
from booking_web.domain.cv.errors import CvGone
from booking_web.domain.kiosks.second_screen import cv_changed
from booking_web.pages.counsellor.cv.blueprint import blueprint, counsellor, own_cv
from booking_web.pages.counsellor.cv.following import told_since
from booking_web.pages.counsellor.cv.sent import digest, number_sent, plain
from booking_web.pages.counsellor.filling.people import names_of
from booking_web.shell.cv_services import cv_sheet, cvs
from booking_web.shell.paper_maker import paper_trouble
from booking_web.shell.services import services
from booking_web.telling.papers.cv import page_written
from booking_web.telling.papers.paper_maker import PaperError
from booking_web.words.cv import cv_trouble, fit_words

SECTION_LENGTH = 40
# Kept beside the fields of the CV, by a tick on its page.
AGREEMENT = "agree"

Answer = tuple[Response, int]


@blueprint.post("/champ")
def save_key(appointment_id: int) -> Answer:
    """Keep a field as it is typed now."""
    actor = counsellor().actor
    cv = own_cv(appointment_id)
    if number_sent(request.form, "cv") not in (0, cv.id):
        # Erased, and another begun: what was typed into that one is no business of this.
        raise CvGone(str(cv.id))
    key = request.form.get("cle", "")
    value = plain(key, request.form.get("valeur", ""))
    revision = number_sent(request.form, "revision")
    if key == AGREEMENT:
        if taken := cvs().agree(cv.id, value == "1", actor):
            return _held(taken)
        return jsonify(told_since(cv, (), revision)), HTTPStatus.OK
    try:
        saved = cvs().save(cv.id, revision, {key: value}, actor)
    except DatabaseBusy:
        # The page asks again by itself; what was typed stays in it.
        return jsonify({}), HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(saved, CvTaken):
        return _held(saved)
    if refused := (saved.refused or {}).get(key):
        why = {"refused": cv_trouble(refused)}
        return jsonify(why), HTTPStatus.UNPROCESSABLE_ENTITY
    others = [each for each in saved.meanwhile if each != key]
    told = told_since(own_cv(appointment_id), others, saved.revision)
    told["digests"][key] = digest(value)
    return jsonify(told), HTTPStatus.OK


def _held(taken: CvTaken) -> Answer:
    with services().database.read() as session:
        name = names_of(session, [taken.held_by])[taken.held_by]
    return jsonify({"holder": name}), HTTPStatus.CONFLICT


@blueprint.post("/apercu")
def preview(appointment_id: int) -> Answer:
    """Make the page as it is now and say whether it fits.

    Who writes, and so says where (`partie`), has the second screen draw it as well.
    """
    cv = own_cv(appointment_id)
    section = request.form.get("partie", "")[:SECTION_LENGTH]
    try:
        paper = cv_sheet(cv)
    except PaperError as error:
        words = [paper_trouble(error)]
        return jsonify({"words": words, "fits": False}), HTTPStatus.SERVICE_UNAVAILABLE

    def tell_screen(session: Session) -> None:
        cv_changed(session, cv.id, cv.revision, section, services().now())

    if "partie" in request.form:
        in_transaction(services().database, tell_screen)
    words, fits = fit_words(
        cv.content,
        pages=paper.pages,
        size=paper.size,
        beyond=paper.beyond,
        strangers=paper.strangers,
    )
    pictures = [
        url_for("cv.draw", appointment_id=appointment_id, r=cv.revision, page=number)
        for number in range(1, len(paper.pictures) + 1)
    ]
    told = {
        "revision": cv.revision,
        "words": words,
        "fits": fits,
        "pictures": pictures,
        "page": page_written(paper, section),
    }
    return jsonify(told), HTTPStatus.OK
