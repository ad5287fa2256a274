# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page by which a counsellor hands the resident in call over."""

from dataclasses import dataclass

from flask import redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.appointments.handing_over.asking import (
    AskedAlready,
    DialledByHand,
    NobodyThere,
    NotTheirCall,
    ask_to_hand_over,
    can_hand_over,
)
from booking_web.domain.appointments.handing_over.going import is_elsewhere
from booking_web.domain.appointments.handing_over.offers import Offers, offers_to
from booking_web.domain.forms.printed.scanned import scanned
from booking_web.domain.kiosks.pictures import own_counsellor
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.handing_over.form import (
    COLLEAGUE,
    ORGANISATION,
    HandoverForm,
)
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.conclusions import NOTE_LENGTH
from booking_web.tables.documents import Document
from booking_web.words.documents import document_title
from booking_web.words.duty import state_words
from provisioning.database.models import Counsellor, User


@dataclass(frozen=True)
class Choice:
    """Whom the page offers; who cannot be chosen now is shown all the same, with the reason."""

    value: str
    name: str
    words: str
    is_possible: bool = True


@dataclass(frozen=True)
class HandoverPage:
    """What the page shows."""

    resident_name: str
    is_possible: bool
    is_known: bool
    colleagues: tuple[Choice, ...]
    organisations: tuple[Choice, ...]
    # Number and title.
    documents: tuple[tuple[int, str], ...]


@blueprint.get("/<int:appointment_id>/passer")
def choose_handover(appointment_id: int) -> str:
    """Offer colleagues and organisations to who has the call."""
    return _page(appointment_id, HandoverForm(formdata=None))


@blueprint.post("/<int:appointment_id>/passer")
def hand_over(appointment_id: int) -> Response | tuple[str, int]:
    """Have the call handed over; it stays with its counsellor until the kiosk is sent."""
    viewer, now = signed_in(Right.RECEIVING), services().now()
    form = HandoverForm()
    # Whether there is such an appointment is asked before anything is said of the form.
    _read(appointment_id)
    if not form.validate():
        return _page(appointment_id, form), 422

    def work(session: Session) -> int | None:
        row = ask_to_hand_over(
            session,
            viewer.appointment(session, appointment_id, to_change=True),
            _telephone(session, viewer),
            form.wanted,
            actor=viewer.actor,
            now=now,
        )
        return row.id if is_elsewhere(row) else None

    done = carry_out(
        work,
        {
            NotTheirCall: _not_theirs,
            DialledByHand: _dialled,
            AskedAlready: _asked_already,
            NobodyThere: _nobody_there,
        },
    )
    if done is not None and done.value is not None:
        page = url_for("console.show_handover", handover_id=done.value)
    else:
        page = url_for("console.show", appointment_id=appointment_id)
    return redirect(page, 303)


def _page(appointment_id: int, form: HandoverForm) -> str:
    page = _read(appointment_id)
    return render_template(
        "counsellor/handing_over/choose.html",
        page=page,
        form=form,
        note_length=NOTE_LENGTH,
        back=url_for("console.show", appointment_id=appointment_id),
        title=gettext("Passer l'appel de %(name)s", name=page.resident_name),
    )


def _read(appointment_id: int) -> HandoverPage:
    viewer, now = signed_in(Right.RECEIVING), services().now()
    with services().database.read() as session:
        appointment = viewer.appointment(session, appointment_id)
        counsellor = _telephone(session, viewer)
        is_possible = can_hand_over(session, appointment, counsellor)
        offers = (
            offers_to(session, counsellor, now)
            if counsellor is not None and is_possible
            else Offers(is_known=True)
        )
        documents = session.scalars(
            select(Document)
            .where(
                Document.appointment_id == appointment_id,
                Document.removed_at.is_(None),
            )
            .order_by(Document.number)
        ).all()
        scans = scanned(session, documents)
        return HandoverPage(
            appointment.name_on_boards,
            is_possible,
            offers.is_known,
            _colleagues(offers),
            _organisations(offers),
            tuple(
                (each.number, document_title(each, scans.get(each.id)))
                for each in documents
                if viewer.reads(each)
            ),
        )


def _telephone(session: Session, viewer: Person) -> Counsellor | None:
    return own_counsellor(session, session.get_one(User, viewer.user_id))


def _colleagues(offers: Offers) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            f"{COLLEAGUE}:{each.slug}",
            each.name,
            state_words(each.state, each.reason, is_in_call=each.is_in_call),
            not each.is_in_call,
        )
        for each in offers.colleagues
    )


def _organisations(offers: Offers) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            f"{ORGANISATION}:{each.slug}",
            each.name,
            gettext(
                "disponibles : %(free)s, en attente : %(waiting)s",
                free=each.available,
                waiting=each.waiting,
            ),
        )
        for each in offers.organisations
    )


def _not_theirs(_error: NotTheirCall) -> str:
    return gettext("Vous n'avez plus cet appel. Rien n'a été fait.")


def _dialled(_error: DialledByHand) -> str:
    return gettext(
        "Vous avez appelé la borne vous-même : cet appel ne peut pas être passé. "
        "Raccrochez, puis rappelez depuis la page du jour."
    )


def _asked_already(_error: AskedAlready) -> str:
    return gettext("Cet appel est déjà en train d'être passé.")


def _nobody_there(_error: NobodyThere) -> str:
    return gettext(
        "Cette personne n'est plus libre, ou son téléphone n'est plus là. L'appel est "
        "toujours à vous."
    )
