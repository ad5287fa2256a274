# SPDX-License-Identifier: AGPL-3.0-or-later
"""The desk's live stream: every change, then the parts of the page as they now stand.

Events: `state` (JSON, one per change, with an id to resume from), `announcement` (sentences
for screen readers) and the page's parts, ready to be put in their places: `day` (the list),
`readiness` (kiosks and counsellors) and `help` (who calls for help).
"""

import json
import time
from collections.abc import Iterator

from flask import Response, abort, render_template, request, stream_with_context
from flask_babel import gettext

from booking_web.desk.pages import DeskView, blueprint, desk_view
from booking_web.live import (
    HEARTBEAT,
    HEARTBEAT_SECONDS,
    OF_THE_DAY,
    Change,
    Kind,
    Subscription,
    TooManyStreams,
    server_sent,
)
from booking_web.services import services
from booking_web.wording import wording_of

# A stream ends after this long and the browser opens the next one: by then the person may
# have signed out, or the kiosks of the relay may have changed.
STREAM_SECONDS = 15 * 60
# What changes by itself, such as a dispatcher that falls silent, is looked for this often.
REVIEW_SECONDS = 5.0
EVENT_STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
PARTS = {
    "day": "_day.html",
    "readiness": "_readiness.html",
    "help": "_help.html",
}


@blueprint.get("/flux")
def stream() -> Response:
    """Stream the changes of the day that the page shows."""
    with services().database.read() as session:
        view = desk_view(session)
        relays = [view.relay] if view.relay else view.relays
        kiosks = {kiosk.id for relay in relays for kiosk in relay.kiosks}
    # What the town hall booked at a neighbour's kiosk is in the list too.
    booked_at = view.viewer.relay_id
    watched = None if view.viewer.is_administrator and not view.relay else kiosks
    try:
        subscription = services().live.subscribe(
            view.viewer.actor, watched, OF_THE_DAY, booked_at
        )
    except TooManyStreams:
        abort(503)
    missed = services().live.since(_resume_after(), watched, OF_THE_DAY, booked_at)
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
    page = _ShownPage()
    yield "retry: 2000\n\n"
    yield from page.follow(missed, is_first=True)
    quiet_since = time.monotonic()
    while time.monotonic() < ends_at and not subscription.is_stopping:
        changes = [
            change
            for change in subscription.wait(REVIEW_SECONDS)
            if change.id not in sent
        ]
        for event in page.follow(changes):
            yield event
            quiet_since = time.monotonic()
        if time.monotonic() - quiet_since >= HEARTBEAT_SECONDS:
            quiet_since = time.monotonic()
            yield HEARTBEAT


class _ShownPage:
    """What the page shows; gives what must be sent to keep it true."""

    def __init__(self) -> None:
        self._parts: dict[str, str] = {}
        self._view: DeskView | None = None

    def follow(self, changes: list[Change], *, is_first: bool = False) -> Iterator[str]:
        """Give the events of these changes, and of what changed by itself."""
        with services().database.read() as session:
            view = desk_view(session)
        former, self._view = self._view, view
        if former is not None and not changes and _is_same(former, view):
            return
        visible = {row.id for row in view.rows}
        moved = [each for each in changes if each.kind is Kind.APPOINTMENT]
        for change in moved:
            is_here = change.kiosk_id in view.readiness.kiosk_ids
            if is_here or change.appointment_id in visible:
                yield _state_event(change)
        sentences = _announcements(view, moved)
        if former is not None:
            sentences += view.readiness.news_since(former.readiness)
        if sentences:
            yield server_sent(
                "announcement",
                render_template("_announcements.html", sentences=sentences),
            )
        for part, template in PARTS.items():
            content = render_template(template, view=view)
            must_show = part == "day" and (is_first or bool(moved))
            if must_show or content != self._parts.get(part):
                self._parts[part] = content
                yield server_sent(part, content)


def _is_same(former: DeskView, view: DeskView) -> bool:
    return (former.rows, former.readiness, former.today) == (
        view.rows,
        view.readiness,
        view.today,
    )


def _state_event(change: Change) -> str:
    told = {
        "appointment": change.appointment_id,
        "state": str(change.state),
        "at": change.at.isoformat(),
    }
    return server_sent("state", json.dumps(told), change.id)


def _announcements(view: DeskView, changes: list[Change]) -> list[str]:
    """Say each state that was passed through, the last one with its reason."""
    rows = {row.id: row for row in view.rows}
    sentences = []
    for change in changes:
        row = rows.get(change.appointment_id or 0)
        if row is None or change.state is None:
            continue
        if change.state is row.state:
            sentence = row.announcement
        else:
            word = wording_of(change.state).word
            sentence = gettext(
                "%(name)s : %(what)s.", name=row.resident_name, what=word
            )
        if sentence not in sentences:
            sentences.append(sentence)
    return sentences
