# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes a receipt's PDF, a document of the appointment, and its job at the printer."""

import hashlib
from collections.abc import Callable

from flask import render_template
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.own_process import memory_file
from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.archive import Source
from booking_web.domain.receipts.keeping import (
    Kept,
    MadeBefore,
    keep_receipt,
    print_again,
)
from booking_web.shell.archive import archive
from booking_web.shell.paper_maker import paper_maker
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.telling.papers.receipt import SIZES, Receipt
from booking_web.words.dates import short_date


def write_receipt(receipt: Receipt) -> bytes:
    """Write it as PDF: on one sheet at 20 points or more, else on several at 20.

    Raises PaperError.
    """
    page = render_template("papers/receipt.html", receipt=receipt)
    return paper_maker().make(page, SIZES).pdf


def make_receipt(
    may_change: Callable[[Session], Appointment],
    receipt: Receipt,
    actor: str,
    *,
    prints: bool,
) -> Kept:
    """Keep the receipt and print it, once however often it is asked for.

    `may_change` gives the appointment, locked. Raises PaperError, DocumentRefused,
    StoreUnavailable, DatabaseBusy, or OrderRefused where it cannot be printed.
    """
    pdf = write_receipt(receipt)
    sha256 = hashlib.sha256(pdf).hexdigest()

    def again(session: Session) -> tuple[int, Kept | None]:
        appointment = may_change(session)
        now = services().now()
        kept = print_again(session, appointment, sha256, actor, now, prints=prints)
        return appointment.id, kept

    appointment_id, known = in_transaction(services().database, again)
    if known is not None:
        return known
    made: list[Kept] = []

    def then(session: Session, document: Document) -> None:
        now = services().now()
        made[:] = [keep_receipt(session, document, actor, now, prints=prints)]

    title = gettext("Reçu du %(day)s", day=short_date(receipt.day))
    try:
        with memory_file("receipt", pdf) as file:
            archive().add(
                appointment_id,
                file,
                title=title,
                source=Source.MADE,
                actor=actor,
                then=then,
            )
    except MadeBefore:
        # Its twin was quicker.
        return in_transaction(services().database, again)[1] or Kept(0, False)
    return made[0]
