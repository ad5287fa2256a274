# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the page's script sends and asks: one field as it is typed, and what changed meanwhile.

The answers are JSON. A field is kept first; its picture comes with the answer where it is
drawn in time, and is asked for by itself where it is not.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from flask import Response, abort, jsonify, request
from flask_wtf.csrf import generate_csrf

from booking_web.domain.forms.description import Field, FormDescription, Place
from booking_web.domain.forms.draft_outcomes import OpenDraft, Taken
from booking_web.domain.forms.draft_rows import changed_since
from booking_web.domain.forms.engine import Draft, Shown
from booking_web.domain.forms.errors import ValueRefused
from booking_web.domain.forms.light_picture import media_type
from booking_web.domain.forms.remarks import remarks_on
from booking_web.pages.counsellor.filling.blueprint import (
    blueprint,
    counsellor,
    own_draft,
)
from booking_web.pages.counsellor.filling.sent import field_sent, number_sent, plain
from booking_web.pages.counsellor.filling.view import holder_of
from booking_web.shell.form_services import drafts, drawn, prompt_drawing
from booking_web.shell.services import services
from booking_web.words.form_library import value_sentence
from booking_web.words.forms import remark_sentence

# More places than it is worth to draw one by one: the page is asked for anew.
PLACES_DRAWN = 6

Answer = tuple[Response, int]


@blueprint.post("/<int:draft_id>/champ")
def save_key(appointment_id: int, draft_id: int) -> Answer:
    """Keep a field as it is typed now, and give how it looks on its page."""
    viewer = counsellor()
    before = own_draft(appointment_id, draft_id)
    drawing = drawn(before)
    field, place = field_sent(drawing.description)
    value = plain(request.form.get("valeur", ""))
    revision, begins = number_sent("revision"), request.form.get("debut") == "1"
    try:
        saved = drafts().save_field(
            draft_id, revision, field.key, value, viewer.actor, place.key, begins
        )
    except ValueRefused as error:
        refused = value_sentence(error.reason)
        return jsonify({"refused": refused}), HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(saved, Taken):
        draft = own_draft(appointment_id, draft_id)
        told = _since(draft, drawing.description, revision) | _held(draft)
        return jsonify(told), HTTPStatus.CONFLICT
    values = {**before.values, field.key: value}
    if saved.revision > before.revision + 1:
        # Somebody saved another field just now.
        values = dict(own_draft(appointment_id, draft_id).values)
    others = [each for each in saved.meanwhile if each != field.key]
    told = {
        "revision": saved.revision,
        "meanwhile": _values_of(values, drawing.description, others),
        "replaced": saved.replaced,
        **_looks(replace(drawing, values=values), field, place),
    }
    return jsonify(told), HTTPStatus.OK


@blueprint.get("/<int:draft_id>/etat")
def state(appointment_id: int, draft_id: int) -> Response:
    """Give what changed since a revision that the page has seen, and who fills it in."""
    draft = own_draft(appointment_id, draft_id)
    description = drawn(draft).description
    return jsonify(_since(draft, description, number_sent("revision")) | _held(draft))


@blueprint.get("/<int:draft_id>/jeton")
def renew_token(appointment_id: int, draft_id: int) -> Response:
    """Give a page that was open before its reader signed in again what it sends with."""
    own_draft(appointment_id, draft_id)
    return jsonify({"token": generate_csrf()})


@blueprint.post("/<int:draft_id>/reprendre-la-main")
def take_over(appointment_id: int, draft_id: int) -> Response:
    """Have who asks fill the draft in from now on."""
    own_draft(appointment_id, draft_id)
    drafts().take_over(draft_id, counsellor().actor)
    draft = own_draft(appointment_id, draft_id)
    description = drawn(draft).description
    return jsonify(_since(draft, description, number_sent("revision")) | _held(draft))


@blueprint.post("/<int:draft_id>/laisser")
def let_go(appointment_id: int, draft_id: int) -> tuple[str, int]:
    """Let a colleague go on without asking: the page is left."""
    own_draft(appointment_id, draft_id)
    drafts().let_go(draft_id, counsellor().actor)
    return "", HTTPStatus.NO_CONTENT


@blueprint.get("/<int:draft_id>/lieu")
def draw_place(appointment_id: int, draft_id: int) -> Response:
    """Give how a place looks now, for the page whose picture was late."""
    draft = own_draft(appointment_id, draft_id)
    drawing = drawn(draft)
    field, place = field_sent(drawing.description)
    return jsonify({"revision": draft.revision} | _looks(drawing, field, place))


@blueprint.get("/<int:draft_id>/page/<int:number>")
def draw_page(appointment_id: int, draft_id: int, number: int) -> Response:
    """Give a page as it looks now; 503 where its picture is late."""
    draft = drawn(own_draft(appointment_id, draft_id))
    if not 1 <= number <= len(draft.description.pages):
        abort(404)
    picture = prompt_drawing().page(draft, number)
    if picture is None:
        return Response(status=503, headers={"Retry-After": "1"})
    return Response(picture, mimetype=media_type(picture))


def _looks(drawing: Draft, field: Field, place: Place) -> dict[str, Any]:
    """Give the place's picture and what must be said of the field."""
    shown = prompt_drawing().show(drawing, place.key)
    value = drawing.values.get(field.key, field.value)
    remarks = remarks_on(field, value) if shown is None else shown.remarks
    return {
        "remarks": [remark_sentence(each) for each in remarks],
        "crop": None if shown is None else _crop(drawing.description, shown),
    }


def _crop(description: FormDescription, shown: Shown) -> dict[str, Any]:
    """Give the picture with what part of its page it is, in hundredths."""
    page = description.pages[shown.page - 1]
    part = shown.rectangle
    return {
        "page": shown.page,
        "x": 100 * part.x / page.width,
        "y": 100 * part.y / page.height,
        "width": 100 * part.width / page.width,
        "height": 100 * part.height / page.height,
        "png": base64.b64encode(shown.png).decode(),
    }


def _since(
    draft: OpenDraft, description: FormDescription, revision: int
) -> dict[str, Any]:
    """Give the fields that changed, and pictures of them where they are few."""
    with services().database.read() as session:
        changed = changed_since(session, draft.id, revision)
    fields = {each.key: each for each in description.fields if each.key in changed}
    places = [place for each in fields.values() for place in each.places]
    shown = []
    if len(places) <= PLACES_DRAWN:
        drawing = drawn(draft)
        shown = [prompt_drawing().show(drawing, each.key) for each in places]
    crops = [_crop(description, each) for each in shown if each is not None]
    return {
        "revision": draft.revision,
        "meanwhile": _values_of(draft.values, description, changed),
        "crops": crops,
        "redraw": len(crops) < len(places),
    }


def _held(draft: OpenDraft) -> dict[str, Any]:
    with services().database.read() as session:
        held = holder_of(session, draft, counsellor().actor, services().now())
    return {"isMine": not held.is_another, "holder": held.name}


def _values_of(
    values: Mapping[str, str], description: FormDescription, changed: Iterable[str]
) -> list[dict[str, Any]]:
    """Give the values of fields by the numbers that the page knows them by."""
    keys = set(changed)
    return [
        {"field": number, "value": values.get(each.key, each.value)}
        for number, each in enumerate(description.fields)
        if each.key in keys
    ]
