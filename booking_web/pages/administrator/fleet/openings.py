# SPDX-License-Identifier: AGPL-3.0-or-later
"""What hosts found as they opened: on the fleet's page where it is wrong, on each kiosk's."""

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.fleet.opening_checks import checks_on, last_checked_days
from booking_web.pages.administrator.entries.listing import Cell
from booking_web.tables.opening_checks import Found, OpeningCheck, Step
from booking_web.words.dates import clock, short_date
from booking_web.words.opening import STEPS
from provisioning.database.models import Kiosk


def opening_lines(session: Session) -> list[tuple[str, str, str]]:
    """Give slug, relay and words of each kiosk whose last opening found a problem."""
    kiosks = session.scalars(
        select(Kiosk).options(joinedload(Kiosk.relay)).order_by(Kiosk.slug)
    ).all()
    days = last_checked_days(session, [each.id for each in kiosks])
    found = []
    for kiosk in kiosks:
        if kiosk.id in days:
            cell = _cell(session, kiosk, days[kiosk.id])
            if cell.tone:
                found.append((kiosk.slug, kiosk.relay.name, cell.text))
    return found


def opening_cell(session: Session, kiosk_id: int) -> Cell:
    """Say what was found at a kiosk's last opening, who looked and when."""
    days = last_checked_days(session, [kiosk_id])
    if kiosk_id not in days:
        return Cell("")
    return _cell(session, session.get_one(Kiosk, kiosk_id), days[kiosk_id])


def _cell(session: Session, kiosk: Kiosk, day: date) -> Cell:
    checks = checks_on(session, kiosk.id, day)
    wrong = [step for step in Step if _is_wrong(checks.get(step))]
    zone = ZoneInfo(kiosk.relay.time_zone)
    if wrong:
        what = ", ".join(str(STEPS[step].short) for step in wrong)
        said = gettext("problème (%(what)s)", what=what)
    elif len(checks) == len(Step):
        said = gettext("en ordre")
    else:
        said = gettext("%(done)s sur %(all)s en ordre", done=len(checks), all=len(Step))
    text = gettext(
        "%(day)s : %(said)s – %(who)s",
        day=short_date(day),
        said=said,
        who=_who(checks.values(), zone),
    )
    return Cell(text, "trouble" if wrong else "")


def _is_wrong(check: OpeningCheck | None) -> bool:
    return check is not None and check.found == Found.PROBLEM


def _who(checks: Iterable[OpeningCheck], zone: ZoneInfo) -> str:
    """Name who looked last, and at what hour."""
    last = max(checks, key=lambda each: each.checked_at)
    who = last.checked_by
    name = who.name if who is not None else gettext("compte supprimé")
    return gettext("%(name)s, à %(hour)s", name=name, hour=clock(last.checked_at, zone))
