# SPDX-License-Identifier: AGPL-3.0-or-later
"""The blueprint of the booking API: who may enter, what each view may answer."""

from collections.abc import Callable
from typing import Any, TypeVar

from booking_web.api.json_bodies import JsonBlueprint
from booking_web.api.problems import MEDIA_TYPE, ProblemSchema, tell_problems
from booking_web.api.public.access import require_client

PREFIX = "/api/v1"
View = TypeVar("View", bound=Callable[..., Any])

blueprint = JsonBlueprint(
    "booking_api",
    __name__,
    url_prefix=PREFIX,
    description="Slots and appointments, for other software.",
)


def told(*statuses: int) -> Callable[[View], View]:
    """Describe the problems that a view may answer with, beside those of every view."""

    def describe(view: View) -> View:
        for status in (401, 403, 404, 422, 429, 503, *statuses):
            view = blueprint.alt_response(
                status, schema=ProblemSchema, content_type=MEDIA_TYPE
            )(view)
        return view

    return describe


blueprint.before_request(require_client)
tell_problems(blueprint)
