# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the site is now: each organisation's line and each kiosk, in figures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, render_template
from flask_babel import gettext

from booking_web.base.local_time import local_day
from booking_web.domain.fleet.alerts.concerned import disuse_at_site
from booking_web.domain.fleet.lines_now import KioskNow, LineNow, SiteNow, site_now
from booking_web.domain.rights.person import Right
from booking_web.pages.rows.alert_lines import alert_lines
from booking_web.shell.live_parts import PageUpdate
from booking_web.shell.services import begin_page, last_change, services
from booking_web.shell.signed_in import gate
from booking_web.tables.presence import Presence
from booking_web.words import readiness as wording
from booking_web.words.dates import clock, short_date
from booking_web.words.readiness import Look
from provisioning.directory.usual_time_zone import usual_time_zone

blueprint = Blueprint("board", __name__, url_prefix="/situation")
blueprint.before_request(gate(Right.BOARD, "board.show", parts=("board.changes",)))


@dataclass(frozen=True)
class LineShown:
    """An organisation's row; each figure as it is written."""

    name: str
    figures: tuple[str, ...]


@dataclass(frozen=True)
class KioskShown:
    """A kiosk's row."""

    slug: str
    relay: str
    look: Look


def register(app: Flask) -> None:
    """Give the application these pages."""
    app.register_blueprint(blueprint)


@blueprint.get("")
def show() -> str:
    """Show how the site is now."""
    begin_page()
    return render_template(
        "oversight/board.html",
        title=gettext("Situation"),
        last_event=last_change(),
        **_board(),
    )


@blueprint.get("/changements")
def changes() -> Response:
    """Give what an open page does not show yet."""
    update, shown = PageUpdate(), _board()
    disuse = shown["disuse"]
    update.part("disuse", disuse, "rows/_disuse.html", disuse=disuse)
    for part in ("lines", "kiosks"):
        template = f"oversight/_board_{part}.html"
        update.part(part, (shown[part], shown["is_known"]), template, **shown)
    return update.response()


def _board() -> dict[str, Any]:
    now = services().now()
    with services().database.read() as session:
        site: SiteNow = site_now(session, now)
        zone = ZoneInfo(usual_time_zone(session))
        disuse = alert_lines(session, disuse_at_site(session))
    return {
        "lines": [_line(each, zone, now) for each in site.lines],
        "kiosks": [_kiosk(each, now) for each in site.kiosks],
        "is_known": site.is_heard,
        "disuse": disuse,
    }


def _line(line: LineNow, zone: ZoneInfo, now: datetime) -> LineShown:
    figures = (
        str(line.waiting),
        _since(line.waits_since, zone, now),
        str(line.in_call),
        _count(line.available),
        _count(line.paused),
    )
    return LineShown(line.name, figures)


def _since(since: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    if since is None:
        return "–"
    day = local_day(since, zone)
    hour = clock(since, zone)
    return hour if day == local_day(now, zone) else f"{short_date(day)} {hour}"


def _count(count: int | None) -> str:
    return "?" if count is None else str(count)


def _kiosk(kiosk: KioskNow, now: datetime) -> KioskShown:
    match kiosk.presence:
        case None:
            look = wording.unknown()
        case Presence.IN_CALL:
            look = wording.in_call()
        case Presence.OFFLINE:
            look = wording.switched_off(kiosk.since, kiosk.zone, now)
        case _:
            look = wording.ready()
    return KioskShown(kiosk.slug, kiosk.relay, look)
