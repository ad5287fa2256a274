# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is missing is asked for again: scanned, or printed, by one key; a scan is read again."""

from flask import flash
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.forms.printed.asked_words import ask_for_pages
from booking_web.domain.forms.printed.claims import read_again
from booking_web.domain.forms.printed.errors import NothingToPrintAgain
from booking_web.domain.forms.printed.overview import standing_of
from booking_web.domain.forms.printed.rows import find_printed, pages_of
from booking_web.domain.forms.printed.standing import Standing
from booking_web.domain.kiosks.orders import NotInCall, TooManyJobs, prepare_job
from booking_web.domain.rights.person import NotVisible, Right
from booking_web.pages.counsellor.actions import call_is_over, too_many
from booking_web.pages.counsellor.returns.blueprint import (
    TROUBLES,
    back_to_console,
    blueprint,
    counsellor_of,
    not_made,
)
from booking_web.pages.counsellor.returns.printing import print_document
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.form_services import printed_forms, read_scans_soon
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.shell.written_words import call_name, seal_words
from booking_web.tables.device_jobs import JobOrder, Operation
from booking_web.tables.documents import Document
from booking_web.tables.printed_forms import PrintedForm
from booking_web.words.returns import part_title, sign_again_words


@blueprint.post("/formulaires-imprimes/<int:printed_id>/reimprimer")
def print_again(appointment_id: int, printed_id: int) -> Response:
    """Print the pages that are missing or not signed, and no others."""
    viewer = counsellor_of(appointment_id)
    try:
        printed, form, standing = _wanted(appointment_id, printed_id)
    except NothingToPrintAgain:
        return back_to_console(appointment_id, _nothing_wanted(), "info")
    title = part_title(form, standing.wanted)
    try:
        number = printed_forms().keep_part(
            printed, appointment_id, standing.wanted, title, viewer.actor
        )
    except TROUBLES as error:
        return back_to_console(appointment_id, not_made(error), "warning")
    print_document(appointment_id, number)
    return back_to_console(appointment_id)


@blueprint.post("/formulaires-imprimes/<int:printed_id>/renumeriser")
def scan_again(appointment_id: int, printed_id: int) -> Response:
    """Have the scanner take what is missing, and the second screen say what to do."""
    counsellor_of(appointment_id)
    try:
        _, _, standing = _wanted(appointment_id, printed_id)
    except NothingToPrintAgain:
        return back_to_console(appointment_id, _nothing_wanted(), "info")
    viewer = signed_in(Right.FILLING)
    words = sign_again_words(standing)

    def work(session: Session) -> bool:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        now = services().now()
        order = JobOrder(operation=Operation.SCAN)
        prepare_job(session, appointment, order, viewer.actor, now)
        sealed = seal_words(words, call_name(appointment))
        printed = find_printed(session, appointment_id, printed_id)
        return ask_for_pages(
            session, appointment, printed, standing, sealed, viewer.actor, now
        )

    done = carry_out(work, {NotInCall: call_is_over, TooManyJobs: too_many})
    if done is not None:
        page = standing.wanted[0] if done.value else None
        flash(_asked_words(words, page), "success")
    return back_to_console(appointment_id)


@blueprint.post("/documents/<int:number>/relire")
def read_scan_again(appointment_id: int, number: int) -> Response:
    """Have a scan looked through again."""
    viewer = counsellor_of(appointment_id)

    def work(session: Session) -> None:
        viewer.appointment(session, appointment_id, to_change=True)
        document = session.scalar(
            select(Document).where(
                Document.appointment_id == appointment_id,
                Document.number == number,
                Document.removed_at.is_(None),
            )
        )
        if document is None or not viewer.knows(document):
            raise NotVisible
        read_again(session, document)

    carry_out(work)
    read_scans_soon(appointment_id)
    return back_to_console(appointment_id)


def _wanted(appointment_id: int, printed_id: int) -> tuple[PrintedForm, str, Standing]:
    """Give a printed form, its title, and how it stands; raises NothingToPrintAgain."""
    with services().database.read() as session:
        printed = find_printed(session, appointment_id, printed_id)
        form = printed.edition.form.title
        standing = standing_of(printed, pages_of(session, [printed]))
    if not standing.wanted:
        raise NothingToPrintAgain(str(printed_id))
    return printed, form, standing


def _asked_words(words: str, page: int | None) -> str:
    """Say what the second screen asks for, and which page it shows."""
    if page is None:
        return gettext(
            "Le scanner attend. Le second écran affiche : « %(words)s » Ces mots "
            "s'effacent dès que c'est revenu.",
            words=words,
        )
    return gettext(
        "Le scanner attend. Le second écran montre la page %(page)s et dit : "
        "« %(words)s » Cela s'efface dès que c'est revenu.",
        page=page,
        words=words,
    )


def _nothing_wanted() -> str:
    return gettext("Il ne manque plus rien : rien n'a été demandé.")
