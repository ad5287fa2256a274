# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes a PDF of ours a document of the appointment, and its job at the printer, once."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.own_process import memory_file
from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.documents.errors import DocumentRefused
from booking_web.domain.kiosks.orders import TooManyJobs
from booking_web.domain.made_papers.keeping import (
    Kept,
    MadeBefore,
    Printing,
    keep_made,
    print_again,
)
from booking_web.pages.counsellor.pages import refusal_words
from booking_web.shell.archive import archive
from booking_web.shell.carrying_out import busy_words
from booking_web.shell.paper_maker import paper_trouble
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.telling.papers.paper_maker import PaperError

# What may keep a paper from being made; each has its sentence in `made_trouble`.
MAKING_TROUBLES = (PaperError, DatabaseBusy, DocumentRefused, TooManyJobs)


def make_document(
    may_change: Callable[[Session], Appointment],
    pdf: bytes,
    title: str,
    act: Act,
    printing: Printing,
    note: Callable[[Session, Document], None] = lambda session, document: None,
) -> Kept:
    """Keep the PDF and print it, once however often it is asked for.

    `may_change` gives the appointment, locked; `note` runs in the transaction that adds a
    new one. Raises one of MAKING_TROUBLES or StoreUnavailable.
    """
    sha256 = hashlib.sha256(pdf).hexdigest()

    def again(session: Session) -> tuple[int, Kept | None]:
        appointment = may_change(session)
        now = replace(printing, now=services().now())
        return appointment.id, print_again(session, appointment, sha256, now)

    appointment_id, known = in_transaction(services().database, again)
    if known is not None:
        return known
    made: list[Kept] = []

    def then(session: Session, document: Document) -> None:
        made[:] = [keep_made(session, document, act, printing)]
        note(session, document)

    try:
        _add(appointment_id, pdf, title, printing.actor, then)
    except MadeBefore:
        # Its twin was quicker.
        twin = in_transaction(services().database, again)[1]
        if twin is not None:
            return twin
        raise DatabaseBusy from None
    return made[0]


def _add(
    appointment_id: int,
    pdf: bytes,
    title: str,
    actor: str,
    then: Callable[[Session, Document], None],
) -> None:
    with memory_file("paper", pdf) as file:
        archive().add(
            appointment_id,
            file,
            title=title,
            source=Source.MADE,
            actor=actor,
            then=then,
        )


def made_trouble(error: Exception) -> str:
    """Say why a paper was not made and what to do; `error` is one of MAKING_TROUBLES."""
    if isinstance(error, PaperError):
        return paper_trouble(error)
    if isinstance(error, DocumentRefused):
        return refusal_words(error.reason)
    if isinstance(error, TooManyJobs):
        return gettext(
            "Trop d'opérations sont en attente : attendez qu'elles soient faites, "
            "ou annulez-les."
        )
    return busy_words()
