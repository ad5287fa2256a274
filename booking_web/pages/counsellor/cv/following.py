# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an open page of a CV asks for: what changed meanwhile, here or at a colleague's."""

from collections.abc import Iterable
from typing import Any

from flask import Response, jsonify, request
from flask_wtf.csrf import generate_csrf

from booking_web.domain.cv.cv_rows import STRUCTURE, changed_since
from booking_web.domain.cv.cvs import OpenCv
from booking_web.pages.counsellor.cv.blueprint import blueprint, counsellor, own_cv
from booking_web.pages.counsellor.cv.sent import digest, number_sent
from booking_web.pages.counsellor.cv.view import cv_view, shown_words
from booking_web.pages.counsellor.filling.people import names_of
from booking_web.shell.cv_services import cvs
from booking_web.shell.live_parts import PageUpdate
from booking_web.shell.services import services

# By the name of the part; a name is an id of the page.
TEMPLATES = {
    "holder": "_holder",
    "reading": "_reading",
    "asked": "_asked",
    "target": "_targets",
    "page-acts": "_acts",
}


@blueprint.get("/changements")
def changes(appointment_id: int) -> Response:
    """Give the parts of an open page that it does not show so."""
    cv = own_cv(appointment_id)
    update = PageUpdate()
    with services().database.read() as session:
        actor, now = counsellor().actor, services().now()
        view = cv_view(session, appointment_id, cv, actor, now)
    for name, facts in view.parts.items():
        template = f"counsellor/cv/{TEMPLATES[name]}.html"
        shown = shown_words() | {"view": view, "cv": cv, "new_entry": ""}
        update.part(name, facts, template, **shown)
    return update.response()


@blueprint.get("/etat")
def state(appointment_id: int) -> Response:
    """Give what changed since a revision that the page has seen, and who writes."""
    return jsonify(_state(own_cv(appointment_id)))


@blueprint.get("/jeton")
def renew_token(appointment_id: int) -> Response:
    """Give a page that was open before its reader signed in again what it sends with."""
    own_cv(appointment_id)
    return jsonify({"token": generate_csrf()})


@blueprint.post("/reprendre-la-main")
def take_over(appointment_id: int) -> Response:
    """Have who asks write the CV from now on."""
    cvs().take_over(own_cv(appointment_id).id, counsellor().actor)
    return jsonify(_state(own_cv(appointment_id)))


def told_since(cv: OpenCv, changed: Iterable[str], revision: int) -> dict[str, Any]:
    """Give the fields that changed, with what tells later that the page showed them so.

    `revision` is the one by which the page has seen everything.
    """
    fields = cv.content.fields()
    meanwhile = {each: fields[each] for each in changed if each in fields}
    return {
        "cv": cv.id,
        "revision": revision,
        "meanwhile": meanwhile,
        "digests": {key: digest(value) for key, value in meanwhile.items()},
    }


def _state(cv: OpenCv) -> dict[str, Any]:
    actor = counsellor().actor
    revision = number_sent(request.values, "revision")
    with services().database.read() as session:
        changed = changed_since(session, cv.id, revision)
        names = names_of(session, [cv.held_by])
    fields = [each for each in changed if each != STRUCTURE]
    held = {
        "isMine": cv.held_by in ("", actor),
        "holder": names[cv.held_by] if cv.held_by else "",
    }
    return told_since(cv, fields, cv.revision) | held
