# SPDX-License-Identifier: AGPL-3.0-or-later
"""What each act tells: to open pages, to other programs, to the resident. Data only.

docs/api.md promises the second column to those who wrote the programs.
"""

from dataclasses import dataclass
from enum import StrEnum

from booking_web.tables.journal_acts import Act
from booking_web.tables.live_kind import Kind
from booking_web.tables.messages import MessageKind
from booking_web.tables.states import AppointmentState
from booking_web.tables.webhooks import EventKind


@dataclass(frozen=True, kw_only=True)
class Told:
    """What an act tells besides its line in the journal."""

    # What open pages look at again.
    live: Kind | None = None
    # In this order. `changed` only where hour, place, organisation or interpreter
    # are others than before.
    webhooks: tuple[EventKind, ...] = ()
    message: MessageKind | None = None
    # The state in which the resident is told; None: any.
    message_in: AppointmentState | None = None
    # Written at once because somebody waits; else with all that the transaction writes.
    at_once: bool = False


class News(StrEnum):
    """What open pages hear of though the journal does not keep it."""

    LINE_WENT_ON = "line_went_on"
    # Ended before anybody came.
    INTERPRETER_WENT_ON = "interpreter_went_on"
    # Of an organisation that handed an appointment over and sees it no more.
    HANDOVER_WENT_ON = "handover_went_on"
    # A guest's page was opened, waits, or went away.
    GUEST_WENT_ON = "guest_went_on"
    # The counsellor's page has gone in the call and is waited for, or is back.
    CALL_KEPT = "call_kept"
    CODE_WAITS = "code_waits"
    CODE_SETTLED = "code_settled"
    JOB_WENT_ON = "job_went_on"
    DEVICES_CHANGED = "devices_changed"
    CUE_SHOWN = "cue_shown"
    PAGE_SEEN = "page_seen"
    DRAFT_WENT_ON = "draft_went_on"
    # What the second screen follows as it is typed, pointed at, read aloud.
    MIRRORED = "mirrored"
    PAGES_LAID = "pages_laid"
    SCAN_IS_READ = "scan_is_read"
    # Of a kiosk or of all of them, never of one appointment.
    READINESS_CHANGED = "readiness_changed"
    DUTY_CHANGED = "duty_changed"
    # Whether anybody works with its resident's data.
    RESTRICTION_CHANGED = "restriction_changed"


NEWS: dict[News, Kind] = {
    News.LINE_WENT_ON: Kind.APPOINTMENT,
    News.INTERPRETER_WENT_ON: Kind.APPOINTMENT,
    News.HANDOVER_WENT_ON: Kind.APPOINTMENT,
    News.GUEST_WENT_ON: Kind.APPOINTMENT,
    News.CALL_KEPT: Kind.APPOINTMENT,
    News.CODE_WAITS: Kind.DEVICE,
    News.CODE_SETTLED: Kind.DEVICE,
    News.JOB_WENT_ON: Kind.DEVICE,
    News.DEVICES_CHANGED: Kind.DEVICE,
    News.CUE_SHOWN: Kind.SCREEN,
    News.PAGE_SEEN: Kind.SCREEN,
    News.DRAFT_WENT_ON: Kind.DRAFT,
    News.MIRRORED: Kind.MIRROR,
    News.PAGES_LAID: Kind.DOCUMENT,
    News.SCAN_IS_READ: Kind.DOCUMENT,
    News.READINESS_CHANGED: Kind.READINESS,
    News.DUTY_CHANGED: Kind.DUTY,
    News.RESTRICTION_CHANGED: Kind.APPOINTMENT,
}

_JOURNAL_ALONE = Told()
_APPOINTMENT = Told(live=Kind.APPOINTMENT)
_DOCUMENT = Told(live=Kind.DOCUMENT)
_DEVICE = Told(live=Kind.DEVICE)
_SCREEN = Told(live=Kind.SCREEN)
_DRAFT = Told(live=Kind.DRAFT)

TOLD: dict[Act, Told] = {
    Act.BOOKED: Told(
        live=Kind.APPOINTMENT,
        webhooks=(EventKind.BOOKED,),
        message=MessageKind.BOOKED,
        at_once=True,
    ),
    # Who joins a line is there: nobody has to be written to.
    Act.JOINED_LINE: Told(live=Kind.APPOINTMENT, webhooks=(EventKind.BOOKED,)),
    Act.CALLED_FROM_LINE: Told(live=Kind.APPOINTMENT, webhooks=(EventKind.CHANGED,)),
    # Its hour stays what it is, until somebody comes and is called or is moved.
    Act.PLACE_GIVEN_UP: _APPOINTMENT,
    Act.MOVED: Told(
        live=Kind.APPOINTMENT,
        webhooks=(EventKind.CHANGED, EventKind.STATE),
        message=MessageKind.CANCELLED,
        message_in=AppointmentState.CANCELLED,
    ),
    # The move back is told as one; of a cancellation that was none the resident hears.
    Act.SET_BACK: Told(message=MessageKind.BOOKED),
    Act.RESCHEDULED: Told(
        live=Kind.APPOINTMENT,
        webhooks=(EventKind.CHANGED,),
        message=MessageKind.RESCHEDULED,
    ),
    Act.CALL_REQUESTED: Told(live=Kind.APPOINTMENT, webhooks=(EventKind.CHANGED,)),
    Act.HANG_UP_REQUESTED: _APPOINTMENT,
    Act.USEFULNESS_NOTED: _APPOINTMENT,
    Act.OUTCOME_NOTED: _APPOINTMENT,
    # The new one is told as any that is booked.
    Act.FOLLOW_UP_BOOKED: _APPOINTMENT,
    Act.MISSED_CALL_SETTLED: _APPOINTMENT,
    Act.LANGUAGE_CHOSEN: _APPOINTMENT,
    Act.DISCRETION_CHOSEN: _APPOINTMENT,
    Act.CONSENT_READ_ALOUD: _APPOINTMENT,
    Act.CONSENT_GIVEN: _APPOINTMENT,
    Act.CONSENT_REFUSED: _APPOINTMENT,
    Act.CONSENT_WITHDRAWN: _APPOINTMENT,
    Act.INTERPRETER_CALLED: _APPOINTMENT,
    Act.INTERPRETER_JOINED: _APPOINTMENT,
    Act.INTERPRETER_LEFT: _APPOINTMENT,
    Act.INTERPRETER_UNANSWERED: _APPOINTMENT,
    Act.INTERPRETER_SENT_AWAY: _APPOINTMENT,
    Act.INTERPRETER_HOURS_WITHDRAWN: _APPOINTMENT,
    Act.INTERPRETER_KEPT: _APPOINTMENT,
    Act.INTERPRETER_GIVEN_UP: Told(
        live=Kind.APPOINTMENT, webhooks=(EventKind.CHANGED,)
    ),
    Act.INTERPRETER_CHANGED: Told(live=Kind.APPOINTMENT, webhooks=(EventKind.CHANGED,)),
    Act.HANDOVER_REQUESTED: _APPOINTMENT,
    # That it waits again, and whose it is now, is told by its move.
    Act.HANDED_OVER: _APPOINTMENT,
    Act.HANDOVER_TAKEN: _APPOINTMENT,
    Act.HANDOVER_RETURNED: _APPOINTMENT,
    # Told only where it was another organisation's meanwhile.
    Act.HANDOVER_UNDONE: Told(live=Kind.APPOINTMENT, webhooks=(EventKind.CHANGED,)),
    Act.GUEST_INVITED: _APPOINTMENT,
    Act.GUEST_TELEPHONED: _APPOINTMENT,
    Act.GUEST_LET_IN: _APPOINTMENT,
    Act.GUEST_JOINED: _APPOINTMENT,
    Act.GUEST_LEFT: _APPOINTMENT,
    Act.GUEST_UNANSWERED: _APPOINTMENT,
    Act.GUEST_SENT_AWAY: _APPOINTMENT,
    Act.HOURS_WITHDRAWN: _JOURNAL_ALONE,
    Act.KEPT_OUTSIDE_HOURS: _JOURNAL_ALONE,
    Act.MESSAGE_RETRIED: _JOURNAL_ALONE,
    Act.REMINDER_CALLED: _JOURNAL_ALONE,
    Act.REMINDER_CALL_UNDONE: _JOURNAL_ALONE,
    Act.SLIP_MADE: _JOURNAL_ALONE,
    Act.RECEIPT_MADE: _JOURNAL_ALONE,
    # Its document is told of too.
    Act.MANDATE_DRAWN_UP: _JOURNAL_ALONE,
    Act.MANDATE_SIGNED: _DOCUMENT,
    Act.MANDATE_REVOKED: _DOCUMENT,
    Act.DOCUMENT_ADDED: _DOCUMENT,
    Act.SCANNED: _DOCUMENT,
    Act.STILL_KEPT: _DOCUMENT,
    Act.DOCUMENT_REMOVED: _DOCUMENT,
    Act.DOCUMENT_NAMED: _DOCUMENT,
    Act.DOCUMENT_ARRANGED: _DOCUMENT,
    Act.DOCUMENT_SET_BACK: _DOCUMENT,
    Act.ORIGINAL_ERASED: _DOCUMENT,
    Act.DOWNLOADED: _JOURNAL_ALONE,
    Act.FETCHED: _JOURNAL_ALONE,
    Act.SHOW_REQUESTED: _DEVICE,
    Act.DOCUMENT_SHOWN: _SCREEN,
    Act.DOCUMENT_HIDDEN: _SCREEN,
    Act.DRAFT_SHOWN: _SCREEN,
    Act.DRAFT_BEGUN: _DRAFT,
    Act.DRAFT_TAKEN_OVER: _DRAFT,
    Act.DRAFT_SET_ASIDE: _DRAFT,
    Act.DRAFT_RESUMED: _DRAFT,
    Act.DRAFT_ERASED: _DRAFT,
    Act.FORM_PRINTED: _DOCUMENT,
    Act.SCAN_READ: _DOCUMENT,
    Act.RETURNED_PAGE_NAMED: _DOCUMENT,
    Act.SIGNATURE_ACCEPTED: _DOCUMENT,
    Act.FORM_RETURNED: _DOCUMENT,
    Act.FORM_BROUGHT_BACK: _DOCUMENT,
    Act.CV_BEGUN: _DRAFT,
    Act.CV_TAKEN_OVER: _DRAFT,
    Act.CV_KEEPING_AGREED: _DRAFT,
    Act.CV_KEEPING_WITHDRAWN: _DRAFT,
    Act.CV_RESUMED: _DRAFT,
    Act.CV_SHOWN: _SCREEN,
    Act.CV_MADE: _JOURNAL_ALONE,
    Act.MAIL_REQUESTED: _DRAFT,
    Act.MAIL_SENT: _DRAFT,
    Act.CV_ERASED: _DRAFT,
    Act.PRINT_REQUESTED: _DEVICE,
    Act.SCAN_REQUESTED: _DEVICE,
    Act.COPY_REQUESTED: _DEVICE,
    Act.CANCEL_REQUESTED: _DEVICE,
    Act.PRINTED: _DEVICE,
    Act.SCAN_FINISHED: _DEVICE,
    Act.COPIED: _DEVICE,
    Act.PRINT_CANCELED: _DEVICE,
    Act.SCAN_CANCELED: _DEVICE,
    Act.COPY_CANCELED: _DEVICE,
    Act.PRINT_ABORTED: _DEVICE,
    Act.SCAN_ABORTED: _DEVICE,
    Act.COPY_ABORTED: _DEVICE,
    Act.WIPED: _JOURNAL_ALONE,
    Act.WIPE_FAILED: _JOURNAL_ALONE,
    Act.CONSOLE_OPENED: _JOURNAL_ALONE,
    Act.DOCUMENTS_TAKEN: _JOURNAL_ALONE,
    Act.VIEWED: _JOURNAL_ALONE,
    Act.LISTED: _JOURNAL_ALONE,
    Act.LIST_PRINTED: _JOURNAL_ALONE,
    Act.LIST_EXPORTED: _JOURNAL_ALONE,
    Act.FILE_ACCOUNTED_FOR: _JOURNAL_ALONE,
    Act.FILE_EXPORTED: _JOURNAL_ALONE,
    Act.JOURNAL_SEARCHED: _JOURNAL_ALONE,
    Act.JOURNAL_EXPORTED: _JOURNAL_ALONE,
    Act.READINGS_FORGOTTEN: _JOURNAL_ALONE,
    Act.FEED_MADE: _JOURNAL_ALONE,
    Act.FEED_REVOKED: _JOURNAL_ALONE,
    Act.TELEPHONE_OPENED: _JOURNAL_ALONE,
    Act.SECRETS_RENEWED: _JOURNAL_ALONE,
    Act.SECRETS_REFUSED: _JOURNAL_ALONE,
    Act.SECOND_FACTOR_SET_UP: _JOURNAL_ALONE,
    Act.SECOND_FACTOR_REMOVED: _JOURNAL_ALONE,
    Act.SECOND_FACTOR_RESET: _JOURNAL_ALONE,
    Act.RECOVERY_CODES_DRAWN: _JOURNAL_ALONE,
    Act.RECOVERY_CODE_USED: _JOURNAL_ALONE,
    Act.SIGN_INS_ENDED: _JOURNAL_ALONE,
    Act.PROVIDER_TIED: _JOURNAL_ALONE,
    Act.PROVIDER_REFUSED: _JOURNAL_ALONE,
    Act.PROVIDER_UNTIED: _JOURNAL_ALONE,
    Act.RESIDENT_CREATED: Told(at_once=True),
    Act.RESIDENT_EDITED: _JOURNAL_ALONE,
    Act.RESIDENT_MERGED: _JOURNAL_ALONE,
    Act.RESIDENT_FORGOTTEN: _JOURNAL_ALONE,
    Act.RESIDENT_ERASED: _JOURNAL_ALONE,
    Act.RESTRICTED: _JOURNAL_ALONE,
    Act.RESTRICTION_LIFTED: _JOURNAL_ALONE,
    Act.APPOINTMENT_CORRECTED: _APPOINTMENT,
    Act.APPOINTMENT_TIED: _APPOINTMENT,
    Act.APPOINTMENT_UNTIED: _APPOINTMENT,
    Act.COPY_PUT_BACK: _JOURNAL_ALONE,
    Act.ANONYMISED: _JOURNAL_ALONE,
    Act.WAITING_ADDED: _JOURNAL_ALONE,
    Act.WAITING_BOOKED: _JOURNAL_ALONE,
    Act.WAITING_PASSED: _JOURNAL_ALONE,
    Act.WAITING_WITHDRAWN: _JOURNAL_ALONE,
    Act.WAITING_PUT_BACK: _JOURNAL_ALONE,
}
