# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pictures of a scene: an organisation's mark, a counsellor's photo, while it shows them."""

from flask import Blueprint, Response, abort

from booking_web.domain.kiosks.pictures import mark_content, photo_content
from booking_web.pages.kiosk.screen import read_screen
from booking_web.shell.services import services
from booking_web.shell.sign_in.kiosk_enrolment import known_kiosk

blueprint = Blueprint("kiosk_pictures", __name__, url_prefix="/borne")


@blueprint.get("/marque/<digest>.png")
def show_mark(digest: str) -> Response:
    """Give the mark that the screen shows now; no other."""
    screen = read_screen(known_kiosk(), services().now())
    shown = screen.next.organisation_id if screen.next else screen.organisation_id
    if shown is None or screen.mark is None or screen.mark.digest != digest:
        abort(404)
    with services().database.read() as session:
        content = mark_content(session, shown, digest)
    return Response(content or abort(404), mimetype="image/png")


@blueprint.get("/photo/<digest>.jpg")
def show_photo(digest: str) -> Response:
    """Give the photo of the counsellor who is in call here now; no other."""
    screen = read_screen(known_kiosk(), services().now())
    if screen.counsellor_id is None or screen.photo != digest:
        abort(404)
    with services().database.read() as session:
        content = photo_content(session, screen.counsellor_id, digest)
    return Response(content or abort(404), mimetype="image/jpeg")
