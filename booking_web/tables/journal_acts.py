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
    # In which the kiosk writes and speaks; the detail is its code.
    LANGUAGE_CHOSEN = "language_chosen"
    HOURS_WITHDRAWN = "hours_withdrawn"
    KEPT_OUTSIDE_HOURS = "kept_outside_hours"

    # What a resident is told.
    MESSAGE_RETRIED = "message_retried"
    REMINDER_CALLED = "reminder_called"
    REMINDER_CALL_UNDONE = "reminder_call_undone"
    SLIP_MADE = "slip_made"
    RECEIPT_MADE = "receipt_made"

    # Documents, and what a kiosk's second screen shows: hidden is whatever was shown.
    DOCUMENT_ADDED = "document_added"
    SCANNED = "scanned"
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
    # An appointment by a program, a document by a person or a kiosk's screen.
    VIEWED = "viewed"
    LISTED = "listed"
    LIST_PRINTED = "list_printed"
    LIST_EXPORTED = "list_exported"
    FEED_MADE = "feed_made"
    FEED_REVOKED = "feed_revoked"

    # Residents and the waiting list.
    RESIDENT_CREATED = "resident_created"
    RESIDENT_EDITED = "resident_edited"
    RESIDENT_MERGED = "resident_merged"
    RESIDENT_FORGOTTEN = "resident_forgotten"
    # An older copy of the database came back: what happened since is not known.
    COPY_PUT_BACK = "copy_put_back"
    ANONYMISED = "anonymised"
    WAITING_ADDED = "waiting_added"
    WAITING_BOOKED = "waiting_booked"
    WAITING_PASSED = "waiting_passed"
    WAITING_WITHDRAWN = "waiting_withdrawn"
    WAITING_PUT_BACK = "waiting_put_back"
