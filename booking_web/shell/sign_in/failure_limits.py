# SPDX-License-Identifier: AGPL-3.0-or-later
"""Limits how often a view may be asked in vain, such as with a guessed password.

Only the limited view is wrapped: other requests do not pay for it.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Flask, Response, abort, make_response, request
from limits import parse
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import HTTPException

from booking_web.shell.asking_place import asking_place
from booking_web.shell.rate_limits import DatabaseStorage
from booking_web.shell.services import services_of


class FailureLimit(NamedTuple):
    """So many failures for each value of `key`, such as "10 per 5 minutes"."""

    failures: str
    key: Callable[[], str]


def address() -> str:
    """Give the address that the request comes from, for a key."""
    return f"address:{asking_place()}"


# Whoever mistypes a link pastes it again some times; a town hall may share one address.
LINKS_PER_ADDRESS = "20 per 5 minutes"


def limit_link_guesses(app: Flask, *endpoints: str) -> None:
    """Limit how many links of a page that only its link opens are guessed from one address."""
    for endpoint in endpoints:
        limit_failures(
            app,
            endpoint,
            [FailureLimit(LINKS_PER_ADDRESS, address)],
            has_failed=lambda response: response.status_code == HTTPStatus.NOT_FOUND,
            methods=["GET", "HEAD", "POST"],
        )


def limit_failures(
    app: Flask,
    endpoint: str,
    limits: Sequence[FailureLimit],
    *,
    has_failed: Callable[[Response], bool],
    methods: Sequence[str],
) -> None:
    """Have the endpoint answer 429 to `methods` once one of the limits is reached."""
    view = app.view_functions[endpoint]
    storage = DatabaseStorage(database=services_of(app).database)
    limiter = FixedWindowRateLimiter(storage)
    parsed = [(parse(failures), key) for failures, key in limits]

    @wraps(view)
    def limited(*args: Any, **kwargs: Any) -> Response:
        if request.method not in methods:
            return make_response(view(*args, **kwargs))
        counted = [(limit, endpoint, key()) for limit, key in parsed]
        if not all(limiter.test(*each) for each in counted):
            abort(429)
        error: HTTPException | None = None
        try:
            response = make_response(view(*args, **kwargs))
        except HTTPException as raised:
            error = raised
            response = make_response(raised.get_response())
        if has_failed(response):
            for each in counted:
                limiter.hit(*each)
        if error is not None:
            raise error
        return response

    app.view_functions[endpoint] = limited
