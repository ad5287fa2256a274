# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can be wrong with a form, or with what reads and draws it."""

from enum import StrEnum


class FormRefusal(StrEnum):
    """Why a PDF is not taken as a form. Each has a sentence in `words.forms`."""

    EMPTY = "empty"
    NOT_A_PDF = "not_a_pdf"
    TOO_LARGE = "too_large"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MANY_FIELDS = "too_many_fields"
    ENCRYPTED = "encrypted"
    SIGNED = "signed"
    XFA_ONLY = "xfa_only"
    DAMAGED = "damaged"
    ENDLESS = "endless"


class FormError(Exception):
    """The base of what can go wrong with forms."""


class FormRefused(FormError):
    """The PDF is no form that can be filled in; trying again changes nothing."""

    def __init__(self, reason: FormRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


class UnknownField(FormError):
    """The form has no field or page of that name; its message names it."""


class EngineUnavailable(FormError):
    """Forms can neither be read nor drawn now; nothing of the draft is lost."""
