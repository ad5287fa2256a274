# SPDX-License-Identifier: AGPL-3.0-or-later
"""When an appointment can be had."""

from typing import Any

from booking_web.api.public.access import (
    interpreter_named,
    organisation_named,
    relay_named,
    relays,
)
from booking_web.api.public.blueprint import blueprint, told
from booking_web.api.public.booking import as_slots, reason_named
from booking_web.api.public.schemas import SlotQuerySchema, SlotsSchema
from booking_web.domain.appointments.lengths import length_of
from booking_web.domain.places.search import SlotSearch, find_slots
from booking_web.shell.services import services


@blueprint.get("/slots")
@blueprint.arguments(SlotQuerySchema, location="query")
@told()
@blueprint.response(200, SlotsSchema)
def list_slots(asked: dict[str, Any]) -> dict[str, Any]:
    """List the next free slots, or say why there is none."""
    now = services().now()
    with services().database.read() as session:
        organisation = organisation_named(session, asked["organisation"])
        reason = reason_named(session, organisation, asked["reason"])
        interpreter = interpreter_named(session, asked["interpreter"])
        places = (
            [relay_named(session, asked["relay"])]
            if asked["relay"]
            else relays(session)
        )
        search = SlotSearch(
            organisation_id=organisation.id,
            relay_ids=[place.id for place in places],
            length=length_of(organisation, reason),
            after=max(asked["after"] or now, now),
            until=asked["until"],
            limit=asked["limit"],
            interpreter_id=interpreter.id if interpreter is not None else None,
        )
        found = find_slots(session, search, now)
        return {
            "slots": as_slots(session, found.slots),
            "why": found.why,
            "next_opening": found.next_opening,
        }
