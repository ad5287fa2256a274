# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a wall shows: the lines that press most, the kiosks that need somebody first."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.fleet.lines_now import LineNow, site_now
from booking_web.pages.oversight.wall.fitting import height_of, how_many_fit
from booking_web.pages.rows.kiosk_readiness import ReadyLine, kiosk_lines, kiosk_name
from booking_web.pages.rows.readiness import presence_now
from booking_web.words.readiness import Look
from provisioning.database.models import Kiosk, Relay

# What fits on the screen without scrolling, in letters that are read from four metres; of
# kiosks `fitting` says how many.
LINES_SHOWN = 7
# Who waits for so long is marked.
LONG_MINUTES = 10
# The order of kiosks: those that need somebody first.
_ORDER = ("out", "off", "check", "unknown", "in_call", "ready")


@dataclass(frozen=True)
class WallLine:
    """An organisation's line, as it is written."""

    name: str
    waiting: int
    longest: str
    is_long: bool
    in_call: int
    available: str
    paused: str


@dataclass(frozen=True)
class WallKiosk:
    """A kiosk: where, how, and what is wrong with its devices."""

    name: str
    look: Look
    cause: str


@dataclass(frozen=True)
class WallView:
    """All of it."""

    is_known: bool
    lines: tuple[WallLine, ...]
    other_lines: int
    kiosks: tuple[WallKiosk, ...]
    # Kiosks that are not in `kiosks`: how many of them are ready, of how many.
    others_ready: int
    other_kiosks: int

    def facts(self, part: str) -> tuple[object, ...]:
        """Give what a part of the page says, by which an open page knows that it differs."""
        if part == "lines":
            return self.lines, self.other_lines, self.is_known
        return self.kiosks, self.others_ready, self.other_kiosks


def wall_view(session: Session, now: datetime) -> WallView:
    """Read it."""
    site = site_now(session, now)
    lines = sorted(site.lines, key=_pressing)
    kiosks = _kiosks(session, now)
    fit = how_many_fit([height_of(k.name, k.look.word, k.cause) for k in kiosks])
    shown, others = kiosks[:fit], kiosks[fit:]
    return WallView(
        site.is_heard,
        tuple(_line(each, now) for each in lines[:LINES_SHOWN]),
        len(lines[LINES_SHOWN:]),
        tuple(shown),
        sum(each.look.state == "ready" for each in others),
        len(others),
    )


def _pressing(line: LineNow) -> tuple[float, int, str]:
    since = line.waits_since.timestamp() if line.waits_since else float("inf")
    return since, -line.in_call, line.name


def _line(line: LineNow, now: datetime) -> WallLine:
    waited = now - line.waits_since if line.waits_since else None
    minutes = max(0, int(waited.total_seconds() // 60)) if waited else 0
    return WallLine(
        line.short_name,
        line.waiting,
        _minutes(minutes) if waited is not None else "–",
        minutes >= LONG_MINUTES,
        line.in_call,
        _count(line.available),
        _count(line.paused),
    )


def _minutes(minutes: int) -> str:
    if minutes < 60:
        return gettext("%(minutes)s min", minutes=minutes)
    return gettext(
        "%(hours)s h %(minutes)02d", hours=minutes // 60, minutes=minutes % 60
    )


def _count(count: int | None) -> str:
    return "?" if count is None else str(count)


def _kiosks(session: Session, now: datetime) -> list[WallKiosk]:
    query = select(Kiosk).join(Kiosk.relay).order_by(Relay.name, Kiosk.slug)
    kiosks = session.scalars(query.options(joinedload(Kiosk.relay))).all()
    lines = kiosk_lines(session, kiosks, presence_now(session, now), now)
    found = [
        WallKiosk(kiosk_name(kiosk), line.look, _cause(line))
        for kiosk, line in zip(kiosks, lines, strict=True)
    ]
    return sorted(found, key=lambda each: _ORDER.index(each.look.state))


def _cause(line: ReadyLine) -> str:
    """Give what is wrong first; that nobody hears anything is said once for all."""
    return line.causes[0] if line.causes and line.look.state != "unknown" else ""
