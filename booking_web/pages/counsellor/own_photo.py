# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor's own photo: shown to whom they speak with, as long as they want it."""

from flask import (
    Blueprint,
    Response,
    abort,
    render_template,
    request,
)
from flask_babel import gettext
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from booking_web.domain.kiosks.pictures import (
    keep_photo,
    own_counsellor,
    photo_content,
    photo_of,
    remove_photo,
)
from booking_web.domain.rights.person import Right
from booking_web.shell.carrying_out import carry_out_and_show
from booking_web.shell.forms.sent_pictures import (
    PictureRefused,
    let_pictures_in,
    sent_photo,
    sent_removal,
    too_large_words,
)
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.words.pictures import not_agreed_words, unclear_name_words
from provisioning.database.models import Counsellor, User

Answer = str | AnyResponse | tuple[str, int]
HOME = "own_photo.show"

blueprint = Blueprint("own_photo", __name__, url_prefix="/ma-photo")
blueprint.before_request(gate(Right.OWN_PHOTO, HOME))
let_pictures_in(blueprint)


@blueprint.get("")
def show() -> str:
    """Show the photo as the second screen does, and what becomes of it."""
    return _page()


@blueprint.post("")
def keep() -> Answer:
    """Keep the photo that is sent, once its owner has agreed."""
    acting, counsellor = signed_in(Right.OWN_PHOTO), _oneself()
    if counsellor is None:
        return _page(unclear_name_words()), 409
    if "agreed" not in request.form:
        return _page(not_agreed_words()), 422
    try:
        sent = sent_photo(acting)
    except PictureRefused as refused:
        return _page(refused.words), refused.status
    return carry_out_and_show(
        lambda session: keep_photo(session, counsellor, sent),
        gettext("Votre photo est enregistrée."),
        HOME,
    )


@blueprint.post("/retirer")
def remove() -> Answer:
    """Take the photo away."""
    removal, counsellor = sent_removal(signed_in(Right.OWN_PHOTO)), _oneself()
    if counsellor is None:
        return _page(unclear_name_words()), 409
    return carry_out_and_show(
        lambda session: remove_photo(session, counsellor, removal),
        gettext("Votre photo est effacée. Plus aucun écran ne la montre."),
        HOME,
    )


@blueprint.get("/<digest>.jpg")
def draw(digest: str) -> Response:
    """Give one's own photo."""
    counsellor = _oneself() or abort(404)
    with services().database.read() as session:
        content = photo_content(session, counsellor.id, digest)
    return Response(content or abort(404), mimetype="image/jpeg")


@blueprint.errorhandler(RequestEntityTooLarge)
def _refuse_large_picture(_error: RequestEntityTooLarge) -> tuple[str, int]:
    return _page(too_large_words()), 413


def _oneself() -> Counsellor | None:
    with services().database.read() as session:
        return own_counsellor(session, session.get_one(User, current_user.id))


def _page(error: str = "") -> str:
    counsellor = _oneself()
    with services().database.read() as session:
        photo = photo_of(session, counsellor.id) if counsellor else ""
    return render_template(
        "counsellor/own_photo.html",
        counsellor=counsellor,
        photo=photo,
        unclear=unclear_name_words() if counsellor is None else "",
        error=error,
        title=gettext("Ma photo"),
    )
