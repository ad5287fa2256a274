# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the counsellor's open pages ask for: the rows and parts that differ.

A form half filled in stays as it is while a job goes on: it is in no part.
"""

from dataclasses import replace

from flask import Response

from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.day import counsellors_day, home_parts
from booking_web.pages.counsellor.duty_line import duty_line
from booking_web.pages.counsellor.pages import blueprint, read_console
from booking_web.shell.form_services import read_scans_soon
from booking_web.shell.framed import is_framed
from booking_web.shell.live_parts import PageUpdate
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in


@blueprint.get("/changements")
def home_changes() -> Response:
    """Give the rows of the day that the page does not show so."""
    update = PageUpdate()
    now = services().now()
    # Undated, a page that stays open over midnight goes on to the new day.
    with services().database.read() as session:
        viewer = signed_in(Right.CONSOLE)
        day = counsellors_day(session, viewer, now)
        duty = duty_line(session, viewer, now)
    if not is_framed():
        update.part("duty", duty, "counsellor/_duty.html", duty=duty)
    rows = update.differing(day.rows)
    shown = replace(day, rows=rows)
    for name, facts in home_parts(day).items():
        update.part(name, facts, f"counsellor/_{name}.html", day=day, now=now)
    update.rows(rows, update.gone(day.rows), day.template, day=shown)
    return update.response()


@blueprint.get("/<int:appointment_id>/changements")
def changes(appointment_id: int) -> Response:
    """Give the parts of a console that the page does not show so."""
    update = PageUpdate()
    view = read_console(appointment_id)
    for name, facts in view.parts.items():
        if name == "duty" and is_framed():
            continue
        update.part(name, facts, f"counsellor/_{name}.html", view=view)
    if view.returns.is_unread:
        read_scans_soon(appointment_id)
    return update.response()
