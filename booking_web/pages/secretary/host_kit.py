# SPDX-License-Identifier: AGPL-3.0-or-later
"""The host's kit: a poster and a leaflet of the relay, made of what the site knows today."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext

from booking_web.base.local_time import local_day
from booking_web.domain.rights.person import Right
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.telling.posters.drawing_style import drawing_style
from booking_web.telling.posters.poster import Poster, poster_of
from booking_web.telling.slips.paper import pages_of, pdf_of
from provisioning.database.models import Relay

# Large type first, as long as it does not fit.
SCALES = (1.25, 1.1, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
# Each by its name in an address: size of the paper, and the sheets' sides.
SIZES = {"affiche": ("A4", 1), "depliant": ("A5", 2)}

blueprint = Blueprint("host_kit", __name__, url_prefix="/bureau/affiches")
blueprint.before_request(gate(Right.DESK))


@blueprint.get("")
def show() -> str:
    """Offer both for each relay of who asks."""
    with services().database.read() as session:
        relays = signed_in(Right.DESK).relays(session)
    return render_template(
        "secretary/host_kit/kit.html",
        relays=relays,
        title=gettext("Affiche et dépliant"),
    )


@blueprint.get("/<kind>.pdf")
def paper(kind: str) -> Response:
    """Give one of them as PDF; another relay's is not found (404)."""
    if kind not in SIZES:
        abort(404)
    with services().database.read() as session:
        relays = signed_in(Right.DESK).relays(session)
        asked = request.args.get("relais")
        relay: Relay | None = next(
            (each for each in relays if asked in (None, each.slug)), None
        )
        if relay is None:
            abort(404)
        today = local_day(services().now(), ZoneInfo(relay.time_zone))
        poster = poster_of(session, relay, today)
        name = f"{kind}-{relay.slug}.pdf"
    response = Response(write_paper(poster, kind), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def write_paper(poster: Poster, kind: str) -> bytes:
    """Write it in type as large as its paper allows."""
    size, sides = SIZES[kind]
    for scale in SCALES:
        page = render_template(
            "posters/poster.html",
            poster=poster,
            size=size,
            scale=scale,
            drawing_style=drawing_style(),
        )
        document = pages_of(page)
        if len(document.pages) <= sides:
            break
    return pdf_of(document)
