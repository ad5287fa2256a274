# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form of a page as a browser would send it: every field, in the page's order."""

from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict


def sent_form(page: str, action: str = "") -> MultiDict:
    """Give what the form that leads there sends; without an address, the longest one."""
    parser = _Sent()
    parser.feed(page)
    fitting = [
        values for leads_to, values in parser.forms if not action or leads_to == action
    ]
    assert fitting, f"no form leads to {action}"
    return max(fitting, key=lambda each: len(list(each.items(multi=True))))


class _Sent(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, MultiDict]] = []
        self._values: MultiDict | None = None
        self._select = ""
        # What a template holds is no part of the form.
        self._templates = 0

    def handle_starttag(self, tag, attributes) -> None:
        told = {name: value or "" for name, value in attributes}
        if tag == "template":
            self._templates += 1
        if tag == "form":
            self._values = MultiDict()
            self.forms.append((told.get("action", ""), self._values))
        if self._values is None or self._templates:
            return
        if tag == "input" and "name" in told:
            is_tick = told.get("type") in ("checkbox", "radio")
            if told.get("type") != "file" and (not is_tick or "checked" in told):
                self._values.add(told["name"], told.get("value", ""))
        elif tag == "select":
            self._select = told.get("name", "")
            self._values.add(self._select, None)
        elif tag == "option" and self._select:
            chosen = self._values.getlist(self._select)
            if chosen[-1] is None or "selected" in told:
                chosen[-1] = told.get("value", "")
                self._values.setlist(self._select, chosen)

    def handle_endtag(self, tag) -> None:
        if tag == "template":
            self._templates -= 1
        elif tag == "form":
            self._values = None
        elif tag == "select":
            self._select = ""
