# SPDX-License-Identifier: AGPL-3.0-or-later
"""The fields of the administrator's forms, each with what the page needs to draw it."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, Field, StringField

from booking_web.base.resident_text import normalised
from booking_web.shell.forms.fields import ChoiceField

# Empty lines for papers that are yet to be written.
SPARE_PAPERS = 3
MOST_PAPERS = 40
NO_CHOICE = ""


class LineField(StringField):
    """One line of text; `kind` is its HTML type."""

    drawn_as = "line"

    def __init__(
        self,
        label: Any,
        *,
        kind: str = "text",
        hint: Any = "",
        is_optional: bool = False,
        autocomplete: str = "off",
        **options: Any,
    ) -> None:
        super().__init__(label, filters=[normalised], **options)
        self.kind = kind
        self.hint = hint
        self.is_optional = is_optional
        self.autocomplete = autocomplete


class MenuField(ChoiceField):
    """One of `choices`, drawn as a list."""

    drawn_as = "menu"

    def __init__(self, label: Any, *, hint: Any = "", **options: Any) -> None:
        super().__init__(label, **options)
        self.hint = hint

    def offer(self, choices: Sequence[tuple[str, Any]], invitation: Any = None) -> None:
        """Set what may be chosen; `invitation` is shown while nothing is."""
        first = [] if invitation is None else [(NO_CHOICE, invitation)]
        self.choices = [*first, *choices]

    @property
    def chosen(self) -> str | None:
        """Give what was chosen, if it is one of the choices."""
        known = {value for value, _ in self.choices if value != NO_CHOICE}
        return self.data if self.data in known else None


class TickField(BooleanField):
    """A box to tick."""

    drawn_as = "tick"

    def __init__(self, label: Any, *, hint: Any = "", **options: Any) -> None:
        super().__init__(label, **options)
        self.hint = hint


class PapersField(Field):
    """The papers to bring, one a line: a name and a pictogram."""

    drawn_as = "papers"
    pictograms: Sequence[tuple[str, Any]] = ()

    def __init__(self, label: Any = "", **options: Any) -> None:
        super().__init__(label, **options)
        self.data: list[dict[str, str]] = []

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the names and pictograms, which come in turn; empty lines are left out."""
        pairs = zip(valuelist[0::2], valuelist[1::2])
        named = [(normalised(name), pictogram) for name, pictogram in pairs]
        self.data = [
            {"name": name, "pictogram": pictogram} for name, pictogram in named if name
        ][:MOST_PAPERS]

    @property
    def lines(self) -> list[dict[str, str]]:
        """Give what the page shows: the papers, then empty lines."""
        spare = [{"name": "", "pictogram": ""}] * SPARE_PAPERS
        return [*(self.data or ()), *spare]


class PictogramField(MenuField):
    """The pictogram of a reason or a paper."""

    drawn_as = "pictogram"


def whole(typed: str | None) -> int | str | None:
    """Give a number where digits were typed; None for nothing, else the text to refuse."""
    text = (typed or "").strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else text


def decimal(typed: str | None) -> float | str | None:
    """Give degrees where they were typed, with a point or a comma; see `whole`."""
    text = (typed or "").strip().replace(",", ".")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def shown(value: object) -> str:
    """Write a stored value as its field shows it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value).replace(".", ",")
    return str(value)
