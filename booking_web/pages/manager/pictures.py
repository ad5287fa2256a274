# SPDX-License-Identifier: AGPL-3.0-or-later
"""The manager's page of the organisation's mark and its counsellors' photos."""

from flask import (
    Blueprint,
    Response,
    abort,
    render_template,
    request,
)
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from booking_web.domain.kiosks.pictures import (
    keep_mark,
    keep_photo,
    mark_content,
    mark_of,
    photo_content,
    photo_of,
    remove_mark,
    remove_photo,
)
from booking_web.domain.rights.person import Right
from booking_web.shell.carrying_out import carry_out_and_show
from booking_web.shell.forms.sent_pictures import (
    PictureRefused,
    let_pictures_in,
    sent_mark,
    sent_photo,
    sent_removal,
    too_large_words,
)
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.words.pictures import not_agreed_words
from provisioning.database.models import Counsellor

Answer = str | AnyResponse | tuple[str, int]
HOME = "pictures.show"

blueprint = Blueprint("pictures", __name__, url_prefix="/organisme/images")
blueprint.before_request(gate(Right.PICTURES, HOME))
let_pictures_in(blueprint)


@blueprint.get("")
def show() -> str:
    """Show the mark and the photos as the second screen does."""
    return _page()


@blueprint.post("/marque")
def keep() -> Answer:
    """Keep the mark that is sent, in the place of the one before."""
    acting = signed_in(Right.PICTURES)
    try:
        sent = sent_mark(acting)
    except PictureRefused as refused:
        return _page("mark", refused.words), refused.status
    return carry_out_and_show(
        lambda session: keep_mark(session, acting.own_organisation_id, sent),
        gettext("Le logo est enregistré. Les écrans le montrent dès maintenant."),
        HOME,
    )


@blueprint.post("/marque/retirer")
def remove() -> Answer:
    """Take the mark away."""
    acting = signed_in(Right.PICTURES)
    removal = sent_removal(acting)
    return carry_out_and_show(
        lambda session: remove_mark(session, acting.own_organisation_id, removal),
        gettext("Le logo est retiré. Les lettres de votre organisme le remplacent."),
        HOME,
    )


@blueprint.post("/photo/<int:counsellor_id>")
def keep_one_photo(counsellor_id: int) -> Answer:
    """Keep the photo of a counsellor who agreed to it."""
    acting = signed_in(Right.PICTURES)
    counsellor = _counsellor(counsellor_id)
    where = f"photo-{counsellor.id}"
    if "agreed" not in request.form:
        return _page(where, not_agreed_words()), 422
    try:
        sent = sent_photo(acting)
    except PictureRefused as refused:
        return _page(where, refused.words), refused.status
    return carry_out_and_show(
        lambda session: keep_photo(session, counsellor, sent),
        gettext("La photo de %(name)s est enregistrée.", name=counsellor.name),
        HOME,
    )


@blueprint.post("/photo/<int:counsellor_id>/retirer")
def remove_one_photo(counsellor_id: int) -> Answer:
    """Take a counsellor's photo away."""
    acting = signed_in(Right.PICTURES)
    counsellor, removal = _counsellor(counsellor_id), sent_removal(acting)
    return carry_out_and_show(
        lambda session: remove_photo(session, counsellor, removal),
        gettext(
            "La photo de %(name)s est effacée. Plus aucun écran ne la montre.",
            name=counsellor.name,
        ),
        HOME,
    )


@blueprint.get("/marque/<digest>.png")
def show_mark(digest: str) -> Response:
    """Give the organisation's mark."""
    organisation_id = signed_in(Right.PICTURES).own_organisation_id
    with services().database.read() as session:
        content = mark_content(session, organisation_id, digest)
    return Response(content or abort(404), mimetype="image/png")


@blueprint.get("/photo/<int:counsellor_id>/<digest>.jpg")
def show_photo(counsellor_id: int, digest: str) -> Response:
    """Give the photo of one of the organisation's counsellors."""
    counsellor = _counsellor(counsellor_id)
    with services().database.read() as session:
        content = photo_content(session, counsellor.id, digest)
    return Response(content or abort(404), mimetype="image/jpeg")


@blueprint.errorhandler(RequestEntityTooLarge)
def _refuse_large_picture(_error: RequestEntityTooLarge) -> tuple[str, int]:
    counsellor_id = (request.view_args or {}).get("counsellor_id")
    where = f"photo-{counsellor_id}" if counsellor_id else "mark"
    return _page(where, too_large_words()), 413


def _counsellor(counsellor_id: int) -> Counsellor:
    with services().database.read() as session:
        return signed_in(Right.PICTURES).counsellor(session, counsellor_id)


def _page(error_at: str = "", error: str = "") -> str:
    acting = signed_in(Right.PICTURES)
    with services().database.read() as session:
        organisation = acting.organisation(session)
        query = select(Counsellor).where(Counsellor.organisation_id == organisation.id)
        counsellors = session.scalars(query.order_by(Counsellor.name)).all()
        return render_template(
            "manager/pictures.html",
            organisation=organisation,
            mark=mark_of(session, organisation.id),
            photos=[(each, photo_of(session, each.id)) for each in counsellors],
            error_at=error_at,
            error=error,
            title=gettext("Logo et photos"),
        )
