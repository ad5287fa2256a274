# SPDX-License-Identifier: AGPL-3.0-or-later
"""The desk's live stream: every change, then the list as it now stands.

Events: `state` (JSON, one per change, with an id to resume from), `announcement` (a sentence
for screen readers) and `day` (the list, ready to be put in its place).
"""

import json
import time
from collections.abc import Iterator

from flask import Response, abort, render_template, request, stream_with_context

from booking_web.desk.pages import DeskView, blueprint, desk_view
from booking_web.live import (
    HEARTBEAT,
    HEARTBEAT_SECONDS,
    Change,
    Subscription,
    TooManyStreams,
    server_sent,
)
from booking_web.services import services
from booking_web.wording import wording_of

# A stream ends after this long and the browser opens the next one: by then the person may
# have signed out, or the kiosks of the relay may have changed.
STREAM_SECONDS = 15 * 60
EVENT_STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@blueprint.get("/flux")
def stream() -> Response:
    """Stream the changes of the day that the page shows."""
    with services().database.read() as session:
        view = desk_view(session)
        relays = [view.relay] if view.relay else view.relays
        kiosks = [kiosk.id for relay in relays for kiosk in relay.kiosks]
    watched = None if view.viewer.is_administrator and not view.relay else kiosks
    try:
        subscription = services().live.subscribe(view.viewer.actor, watched)
    except TooManyStreams:
        abort(503)
    missed = services().live.since(_resume_after(), watched)
    response = Response(
        stream_with_context(_events(subscription, missed)),
        mimetype="text/event-stream",
        headers=EVENT_STREAM_HEADERS,
    )
    response.call_on_close(subscription.close)
    return response


def _resume_after() -> int:
    """Read where the page stands: the browser's own header, or the page's address."""
    told = request.headers.get("Last-Event-ID") or request.args.get("depuis", "")
    return (
        int(told)
        if told.isascii() and told.isdigit() and len(told) < 19
        else (services().live.last_id())
    )


def _events(subscription: Subscription, missed: list[Change]) -> Iterator[str]:
    ends_at = time.monotonic() + STREAM_SECONDS
    sent = {change.id for change in missed}
    yield "retry: 2000\n\n"
    yield from _told(missed)
    while time.monotonic() < ends_at and not subscription.is_stopping:
        changes = [
            change
            for change in subscription.wait(HEARTBEAT_SECONDS)
            if change.id not in sent
        ]
        if changes:
            yield from _told(changes)
        else:
            yield HEARTBEAT


def _told(changes: list[Change]) -> Iterator[str]:
    with services().database.read() as session:
        view = desk_view(session)
    for change in changes:
        told = {
            "appointment": change.appointment_id,
            "state": str(change.state),
            "at": change.at.isoformat(),
        }
        yield server_sent("state", json.dumps(told), change.id)
    sentences = _announcements(view, changes)
    if sentences:
        yield server_sent(
            "announcement", render_template("_announcements.html", sentences=sentences)
        )
    yield server_sent("day", render_template("_day.html", view=view))


def _announcements(view: DeskView, changes: list[Change]) -> list[str]:
    """Say each state that was passed through, the last one with its reason."""
    rows = {row.id: row for row in view.rows}
    sentences = []
    for change in changes:
        row = rows.get(change.appointment_id)
        if row is None:
            continue
        if change.state is row.state:
            sentence = row.announcement
        else:
            sentence = f"{row.resident_name} : {wording_of(change.state).word}."
        if sentence not in sentences:
            sentences.append(sentence)
    return sentences
