# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a kiosk's printer and scanner are, as the pages say it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.tables.documents import KioskDevices
from booking_web.words import devices as device_wording
from booking_web.words.clock import clock_words
from booking_web.words.line_quality import line_words

# Kiosks tell of their devices about every half-minute.
DEVICES_SILENT_AFTER = timedelta(minutes=2)


# A device that says one of these goes on working.
WARNINGS = {"toner_low"}


@dataclass(frozen=True)
class DevicesLine:
    """How the kiosk's printer and scanner are."""

    printer: str
    scanner: str
    printer_fails: bool
    scanner_fails: bool
    heard_at: datetime | None
    is_silent: bool
    clock: str = ""
    # How loud the kiosk is, one of `device_jobs.VOLUMES`; None: nobody knows.
    volume: int | None = None
    volume_words: str = ""
    # What is wrong with the line of the call that is up, a sentence for each way.
    line: tuple[str, ...] = ()


def devices_line(session: Session, kiosk_id: int, now: datetime) -> DevicesLine:
    """Tell how the kiosk's devices are, and whether that is news or old."""
    told = session.get(KioskDevices, kiosk_id)
    if told is None:
        unknown = gettext("état inconnu")
        return DevicesLine(unknown, unknown, False, False, None, True)
    return DevicesLine(
        printer=device_wording.printer_words(told.printer_state, told.printer_reasons),
        scanner=device_wording.scanner_words(told.scanner_state, told.scanner_reasons),
        printer_fails=bool(set(told.printer_reasons.split()) - WARNINGS),
        scanner_fails=bool(set(told.scanner_reasons.split()) - WARNINGS),
        heard_at=told.heard_at,
        is_silent=now - told.heard_at > DEVICES_SILENT_AFTER,
        clock=clock_words(told.clock_ahead_seconds),
        volume=told.volume,
        volume_words=device_wording.volume_words(told.volume) if told.volume else "",
        line=line_words(told.line_from_kiosk, told.line_to_kiosk),
    )
