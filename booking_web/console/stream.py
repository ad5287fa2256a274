# SPDX-License-Identifier: AGPL-3.0-or-later
"""The live streams of the counsellor's pages.

A console's events: `call`, `devices`, `jobs` (parts of the page, ready to be put in their
place), `documents` and `announcement`, each only when it differs from what was sent last:
a form half filled in stays as it is while a job goes on. The day's: `day`.
"""

import time
from collections.abc import Callable, Iterator

from flask import Response, abort, render_template, stream_with_context
from flask_babel import gettext

from booking_web.console.pages import blueprint, read_console
from booking_web.console.view import ConsoleView, JobLine, counsellors_day
from booking_web.console.viewer import console_viewer
from booking_web.live import (
    EVERYTHING,
    HEARTBEAT,
    OF_APPOINTMENTS,
    Change,
    Kind,
    Subscription,
    TooManyStreams,
    server_sent,
)
from booking_web.models import Appointment
from booking_web.services import services

STREAM_SECONDS = 15 * 60
# Also looked at when nothing was told: a kiosk that falls silent tells nothing.
REVIEW_SECONDS = 5.0
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@blueprint.get("/flux")
def stream_home() -> Response:
    """Stream the day's list."""
    viewer = console_viewer()

    def parts() -> Iterator[tuple[str, str]]:
        with services().database.read() as session:
            day = counsellors_day(session, viewer, services().now())
        yield "day", render_template("console/_day.html", day=day)

    return _stream(None, OF_APPOINTMENTS, lambda change: True, parts)


@blueprint.get("/<int:appointment_id>/flux")
def stream(appointment_id: int) -> Response:
    """Stream what changes on the console."""
    with services().database.read() as session:
        appointment: Appointment = console_viewer().appointment(session, appointment_id)
        kiosk_id = appointment.kiosk_id
    heard = {job.key for job in read_console(appointment_id).jobs}

    def parts() -> Iterator[tuple[str, str]]:
        view = read_console(appointment_id)
        yield "call", render_template("console/_call.html", view=view)
        yield "devices", render_template("console/_devices.html", view=view)
        yield "jobs", render_template("console/_jobs.html", view=view)
        yield "documents", render_template("console/_documents.html", view=view)
        sentences = _announcements(view, heard)
        if sentences:
            yield "announcement", render_template(
                "_announcements.html", sentences=sentences
            )

    return _stream(
        [kiosk_id],
        EVERYTHING,
        lambda change: change.appointment_id == appointment_id,
        parts,
    )


def _stream(
    kiosk_ids: list[int] | None,
    kinds: frozenset[Kind],
    is_wanted: Callable[[Change], bool],
    parts: Callable[[], Iterator[tuple[str, str]]],
) -> Response:
    viewer = f"console:{console_viewer().user_id}"
    try:
        subscription = services().live.subscribe(viewer, kiosk_ids, kinds)
    except TooManyStreams:
        abort(503)
    response = Response(
        stream_with_context(_events(subscription, is_wanted, parts)),
        mimetype="text/event-stream",
        headers=HEADERS,
    )
    response.call_on_close(subscription.close)
    return response


def _events(
    subscription: Subscription,
    is_wanted: Callable[[Change], bool],
    parts: Callable[[], Iterator[tuple[str, str]]],
) -> Iterator[str]:
    ends_at = time.monotonic() + STREAM_SECONDS
    shown: dict[str, str] = {}
    yield "retry: 2000\n\n"
    while time.monotonic() < ends_at and not subscription.is_stopping:
        # The page may be older than its stream: the first round sends all.
        for name, page in parts():
            if shown.get(name) != page:
                shown[name] = page
                yield server_sent(name, page)
        yield HEARTBEAT
        _wait(subscription, is_wanted)


def _wait(subscription: Subscription, is_wanted: Callable[[Change], bool]) -> None:
    """Return at a change that the page shows, or when it is time to look anyway."""
    deadline = time.monotonic() + REVIEW_SECONDS
    while not subscription.is_stopping:
        left = deadline - time.monotonic()
        if left <= 0 or any(is_wanted(c) for c in subscription.wait(left)):
            return


def _announcements(view: ConsoleView, heard: set[str]) -> list[str]:
    """Say each job's news once, to those who listen to the page."""
    sentences = []
    for job in reversed(view.jobs):
        if job.key not in heard:
            heard.add(job.key)
            sentences.append(_announcement(job))
    return sentences


def _announcement(job: JobLine) -> str:
    said = gettext("%(name)s : %(what)s.", name=job.title, what=job.words)
    return f"{said} {job.detail}".strip()
