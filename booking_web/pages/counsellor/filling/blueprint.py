# SPDX-License-Identifier: AGPL-3.0-or-later
"""The door of the drafts: whose they are, and what is said where one is gone."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.forms.draft_outcomes import OpenDraft
from booking_web.domain.forms.draft_rows import drafts_of
from booking_web.domain.forms.errors import DraftGone, FormError
from booking_web.domain.rights.person import Person, Right
from booking_web.shell.form_services import drafts
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.tables.appointment import Appointment
from booking_web.words.drafts import TROUBLES, draft_trouble
from provisioning.database.models import Kiosk

# What scripts put into a page that is open: a sign-in has no place there.
PARTS_OF_A_PAGE = (
    "filling.changes",
    "filling.state",
    "filling.renew_token",
    "filling.draw_page",
    "filling.draw_place",
)

blueprint = Blueprint(
    "filling", __name__, url_prefix="/rendez-vous/<int:appointment_id>/brouillons"
)


@blueprint.before_request
def _refuse_late_keys() -> None:
    """Tell a page whose sign-in has ended so: its fields are sent by its script."""
    if request.method != "GET" and not current_user.is_authenticated:
        abort(401)


blueprint.before_request(gate(Right.FILLING, parts=PARTS_OF_A_PAGE))


def own_appointment(session: Session, appointment_id: int) -> Appointment:
    """Give the appointment, with its place; raises NotVisible."""
    return counsellor().appointment(
        session,
        appointment_id,
        joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
        joinedload(Appointment.organisation),
    )


def own_draft(appointment_id: int, draft_id: int) -> OpenDraft:
    """Give a draft of an appointment that the person sees.

    Raises NotVisible, or DraftGone where it is not in that appointment any more.
    """
    with services().database.read() as session:
        counsellor().appointment(session, appointment_id)
        is_theirs = draft_id in {each.id for each in drafts_of(session, appointment_id)}
    draft = drafts().read(draft_id)
    if draft.appointment_id != appointment_id or not is_theirs:
        # Also one of the organisation that handed the appointment over.
        raise DraftGone(str(draft_id))
    return draft


def counsellor() -> Person:
    """Give the signed-in person, who may fill in forms."""
    return signed_in(Right.FILLING)


@blueprint.errorhandler(FormError)
def _tell_trouble(error: FormError) -> tuple[str, int]:
    if type(error) not in TROUBLES:
        raise error
    return trouble_page(draft_trouble(error))


def trouble_page(words: str) -> tuple[str, int]:
    """Give a page that says what is wrong and leads back to the appointment."""
    page = render_template(
        "counsellor/filling/gone.html",
        title=gettext("Ce brouillon ne peut pas être rempli"),
        words=words,
        back=url_for("console.show", **(request.view_args or {})),
    )
    return page, 404
