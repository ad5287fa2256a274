# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the second screen shows while nobody is called: free, expected, closed, out of order."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import force_locale, get_locale, gettext
from sqlalchemy.orm import Session

from booking_web.base.languages import FRENCH, language_or_french
from booking_web.domain.appointments.line.keeping import keeping_of
from booking_web.domain.appointments.line.standing import standing_of
from booking_web.domain.appointments.line.waiting import first_in_line_at
from booking_web.domain.kiosks.scenes import Known, Scene, scene_of
from booking_web.pages.kiosk.opening import RelayOpening, opening_at
from booking_web.pages.kiosk.present import (
    NextAppointment,
    is_out_of_order,
    is_trouble_told,
    next_appointment,
)
from booking_web.pages.rows.devices import devices_line
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment
from booking_web.words.dates import moment
from booking_web.words.line import cause_words, expected_wait, wait_words
from booking_web.words.scenes import second_line, trouble_told_words
from provisioning.database.models import Kiosk


@dataclass(frozen=True)
class FreeScreen:
    """The scene, what is written below its sentence, and whose appointment is next."""

    scene: Scene
    lines: tuple[str, ...]
    next: NextAppointment | None
    # That the kiosk's clock is wrong.
    clock: str
    # Of who is expected, or is the first in the line that is told of; else French.
    language: str


def read_free(session: Session, kiosk: Kiosk, now: datetime) -> FreeScreen:
    """Tell what the kiosk's screen shows while it is nobody's."""
    following = next_appointment(session, kiosk, now)
    opening = opening_at(session, kiosk.relay_id, now)
    scene = scene_of(
        Known(
            is_out_of_order=is_out_of_order(session, kiosk, now),
            is_expected=following is not None and following.is_expected,
            is_closed=opening.is_closed,
        )
    )
    tells_the_line = scene in (Scene.FREE, Scene.OUT_OF_ORDER)
    waiting = first_in_line_at(session, kiosk.relay_id, now) if tells_the_line else None
    language = FRENCH
    if following is not None and following.is_expected:
        language = following.language
    elif waiting is not None:
        language = language_or_french(waiting.language)
    with force_locale(language):
        return _worded(session, kiosk, scene, opening, following, waiting, now)


def _worded(
    session: Session,
    kiosk: Kiosk,
    scene: Scene,
    opening: RelayOpening,
    following: NextAppointment | None,
    waiting: Appointment | None,
    now: datetime,
) -> FreeScreen:
    zone = ZoneInfo(kiosk.relay.time_zone)
    is_told = scene is Scene.OUT_OF_ORDER and is_trouble_told(session, kiosk)
    opens_at = opening.opens_at
    values = {
        "opens": moment(opens_at, zone, now) if opens_at else "",
        "told": trouble_told_words() if is_told else "",
    }
    line = _line_words(session, waiting, now) if waiting else ()
    clock = devices_line(session, kiosk.id, now)
    return FreeScreen(
        scene,
        line or tuple(filter(None, (second_line(scene, values),))),
        following if scene in (Scene.FREE, Scene.EXPECTED) else None,
        "" if clock.is_silent else clock.clock,
        str(get_locale()),
    )


def _line_words(
    session: Session, waiting: Appointment, now: datetime
) -> tuple[str, ...]:
    """Say of who has waited longest in a line how long it may be, and what is waited for."""
    keeping = keeping_of(services().settings)
    standing = standing_of(session, waiting, now, keeping)
    wait, cause = expected_wait(standing), standing.hindrance
    line = gettext(
        "File d'attente, %(organisation)s : %(wait)s.",
        organisation=waiting.organisation.name,
        wait=wait_words(wait),
    )
    told = "" if wait is None and cause else line
    return tuple(filter(None, (told, cause_words(cause, standing.zone))))
