# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms that a page sends by its script, again and again until an answer arrives.

Each carries a number of its own. Where the answer to the first sending was lost, the second
finds the number and is told where that one led; nothing is done twice. A page that would have
been redirected is told the address instead, because a script cannot see where it leads.
The booking form has a number of its own besides, which its appointment keeps.
"""

import re
from http import HTTPStatus

from flask import Flask, Response, flash, request
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from booking_web.base.transactions import in_transaction
from booking_web.shell.services import services
from booking_web.tables.sent_forms import LEADS_TO_LENGTH, SentForm

# Sent by static/shell/sending.js: the form's number, made by the browser.
HEADER = "X-Guichet-Form"
# Given instead of a redirect.
LEADS_TO = "X-Guichet-Leads-To"
# Given with a page that says in its own words what stands in the way: sent again at once, the
# form would be answered so again. A busy server's page has `Retry-After` instead.
HAS_WORDS = "X-Guichet-Words"
_NUMBER = re.compile(r"[A-Za-z0-9-]{8,64}")


def set_up_sent_forms(app: Flask) -> None:
    """Have the application know again what was sent before; after the tokens are checked."""

    @app.before_request
    def know_again() -> Response | None:
        number = _number()
        if number is None or not current_user.is_authenticated:
            return None
        query = select(SentForm.leads_to).where(
            SentForm.number == number, SentForm.user_id == current_user.id
        )
        with services().database.read() as session:
            leads_to = session.scalar(query)
        if leads_to is None:
            return None
        flash(gettext("C'était déjà enregistré : rien n'a été fait deux fois."), "info")
        return _leading_to(leads_to)

    @app.after_request
    def tell_where_it_leads(response: Response) -> Response:
        number = _number()
        if (
            number is not None
            and response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        ):
            if response.retry_after is None:
                response.headers[HAS_WORDS] = "1"
            return response
        if number is None or not 300 <= response.status_code < 400:
            return response
        leads_to = response.location or "/"
        # A sign-in that ran out took nothing.
        if current_user.is_authenticated and "submission" not in request.form:
            _remember(number, leads_to)
        told = _leading_to(leads_to)
        for name, value in response.headers:
            if name.lower() not in ("location", "content-type", "content-length"):
                told.headers.add(name, value)
        return told


def _number() -> str | None:
    number = request.headers.get(HEADER, "")
    is_sent = request.method == "POST" and _NUMBER.fullmatch(number)
    return number if is_sent else None


def _leading_to(address: str) -> Response:
    return Response(status=204, headers={LEADS_TO: address})


def _remember(number: str, leads_to: str) -> None:
    row = {
        "number": number,
        "user_id": current_user.id,
        "leads_to": leads_to[:LEADS_TO_LENGTH],
        "at": services().now(),
    }
    try:
        in_transaction(
            services().database, lambda session: session.add(SentForm(**row))
        )
    except IntegrityError:
        # Its twin was quicker.
        return
