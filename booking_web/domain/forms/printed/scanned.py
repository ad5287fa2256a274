# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a scan is that nobody named: how the paper lay, and which forms' pages came back in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import Preset
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import DeviceJob, Document, ScanUpload
from booking_web.tables.forms import FormEdition
from booking_web.tables.printed_forms import PrintedForm, ReturnedKind, ReturnedPage


@dataclass(frozen=True)
class Scanned:
    """How the paper lay, and the forms whose pages it is: title, and which, in order.

    `has_more` tells that it holds something else as well.
    """

    # When it came, and by which clock that is told.
    at: datetime
    zone: ZoneInfo
    preset: Preset = Preset.AUTO
    forms: tuple[tuple[str, tuple[int, ...]], ...] = ()
    has_more: bool = False


def scanned(session: Session, documents: Sequence[Document]) -> dict[int, Scanned]:
    """Tell of each of these documents that is a scan without a name what it is, by its id."""
    unnamed = {
        each.id: each
        for each in documents
        if each.source == Source.SCAN and not each.title and not each.kind
    }
    if not unnamed:
        return {}
    presets = _presets(session, unnamed)
    pages = _pages(session, unnamed)
    found = {}
    for document_id, document in unnamed.items():
        forms = pages.get(document_id, {})
        appointment = session.get_one(Appointment, document.appointment_id)
        found[document_id] = Scanned(
            document.created_at,
            ZoneInfo(appointment.kiosk.relay.time_zone),
            presets.get(document_id, Preset.AUTO),
            tuple((title, tuple(sorted(set(its)))) for title, its in forms.items()),
            sum(map(len, forms.values())) < document.pages,
        )
    return found


def _presets(session: Session, of: dict[int, Document]) -> dict[int, Preset]:
    rows = session.execute(
        select(ScanUpload.document_id, DeviceJob.preset)
        .join(DeviceJob, DeviceJob.uuid == ScanUpload.job)
        .where(ScanUpload.document_id.in_(of))
    )
    return {document: Preset(preset) for document, preset in rows if document}


def _pages(
    session: Session, of: dict[int, Document]
) -> dict[int, dict[str, list[int]]]:
    rows = session.execute(
        select(ReturnedPage, PrintedForm)
        .join(PrintedForm, PrintedForm.id == ReturnedPage.printed_form_id)
        .where(
            ReturnedPage.document_id.in_(of),
            ReturnedPage.kind == ReturnedKind.EXPECTED,
        )
        .options(
            joinedload(PrintedForm.edition)
            .load_only(FormEdition.form_id)
            .joinedload(FormEdition.form),
        )
        .order_by(ReturnedPage.scanned)
    )
    found: dict[int, dict[str, list[int]]] = {}
    for page, printed in rows:
        title = printed.edition.form.title
        found.setdefault(page.document_id, {}).setdefault(title, []).append(page.page)
    return found
