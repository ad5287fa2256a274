# SPDX-License-Identifier: AGPL-3.0-or-later
"""The forms of a page, as a browser without JavaScript would fill them in."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form: where it goes, what it would send untouched, what may be chosen."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    # Per radio button or select: the label's text by value.
    choices: dict[str, dict[str, str]] = field(default_factory=dict)

    def choose(self, name: str, label: str) -> None:
        """Take the choice whose label holds the text, as a person would read it."""
        for value, text in self.choices.get(name, {}).items():
            if label.casefold() in text.casefold():
                self.values[name] = value
                return
        offered = ", ".join(self.choices.get(name, {}).values()) or "nothing"
        raise LookupError(f"no choice {label!r} for {name}: the page offers {offered}")


def forms_of(page: str) -> list[Form]:
    """Read every form of the page."""
    parser = _FormParser()
    parser.feed(page)
    return parser.forms


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        # The field of several lines that is being read.
        self._lines = ""
        # The choice whose label is being read.
        self._choice: tuple[str, str] | None = None

    def handle_starttag(
        self, tag: str, attributes: list[tuple[str, str | None]]
    ) -> None:
        told = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = Form(told.get("action", ""))
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input":
            self._take_input(self._form, told)
        elif tag == "select":
            self._select = told.get("name", "")
        elif tag == "textarea" and told.get("name"):
            self._lines = told["name"]
            self._form.values[self._lines] = ""
        elif tag == "option" and self._select:
            self._offer(self._form, self._select, told.get("value", ""))
            if "selected" in told:
                self._form.values[self._select] = told.get("value", "")
        elif tag == "label":
            self._choice = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._lines = ""
        elif tag in ("label", "option"):
            self._choice = None

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._lines:
            # HTML leaves out a line break at the very beginning.
            before = self._form.values[self._lines]
            self._form.values[self._lines] = before + (
                data if before else data.lstrip("\n")
            )
        elif self._form is not None and self._choice is not None:
            name, value = self._choice
            text = self._form.choices[name][value]
            self._form.choices[name][value] = f"{text} {data.strip()}".strip()

    def _take_input(self, form: Form, told: dict[str, str]) -> None:
        name, value = told.get("name", ""), told.get("value", "")
        kind = told.get("type", "text")
        if not name or kind in ("submit", "button"):
            return
        if kind in ("radio", "checkbox"):
            self._offer(form, name, value)
            if "checked" not in told:
                return
        form.values[name] = value

    def _offer(self, form: Form, name: str, value: str) -> None:
        form.choices.setdefault(name, {})[value] = ""
        self._choice = (name, value)
