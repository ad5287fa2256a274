# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which tables hold something of a resident, and how each hangs on that resident. Data only.

A test walks over every table of the schema: one that leads to a resident or an appointment is
in `PARTS`, or in `NOT_GIVEN` with its reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from booking_web.tables.appointment import (
    Appointment,
    JournalEntry,
    Period,
    Resident,
)
from booking_web.tables.arrangements import Arrangement, DocumentOriginal
from booking_web.tables.conclusions import Conclusion, FollowUp, SettledCall
from booking_web.tables.consents import Consent
from booking_web.tables.cv import Cv, CvChange
from booking_web.tables.document_mails import DocumentMail
from booking_web.tables.documents import DeviceJob, Document, ScanUpload
from booking_web.tables.forms import Draft, DraftChange
from booking_web.tables.guests import Guest
from booking_web.tables.handovers import Handover, HandoverDocument
from booking_web.tables.interpreters import InterpreterCall
from booking_web.tables.mandates import Mandate
from booking_web.tables.messages import Message, ReminderCall
from booking_web.tables.postal_address import AppointmentAddress
from booking_web.tables.printed_forms import (
    PrintedForm,
    PrintedPart,
    ReturnedPage,
    ScanReading,
)
from booking_web.tables.receipts import Receipt
from booking_web.tables.restrictions import Restriction
from booking_web.tables.statistics import AppointmentFigures
from booking_web.tables.waiting import WaitingEntry
from booking_web.tables.webhooks import WebhookEvent
from provisioning.database.engine import Base


@dataclass(frozen=True)
class Part:
    """A table, and its columns that lead to rows of a table named before it."""

    table: type[Base]
    # Column -> the table that it leads to; one of them is enough.
    by: Mapping[str, str]

    @property
    def name(self) -> str:
        """Name the table as the export does."""
        return str(self.table.__tablename__)


_OF_APPOINTMENT = {"appointment_id": "appointment"}
_OF_DOCUMENT = {"document_id": "document"}

# Each after those that it leads to.
PARTS: tuple[Part, ...] = (
    Part(Resident, {"id": "resident"}),
    Part(Restriction, {"resident_id": "resident"}),
    Part(Appointment, {"resident_id": "resident"}),
    Part(AppointmentAddress, _OF_APPOINTMENT),
    Part(WaitingEntry, {"resident_id": "resident"}),
    Part(Period, _OF_APPOINTMENT),
    Part(Consent, _OF_APPOINTMENT),
    Part(Conclusion, _OF_APPOINTMENT),
    Part(FollowUp, {"appointment_id": "appointment", "next_id": "appointment"}),
    Part(SettledCall, _OF_APPOINTMENT),
    Part(Handover, _OF_APPOINTMENT),
    Part(Guest, _OF_APPOINTMENT),
    Part(InterpreterCall, _OF_APPOINTMENT),
    Part(Message, _OF_APPOINTMENT),
    Part(ReminderCall, _OF_APPOINTMENT),
    Part(WebhookEvent, _OF_APPOINTMENT),
    Part(DeviceJob, _OF_APPOINTMENT),
    Part(Document, _OF_APPOINTMENT),
    Part(Mandate, {"resident_id": "resident", "appointment_id": "appointment"}),
    Part(ScanUpload, _OF_APPOINTMENT),
    Part(DocumentMail, _OF_DOCUMENT),
    Part(DocumentOriginal, _OF_DOCUMENT),
    Part(Arrangement, _OF_DOCUMENT),
    Part(Receipt, _OF_DOCUMENT),
    Part(HandoverDocument, _OF_DOCUMENT),
    Part(Draft, {"resident_id": "resident", "appointment_id": "appointment"}),
    Part(DraftChange, {"draft_id": "draft"}),
    Part(PrintedForm, _OF_APPOINTMENT),
    Part(PrintedPart, {"printed_form_id": "printed_form"}),
    Part(ScanReading, _OF_DOCUMENT),
    Part(ReturnedPage, _OF_DOCUMENT),
    Part(Cv, {"resident_id": "resident", "appointment_id": "appointment"}),
    Part(CvChange, {"cv_id": "cv"}),
    Part(AppointmentFigures, _OF_APPOINTMENT),
    Part(JournalEntry, {"resident_id": "resident", "appointment_id": "appointment"}),
)

# Table -> why its rows are not given.
NOT_GIVEN: Mapping[str, str] = {
    "kiosk_slot": "that the kiosk is taken at the hour that the appointment tells",
    "counter_slot": "that the counter is taken at the hour that the appointment tells",
    "consent_reading": "that a kiosk is to read a text aloud; gone after a day",
    "code_to_play": "a key pressed in a call, for a device; what it did is in device_job",
    "live_event": "that an open page is to look again; gone after two days",
    "kiosk_screen": "what a screen shows now; emptied with the call",
    "kiosk_wipe": "how a kiosk stands after its last call; no fact about who sat there",
}

# Column -> why it is not given; `table.column` where it is of one table alone.
LEFT_OUT: Mapping[str, str] = {
    "submission": "a form's token",
    "appointment.nonce": "by it a kiosk proves itself",
    "appointment.call": "Asterisk's name of a channel",
    "handover.call": "Asterisk's name of a channel",
    "guest.nonce": "half of a secret",
    "guest.token_digest": "of a secret",
    "guest.cookie_digest": "of a secret",
    "draft.sealed_values": "given as values, opened",
    "cv.sealed_content": "given as content, opened",
    "resident.search_key": "the words of the name, for the search",
    "journal.origin": "the network address of an employee",
    "journal.seal": "proves the line, says nothing",
}
# What an employee did is told by the employee's office: who it was is the employee's
# (Court of Justice of the European Union, C-579/21).
ACTORS = frozenset(
    {
        *("actor", "created_by", "changed_by", "held_by", "noted_by", "settled_by"),
        *("asked_by", "printed_by", "said_by", "by"),
    }
)
# And what leads to a person's account or telephone is left out.
STAFF = frozenset({"user_account", "counsellor"})
