# SPDX-License-Identifier: AGPL-3.0-or-later
"""From which address each request comes, for the journal."""

from flask import Flask, request

from booking_web.domain.journal.origin import comes_from
from booking_web.tables.appointment import ORIGIN_LENGTH


def set_up_journal_origin(app: Flask) -> None:
    """Have what a request writes down say where it came from."""

    @app.before_request
    def note_origin() -> None:
        # Without the zone that a link-local address may have.
        address = (request.remote_addr or "").partition("%")[0]
        comes_from(address[:ORIGIN_LENGTH])

    @app.teardown_request
    def forget_origin(_error: BaseException | None) -> None:
        comes_from("")
