# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can be wrong with a document, or with the place where it is to be kept."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a file is not taken. Each has a sentence in `documents.wording`."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_PAGES = "too_many_pages"
    NOT_A_DOCUMENT = "not_a_document"
    ENCRYPTED = "encrypted"
    XFA = "xfa"
    DAMAGED = "damaged"
    CUT_OFF = "cut_off"
    BOMB = "bomb"
    INFECTED = "infected"
    TOO_MANY_DOCUMENTS = "too_many_documents"
    RESIDENT_DISAGREES = "resident_disagrees"


class DocumentError(Exception):
    """The base of what can go wrong with documents."""


class DocumentRefused(DocumentError):
    """The file is not taken; `reason` says why. Sending it again changes nothing."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


class StoreUnavailable(DocumentError):
    """Nothing can be kept or read now."""


class StoreFull(StoreUnavailable):
    """The disk has no room; nothing half-written is left."""


class StoreNotConfigured(StoreUnavailable):
    """The site names no folder or no key for documents."""


class ContentMissing(StoreUnavailable):
    """The content is not there, or is not what was stored: its folder was touched."""


class ExaminerUnavailable(StoreUnavailable):
    """The file could not be examined (virus scanner or examination not answering)."""
