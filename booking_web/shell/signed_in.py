# SPDX-License-Identifier: AGPL-3.0-or-later
"""The signed-in person, and the gates before rooms of pages that not everybody may enter."""

from collections.abc import Callable, Collection

from flask import abort, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from booking_web.domain.rights.person import Person, Right
from booking_web.shell.forms.kept_form import keep_typed_form


def signed_in(right: Right) -> Person:
    """Give the signed-in person; refuses (403) those who lack the right."""
    person = Person.of(current_user)
    if not person.may(right):
        abort(403)
    return person


def sign_in_first(home: str = "desk.show") -> Response:
    """Redirect to the sign-in and from there back, keeping a typed booking form.

    What was sent, not asked for, leads back to the page `home`.
    """
    if request.endpoint == "desk.book":
        keep_typed_form()
    here = request.full_path if request.method == "GET" else url_for(home)
    return redirect(url_for("accounts.sign_in", next=here.rstrip("?")), 303)


def gate(
    right: Right, home: str = "desk.show", *, parts: Collection[str] = ()
) -> Callable[[], Response | None]:
    """Make a gate, for `before_request`: strangers to the sign-in, other roles away (403).

    A script that asks for one of the `parts` of a page is told so (401), not led away.
    """

    def let_in() -> Response | None:
        if current_user.is_authenticated:
            signed_in(right)
            return None
        if request.endpoint in parts:
            abort(401)
        return sign_in_first(home)

    return let_in
