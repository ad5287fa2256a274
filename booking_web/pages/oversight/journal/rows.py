# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lines of the journal as rows of a page and of a spreadsheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.domain.journal.searching import FoundLine, names_of_actors
from booking_web.words.dates import brief_date, clock
from booking_web.words.journal import act_words, actor_words
from booking_web.words.journal_details import detail_words


@dataclass(frozen=True, kw_only=True)
class JournalRow:
    """A line as it is shown."""

    id: int
    at: datetime
    day: str
    hour: str
    actor: str
    act: str
    detail: str
    resident: str
    resident_id: int | None
    appointment: str
    place: str
    origin: str

    @property
    def when(self) -> str:
        """Tell day and hour."""
        return f"{self.day} {self.hour}"


def rows_of(
    session: Session, lines: Sequence[FoundLine], zone: ZoneInfo
) -> list[JournalRow]:
    """Write the lines out; whoever acted is looked up once for all of them."""
    users = names_of_actors(session, [each.actor for each in lines])
    return [
        JournalRow(
            id=each.id,
            at=each.at,
            day=brief_date(local_day(each.at, zone)),
            hour=clock(each.at, zone),
            actor=actor_words(each.actor, users),
            act=act_words(each.act),
            detail=detail_words(each.detail),
            resident=_resident(each),
            resident_id=each.resident_id,
            appointment=_appointment(each, zone),
            place=", ".join(filter(None, (each.organisation, each.relay))),
            origin=each.origin,
        )
        for each in lines
    ]


def titles() -> list[str]:
    """Name the columns."""
    return [
        gettext("Date et heure"),
        gettext("Qui"),
        gettext("Quoi"),
        gettext("Précision"),
        gettext("Usager"),
        gettext("Rendez-vous"),
        gettext("Organisme et relais"),
        gettext("Adresse réseau"),
    ]


def cells(row: JournalRow) -> list[str]:
    """Give a row as it stands in a spreadsheet."""
    return [
        row.when,
        row.actor,
        row.act,
        row.detail,
        row.resident,
        row.appointment,
        row.place,
        row.origin,
    ]


def _when(instant: datetime, zone: ZoneInfo) -> str:
    return f"{brief_date(local_day(instant, zone))} {clock(instant, zone)}"


def _resident(line: FoundLine) -> str:
    if line.resident_name:
        return line.resident_name
    if line.appointment_id is None and line.resident_id is None:
        return ""
    return gettext("(nom effacé)")


def _appointment(line: FoundLine, zone: ZoneInfo) -> str:
    if line.appointment_id is None or line.starts_at is None:
        return ""
    return gettext(
        "nº %(number)s du %(moment)s",
        number=line.appointment_id,
        moment=_when(line.starts_at, zone),
    )
