# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has the journal know who opened which page about whom, whatever page it is.

An address that names an appointment or a resident is about them; a page that tells of many is
listed here. What a page writes down by itself is not written twice. Kiosks and programs are no
persons: their doors write down what they are given.
"""

import re
from collections.abc import Iterator

import structlog
from flask import Flask, Response, request
from flask_login import current_user
from sqlalchemy.exc import OperationalError

from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.journal.readings import Reading, Readings
from booking_web.domain.rights.person import Person
from booking_web.shell.error_pages import busy_page
from booking_web.shell.services import services, services_of
from booking_web.tables.handovers import Handover
from booking_web.tables.journal_acts import Act

logger = structlog.get_logger(__name__)

# Pages that tell of many, and what each is a page or a part of.
LISTS = {
    "call_desk.show": "desk of calls",
    "console.home": "day",
    "console.home_changes": "day",
    "desk.book": "day",
    "desk.changes": "day",
    "desk.show": "day",
    "imports.confirm": "import",
    "imports.show_preview": "import",
    "messages.reminders": "reminders",
    "messages.show": "messages",
    "residents.show_all": "residents",
    "residents.suggest": "residents",
    "waiting.show": "waiting list",
    "waiting.show_offers": "waiting list",
    "week.show": "week",
}
# Pages that write down by themselves who had what.
TOLD_BY_THEMSELVES = frozenset(
    {
        "console.show",
        "console.take_documents",
        "console.view_document",
        "file_rights.export",
        "journal.show_account",
        "slips.show",
    }
)
# Of which day, and at whose relay: no name is ever asked for by these.
_ASKED = ("jour", "semaine", "relais")
_PLAIN = re.compile(r"[0-9A-Za-z-]{1,40}")
# What names somebody in an address.
_NAMING = frozenset({"appointment_id", "handover_id", "other_id", "resident_id"})
# Pages, those that come back with what was typed, and those that say what cannot be done.
_TELLING = frozenset({200, 409, 413, 422})


def set_up_readings(app: Flask) -> None:
    """Have each answer that tells of somebody be written down before it leaves."""
    readings = Readings(services_of(app).database)

    @app.after_request
    def note_reading(response: Response) -> Response:
        # Who is signed in is asked last: for a style sheet nobody looks it up.
        if (
            response.status_code not in _TELLING
            or not _is_of_somebody()
            or not _is_a_page(response)
            or not current_user.is_authenticated
        ):
            return response
        now = services().now()
        for reading in _readings_of(Person.of(current_user).actor):
            try:
                readings.note(reading, now)
            except (DatabaseBusy, OperationalError):
                if reading.act is Act.LISTED:
                    # A town hall goes on to see who comes; the system's log keeps the line.
                    logger.error(
                        "reading not written down",
                        actor=reading.actor,
                        detail=reading.detail,
                    )
                    continue
                # What is told of one person and cannot be written down is not shown.
                response.close()
                return busy_page()
        return response


def _is_of_somebody() -> bool:
    values = request.view_args or {}
    is_told = request.endpoint in LISTS or not _NAMING.isdisjoint(values)
    return is_told and request.endpoint not in TOLD_BY_THEMSELVES


def _is_a_page(response: Response) -> bool:
    # What a script sends is an act, and a line of its own.
    return request.method == "GET" or response.mimetype == "text/html"


def _readings_of(actor: str) -> Iterator[Reading]:
    """Say what this request's answer tells of."""
    values = request.view_args or {}
    if "handover_id" in values:
        appointment_id = _appointment_of(values["handover_id"])
        yield Reading(actor=actor, appointment_id=appointment_id)
    elif "appointment_id" in values:
        part = _part_of(values)
        appointment_id = values["appointment_id"]
        yield Reading(actor=actor, appointment_id=appointment_id, detail=part)
    elif request.endpoint in LISTS:
        told = " ".join([LISTS[request.endpoint], *_asked_for()])
        yield Reading(actor=actor, act=Act.LISTED, detail=told)
    for name in ("resident_id", "other_id"):
        if name in values:
            yield Reading(actor=actor, resident_id=values[name])


def _part_of(values: dict[str, int]) -> str:
    if "draft_id" in values:
        return f"draft {values['draft_id']}"
    blueprint = (request.endpoint or "").partition(".")[0]
    if blueprint == "cv":
        return "cv"
    if "number" in values:
        return f"document {values['number']}"
    return ""


def _asked_for() -> list[str]:
    asked = ((name, request.args.get(name, "")) for name in _ASKED)
    return [f"{name} {value}" for name, value in asked if _PLAIN.fullmatch(value)]


def _appointment_of(handover_id: int) -> int | None:
    with services().database.read() as session:
        handover = session.get(Handover, handover_id)
        return None if handover is None else handover.appointment_id
