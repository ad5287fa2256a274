# SPDX-License-Identifier: AGPL-3.0-or-later
"""What kind of act each act is, as somebody asks who looks for one. Data only."""

from collections.abc import Mapping
from enum import StrEnum

from booking_web.tables.journal_acts import READINGS, Act


class ActKind(StrEnum):
    """A kind of act; the value stands in addresses."""

    SEEN = "vu"
    CHANGED = "change"
    PRINTED = "imprime"
    SCANNED = "numerise"
    SHOWN = "montre"
    ERASED = "efface"
    TOLD = "envoye"
    APPOINTMENT = "rendez-vous"
    ACCOUNT = "compte"
    JOURNAL = "journal"


_OF: Mapping[ActKind, frozenset[Act]] = {
    ActKind.JOURNAL: frozenset(
        {
            Act.FILE_ACCOUNTED_FOR,
            Act.JOURNAL_SEARCHED,
            Act.JOURNAL_EXPORTED,
            Act.READINGS_FORGOTTEN,
            Act.COPY_PUT_BACK,
        }
    ),
    ActKind.ACCOUNT: frozenset(
        {
            Act.SECOND_FACTOR_SET_UP,
            Act.SECOND_FACTOR_REMOVED,
            Act.SECOND_FACTOR_RESET,
            Act.RECOVERY_CODES_DRAWN,
            Act.RECOVERY_CODE_USED,
            Act.SIGN_INS_ENDED,
            Act.PROVIDER_TIED,
            Act.PROVIDER_REFUSED,
            Act.PROVIDER_UNTIED,
            Act.SECRETS_RENEWED,
            Act.SECRETS_REFUSED,
        }
    ),
    ActKind.CHANGED: frozenset(
        {
            Act.DOCUMENT_NAMED,
            Act.DOCUMENT_ARRANGED,
            Act.DOCUMENT_SET_BACK,
            Act.DRAFT_BEGUN,
            Act.DRAFT_TAKEN_OVER,
            Act.DRAFT_SET_ASIDE,
            Act.DRAFT_RESUMED,
            Act.CV_BEGUN,
            Act.CV_TAKEN_OVER,
            Act.CV_KEEPING_AGREED,
            Act.CV_KEEPING_WITHDRAWN,
            Act.CV_RESUMED,
            Act.CV_MADE,
            Act.RETURNED_PAGE_NAMED,
            Act.SIGNATURE_ACCEPTED,
            Act.FORM_RETURNED,
            Act.FORM_BROUGHT_BACK,
            Act.DOCUMENT_ADDED,
            Act.STILL_KEPT,
            Act.RESIDENT_CREATED,
            Act.RESIDENT_EDITED,
            Act.RESIDENT_MERGED,
            Act.APPOINTMENT_CORRECTED,
            Act.RESTRICTED,
            Act.RESTRICTION_LIFTED,
            Act.APPOINTMENT_TIED,
            Act.APPOINTMENT_UNTIED,
        }
    ),
    ActKind.PRINTED: frozenset(
        {
            Act.SLIP_MADE,
            Act.RECEIPT_MADE,
            Act.FORM_PRINTED,
            Act.PRINT_REQUESTED,
            Act.PRINTED,
            Act.PRINT_CANCELED,
            Act.PRINT_ABORTED,
            Act.COPY_REQUESTED,
            Act.COPIED,
            Act.COPY_CANCELED,
            Act.COPY_ABORTED,
            Act.LIST_PRINTED,
        }
    ),
    ActKind.SCANNED: frozenset(
        {
            Act.SCANNED,
            Act.SCAN_READ,
            Act.SCAN_REQUESTED,
            Act.SCAN_FINISHED,
            Act.SCAN_CANCELED,
            Act.SCAN_ABORTED,
            Act.CANCEL_REQUESTED,
        }
    ),
    ActKind.SHOWN: frozenset(
        {
            Act.SHOW_REQUESTED,
            Act.DOCUMENT_SHOWN,
            Act.DOCUMENT_HIDDEN,
            Act.DRAFT_SHOWN,
            Act.CV_SHOWN,
        }
    ),
    ActKind.ERASED: frozenset(
        {
            Act.DOCUMENT_REMOVED,
            Act.ORIGINAL_ERASED,
            Act.DRAFT_ERASED,
            Act.CV_ERASED,
            Act.WIPED,
            Act.WIPE_FAILED,
            Act.RESIDENT_FORGOTTEN,
            Act.RESIDENT_ERASED,
            Act.ANONYMISED,
        }
    ),
    ActKind.TOLD: frozenset(
        {
            Act.MESSAGE_RETRIED,
            Act.REMINDER_CALLED,
            Act.REMINDER_CALL_UNDONE,
            Act.MAIL_REQUESTED,
            Act.MAIL_SENT,
            Act.FEED_MADE,
            Act.FEED_REVOKED,
        }
    ),
}


def _kind_of(act: Act) -> ActKind:
    for kind, acts in _OF.items():
        if act in acts:
            return kind
    return ActKind.SEEN if act in READINGS else ActKind.APPOINTMENT


KIND_OF: Mapping[Act, ActKind] = {act: _kind_of(act) for act in Act}


def acts_of(kind: ActKind) -> frozenset[Act]:
    """Give the acts of a kind."""
    return frozenset(act for act, its_kind in KIND_OF.items() if its_kind is kind)
