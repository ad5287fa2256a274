# SPDX-License-Identifier: AGPL-3.0-or-later
"""The slip's address: a PDF to print while the resident is still there."""

import re
from functools import cache

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import force_locale, gettext
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from booking_web.base.languages import LANGUAGES, language_or_french
from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.telling import tell
from booking_web.domain.rights.person import Right
from booking_web.shell.pictograms import FALLBACK_PAPER, SPRITE, pictogram_or
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import OVER, AppointmentState
from booking_web.telling.slips.paper import fits_one_page, pages_of, pdf_of
from booking_web.telling.slips.slip import Slip, entry_of, qr_code, slip_of

# Large type first; a long list of papers makes all of it smaller, so that it stays one sheet.
SCALES = (1.2, 1.1, 1.0, 0.88, 0.76, 0.64)

blueprint = Blueprint("slips", __name__, url_prefix="/bureau/rendez-vous")
blueprint.before_request(gate(Right.DESK))


@blueprint.get("/<int:appointment_id>/fiche.pdf")
def show(appointment_id: int) -> AnyResponse:
    """Give the slip of an appointment that is still to come .

    In the language that was chosen for it; `?langue=en`: in English whatever was chosen.
    """
    looking = signed_in(Right.DESK)
    asked_for = request.args.get("langue", "")
    now = services().now()

    def work(session: Session) -> tuple[str, Slip, str] | None:
        appointment = looking.appointment(session, appointment_id)
        if AppointmentState(appointment.state) in OVER:
            return None
        tell(session, Act.SLIP_MADE, appointment, actor=looking.actor, at=now)
        chosen = appointment.language
        language = asked_for if asked_for in LANGUAGES else language_or_french(chosen)
        with force_locale(language):
            code = qr_code(entry_of(appointment), now)
        return language, slip_of(appointment), code

    written = in_transaction(services().database, work)
    if written is not None:
        language, slip, qr = written
        with force_locale(language):
            return _as_pdf(write_slip(slip, qr))
    flash(
        gettext("Ce rendez-vous est passé ou annulé : il n'a plus de fiche."), "warning"
    )
    return redirect(url_for("desk.show"), 303)


def write_slip(slip: Slip, qr: str) -> bytes:
    """Write the slip as PDF, in type as large as one sheet allows."""
    for scale in SCALES:
        page = render_template(
            "slips/slip.html", slip=slip, qr=qr, scale=scale, drawing_of=drawing_of
        )
        document = pages_of(page)
        if fits_one_page(document):
            break
    return pdf_of(document)


def drawing_of(pictogram: str) -> Markup:
    """Give the paths of a pictogram, to be put into an SVG of the page."""
    name = pictogram_or(pictogram, FALLBACK_PAPER)
    return Markup(_drawings().get(name, ""))


@cache
def _drawings() -> dict[str, str]:
    symbol = re.compile(r'<symbol id="([a-z0-9-]+)"[^>]*>(.*?)</symbol>', re.DOTALL)
    return dict(symbol.findall(SPRITE.read_text()))


def _as_pdf(content: bytes) -> Response:
    response = Response(content, mimetype="application/pdf")
    # Without a name: the file may stay on a shared computer.
    response.headers["Content-Disposition"] = 'inline; filename="fiche.pdf"'
    return response
