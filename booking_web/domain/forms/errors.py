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
    CUT_OFF = "cut_off"
    ENDLESS = "endless"


class LibraryRefusal(StrEnum):
    """Why a library does not take what a manager says of a form."""

    NO_TITLE = "no_title"
    TITLE_TOO_LONG = "title_too_long"
    NO_LABEL = "no_label"
    LABEL_TOO_LONG = "label_too_long"
    GROUP_TOO_LONG = "group_too_long"
    # A character that no page can show, or that turns the reading direction round.
    UNPRINTABLE = "unprintable"
    UNKNOWN_FIELD = "unknown_field"
    FIELD_MISSING = "field_missing"
    FIELD_TWICE = "field_twice"
    # The same forms, each once, are to be put into order.
    OTHER_FORMS = "other_forms"
    TOO_MANY_FORMS = "too_many_forms"


class ValueRefusal(StrEnum):
    """Why a field of a draft does not take a value."""

    # Read only, or signed by hand.
    NOT_FILLED_IN = "not_filled_in"
    TOO_LONG = "too_long"
    NO_TEXT = "no_text"
    NO_SUCH_CHOICE = "no_such_choice"


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


class LibraryRefused(FormError):
    """What was said of a form is not taken; nothing changed. `field` is whose it was."""

    def __init__(self, reason: LibraryRefusal, field: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.field = field


class ChangedMeanwhile(FormError):
    """Somebody else changed the form since the page was shown; nothing was changed."""


class UnknownForm(FormError):
    """The library of that organisation has no such form or edition."""


class FormWithdrawn(FormError):
    """No draft of it is begun any more; those that are can be finished."""


class NothingToFillIn(FormError):
    """The form is flat and nobody has placed its fields yet."""


class DraftGone(FormError):
    """There is no such draft, it was erased, or it waits for another appointment."""


class NobodyToWaitFor(FormError):
    """The booking knows no resident by whom the draft would be found again."""


class ValueRefused(FormError):
    """The value is not kept; it is not repeated here. `field` is whose it was."""

    def __init__(self, reason: ValueRefusal, field: str) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.field = field
