# SPDX-License-Identifier: AGPL-3.0-or-later
"""The acts that the journal knows, past participles all.

What each of them tells besides, and to whom, is in `domain.journal.promises`.
"""

from enum import StrEnum


class Act(StrEnum):
    """What was done; a value of `JournalEntry.act`, which is never changed once stored."""

    # An appointment's life.
    BOOKED = "booked"
    JOINED_LINE = "joined_line"
    CALLED_FROM_LINE = "called_from_line"
    PLACE_GIVEN_UP = "place_given_up"
    # From one state to another: the detail is `calling -> queued` and the reason's code.
    MOVED = "moved"
    SET_BACK = "set_back"
    # To another hour or relay.
    RESCHEDULED = "rescheduled"
    CALL_REQUESTED = "call_requested"
    HANG_UP_REQUESTED = "hang_up_requested"
    USEFULNESS_NOTED = "usefulness_noted"
    # What came of it, a value of `conclusions.Outcome`: never the note.
    OUTCOME_NOTED = "outcome_noted"
    # Another one was booked as its continuation; the detail is that one's number.
    FOLLOW_UP_BOOKED = "follow_up_booked"
    # A call that came to nothing: somebody said that nothing is to be done.
    MISSED_CALL_SETTLED = "missed_call_settled"
    # In which the kiosk writes and speaks; the detail is its code.
    LANGUAGE_CHOSEN = "language_chosen"
    # Whether boards and messages tell who comes and why; the detail is `discreet` or `open`.
    DISCRETION_CHOSEN = "discretion_chosen"
    # To what the resident is told before the call; the detail tells the text by its digest.
    # The kiosk was asked to read it aloud.
    CONSENT_READ_ALOUD = "consent_read_aloud"
    CONSENT_GIVEN = "consent_given"
    CONSENT_REFUSED = "consent_refused"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    # Into its call: asked for, came, left; nobody answered (the detail says why); a person
    # had the interpreter's call end.
    INTERPRETER_CALLED = "interpreter_called"
    INTERPRETER_JOINED = "interpreter_joined"
    INTERPRETER_LEFT = "interpreter_left"
    INTERPRETER_UNANSWERED = "interpreter_unanswered"
    INTERPRETER_SENT_AWAY = "interpreter_sent_away"
    # Of the interpreter of an appointment to come: their service withdrew the hours; keeps
    # it all the same; does not interpret any more; another one was asked. The detail names
    # the services.
    INTERPRETER_HOURS_WITHDRAWN = "interpreter_hours_withdrawn"
    INTERPRETER_KEPT = "interpreter_kept"
    INTERPRETER_GIVEN_UP = "interpreter_given_up"
    INTERPRETER_CHANGED = "interpreter_changed"
    # In call, to a colleague or to another organisation; the detail names both and the
    # hand-over's number. Asked for; the kiosk sent; answered there; come back, since nobody
    # answered there; not done, the call stayed where it was.
    HANDOVER_REQUESTED = "handover_requested"
    HANDED_OVER = "handed_over"
    HANDOVER_TAKEN = "handover_taken"
    HANDOVER_RETURNED = "handover_returned"
    HANDOVER_UNDONE = "handover_undone"
    # A third person: invited by a link, let in, came, left, did not come through, sent away.
    # The detail is the invitation's number, never a name; of who is telephoned to it also says
    # what they are to the resident, and the last two digits of the number.
    GUEST_INVITED = "guest_invited"
    GUEST_TELEPHONED = "guest_telephoned"
    GUEST_LET_IN = "guest_let_in"
    GUEST_JOINED = "guest_joined"
    GUEST_LEFT = "guest_left"
    GUEST_UNANSWERED = "guest_unanswered"
    GUEST_SENT_AWAY = "guest_sent_away"
    HOURS_WITHDRAWN = "hours_withdrawn"
    KEPT_OUTSIDE_HOURS = "kept_outside_hours"

    # What a resident is told.
    MESSAGE_RETRIED = "message_retried"
    REMINDER_CALLED = "reminder_called"
    REMINDER_CALL_UNDONE = "reminder_call_undone"
    SLIP_MADE = "slip_made"
    RECEIPT_MADE = "receipt_made"
    # Somebody acts for the resident: on paper; signed, and scanned; revoked. The detail is the
    # mandate's number, never a name.
    MANDATE_DRAWN_UP = "mandate_drawn_up"
    MANDATE_SIGNED = "mandate_signed"
    MANDATE_REVOKED = "mandate_revoked"

    # Documents, and what a kiosk's second screen shows: hidden is whatever was shown.
    DOCUMENT_ADDED = "document_added"
    SCANNED = "scanned"
    # Of the kiosk's picture, in the call.
    STILL_KEPT = "still_kept"
    DOCUMENT_REMOVED = "document_removed"
    # Its kind or title.
    DOCUMENT_NAMED = "document_named"
    # Its pages are others now, or lie otherwise; and as they were at first.
    DOCUMENT_ARRANGED = "document_arranged"
    DOCUMENT_SET_BACK = "document_set_back"
    # What an arranged document was at first cannot come back any more.
    ORIGINAL_ERASED = "original_erased"
    DOWNLOADED = "downloaded"
    FETCHED = "fetched"
    SHOW_REQUESTED = "show_requested"
    DOCUMENT_SHOWN = "document_shown"
    DOCUMENT_HIDDEN = "document_hidden"
    DRAFT_SHOWN = "draft_shown"

    # Drafts of forms; which field changed when is in `draft_change`.
    DRAFT_BEGUN = "draft_begun"
    DRAFT_TAKEN_OVER = "draft_taken_over"
    DRAFT_SET_ASIDE = "draft_set_aside"
    DRAFT_RESUMED = "draft_resumed"
    DRAFT_ERASED = "draft_erased"
    # CVs; which field changed when is in `cv_change`.
    CV_BEGUN = "cv_begun"
    CV_TAKEN_OVER = "cv_taken_over"
    # The resident agrees that it is kept for the next time, or not any more.
    CV_KEEPING_AGREED = "cv_keeping_agreed"
    CV_KEEPING_WITHDRAWN = "cv_keeping_withdrawn"
    CV_RESUMED = "cv_resumed"
    CV_SHOWN = "cv_shown"
    # It became a document; that was asked to be sent by e-mail, and was.
    CV_MADE = "cv_made"
    MAIL_REQUESTED = "mail_requested"
    MAIL_SENT = "mail_sent"
    CV_ERASED = "cv_erased"
    # On paper: printed, recognised in a scan, corrected by a person, put together.
    FORM_PRINTED = "form_printed"
    SCAN_READ = "scan_read"
    RETURNED_PAGE_NAMED = "returned_page_named"
    SIGNATURE_ACCEPTED = "signature_accepted"
    FORM_RETURNED = "form_returned"
    # Printed in one appointment, it comes back in another: written down in both.
    FORM_BROUGHT_BACK = "form_brought_back"

    # Jobs of a kiosk's devices: asked for, and how each ended.
    PRINT_REQUESTED = "print_requested"
    SCAN_REQUESTED = "scan_requested"
    COPY_REQUESTED = "copy_requested"
    CANCEL_REQUESTED = "cancel_requested"
    PRINTED = "printed"
    SCAN_FINISHED = "scan_finished"
    COPIED = "copied"
    PRINT_CANCELED = "print_canceled"
    SCAN_CANCELED = "scan_canceled"
    COPY_CANCELED = "copy_canceled"
    PRINT_ABORTED = "print_aborted"
    SCAN_ABORTED = "scan_aborted"
    COPY_ABORTED = "copy_aborted"
    # The kiosk keeps nothing of it; or something is left, or may be.
    WIPED = "wiped"
    WIPE_FAILED = "wipe_failed"

    # Personal data that was read, or left the application.
    CONSOLE_OPENED = "console_opened"
    # All documents of an appointment that one may read, as one file.
    DOCUMENTS_TAKEN = "documents_taken"
    # An appointment by a program, a document by a person or a kiosk's screen.
    VIEWED = "viewed"
    LISTED = "listed"
    LIST_PRINTED = "list_printed"
    LIST_EXPORTED = "list_exported"
    # Who saw a resident's file, on paper for that resident.
    FILE_ACCOUNTED_FOR = "file_accounted_for"
    # Everything that is held about a resident, given out for that resident.
    FILE_EXPORTED = "file_exported"
    # The journal itself, by the officer; the detail is what was looked for.
    JOURNAL_SEARCHED = "journal_searched"
    JOURNAL_EXPORTED = "journal_exported"
    # What was only looked at, long ago; the detail is how many lines went.
    READINGS_FORGOTTEN = "readings_forgotten"
    FEED_MADE = "feed_made"
    FEED_REVOKED = "feed_revoked"

    # A page got the secret of its counsellor's telephone; the detail is the telephone.
    TELEPHONE_OPENED = "telephone_opened"

    # A kiosk got new secrets, that IT had ordered; somebody with its token asked for some
    # that nobody had ordered.
    SECRETS_RENEWED = "secrets_renewed"
    SECRETS_REFUSED = "secrets_refused"

    # An account's own: its second factor, set up and removed by its owner, reset by an
    # administrator (the detail is whose); of recovery codes the detail is how many are left.
    SECOND_FACTOR_SET_UP = "second_factor_set_up"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    SECOND_FACTOR_RESET = "second_factor_reset"
    RECOVERY_CODES_DRAWN = "recovery_codes_drawn"
    RECOVERY_CODE_USED = "recovery_code_used"
    # By who is signed in elsewhere; the detail is how many.
    SIGN_INS_ENDED = "sign_ins_ended"
    # An account and its person at the identity provider: tied by the first sign-in, refused to
    # another one with the same address, untied by an administrator; the detail is whose.
    PROVIDER_TIED = "provider_tied"
    PROVIDER_REFUSED = "provider_refused"
    PROVIDER_UNTIED = "provider_untied"

    # Residents and the waiting list.
    RESIDENT_CREATED = "resident_created"
    RESIDENT_EDITED = "resident_edited"
    RESIDENT_MERGED = "resident_merged"
    RESIDENT_FORGOTTEN = "resident_forgotten"
    # Before the term, because the resident asked for it; the detail is in numbers.
    RESIDENT_ERASED = "resident_erased"
    # Kept, and nobody works with it; the detail is the ground, never the words. And over.
    RESTRICTED = "restricted"
    RESTRICTION_LIFTED = "restriction_lifted"
    # The name or the address that an appointment was booked with.
    APPOINTMENT_CORRECTED = "appointment_corrected"
    # Booked with a name alone, and the officer said whose it is; and that it is not. The
    # detail is the resident's number.
    APPOINTMENT_TIED = "appointment_tied"
    APPOINTMENT_UNTIED = "appointment_untied"
    # An older copy of the database came back: what happened since is not known.
    COPY_PUT_BACK = "copy_put_back"
    ANONYMISED = "anonymised"
    WAITING_ADDED = "waiting_added"
    WAITING_BOOKED = "waiting_booked"
    WAITING_PASSED = "waiting_passed"
    WAITING_WITHDRAWN = "waiting_withdrawn"
    WAITING_PUT_BACK = "waiting_put_back"


# What was only looked at, or taken along: nothing was changed. Kept for a year.
READINGS = frozenset(
    {
        Act.CONSOLE_OPENED,
        Act.DOCUMENTS_TAKEN,
        Act.DOWNLOADED,
        Act.FETCHED,
        Act.VIEWED,
        Act.LISTED,
        Act.LIST_PRINTED,
        Act.LIST_EXPORTED,
        Act.FILE_ACCOUNTED_FOR,
        Act.FILE_EXPORTED,
        Act.JOURNAL_SEARCHED,
        Act.JOURNAL_EXPORTED,
    }
)
