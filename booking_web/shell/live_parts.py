# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an open page is given when something changed: the rows and parts that differ.

The page says of each row and part which content it shows (`vu`: the digests that `seen`
wrote into it). static/shell/live-parts.js puts what comes into its place.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, render_template, request
from flask_babel import get_locale
from markupsafe import Markup

from booking_web.base.row_numbers import row_number

# More changes at once than a page asks for.
NUMBERS_AT_MOST = 100
DIGEST_LETTERS = 8


def seen(facts: object) -> str:
    """Give the digest of what a row or part shows, in the language of the reader."""
    text = f"{get_locale()} {facts!r}"
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LETTERS]


def told_changes() -> set[int]:
    """Read the numbers of the changes that the page was told of (`n`)."""
    words = request.args.get("n", "").split(",")[:NUMBERS_AT_MOST]
    return {number for word in words if (number := _number(word)) is not None}


def _number(word: str) -> int | None:
    """Give the number, of a change or of a row; None: it is none."""
    try:
        return row_number(word)
    except ValueError:
        return None


class PageUpdate:
    """Gathers what the page does not show yet."""

    def __init__(self) -> None:
        pairs = (each.partition(":") for each in request.args.get("vu", "").split(","))
        self._seen = {name: digest for name, _, digest in pairs if name}
        self._pieces: list[str] = []

    def part(self, name: str, facts: object, template: str, **context: Any) -> None:
        """Add the part with the id `name` where its facts are others than those seen."""
        digest = seen(facts)
        if self._seen.get(name) != digest:
            inner = Markup(render_template(template, **context))
            self._pieces.append(
                Markup('<div data-part="{}" data-seen="{}">{}</div>').format(
                    name, digest, inner
                )
            )

    def differing(self, rows: Iterable[Any]) -> list[Any]:
        """Give those of the rows (each with an `id`) that the page does not show so."""
        return [row for row in rows if self._seen.get(str(row.id)) != seen(row)]

    def gone(self, rows: Iterable[Any]) -> list[int]:
        """Give the numbers of shown rows that are none of these any more."""
        shown = {number for name in self._seen if (number := _number(name)) is not None}
        return sorted(shown - {row.id for row in rows})

    def rows(
        self, rows: Sequence[Any], gone: Sequence[int], template: str, **context: Any
    ) -> None:
        """Add rows as the template of their list draws them, and those to take away."""
        if rows or gone:
            numbers = " ".join(str(number) for number in gone)
            inner = Markup(render_template(template, **context)) if rows else ""
            self._pieces.append(
                Markup('<div data-rows data-gone="{}">{}</div>').format(numbers, inner)
            )

    def say(self, sentences: Sequence[str]) -> None:
        """Have sentences said to those who listen to the page."""
        if sentences:
            inner = Markup(
                render_template("shell/_announcements.html", sentences=sentences)
            )
            self._pieces.append(Markup("<div data-say>{}</div>").format(inner))

    def response(self) -> Response:
        """Give all of it, or 204 where the page shows everything."""
        if not self._pieces:
            return Response(status=204)
        return Response("\n".join(self._pieces), mimetype="text/html")
