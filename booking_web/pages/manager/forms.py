# SPDX-License-Identifier: AGPL-3.0-or-later
"""The manager's forms: ranges of hours, exceptions, rules."""

from collections.abc import Sequence
from datetime import date, time

from flask_babel import LazyString, gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, StringField
from wtforms.validators import Length

from booking_web.base.resident_text import normalised
from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.places.grid import SLOT_MINUTES
from booking_web.domain.places.public_holidays import ALSACE_MOSELLE
from booking_web.domain.places.published import DEFAULT_HORIZON_DAYS
from booking_web.shell.forms.day_and_hour import parsed_day, parsed_hour
from booking_web.shell.forms.fields import ChoiceField
from booking_web.tables.hours import (
    LABEL_LENGTH,
    MINUTES_A_DAY,
    Closure,
    Opening,
)
from provisioning.database.models import Counter, Relay

ALL = "tous"
WEEKDAYS = [
    ("0", lazy_gettext("Lundi")),
    ("1", lazy_gettext("Mardi")),
    ("2", lazy_gettext("Mercredi")),
    ("3", lazy_gettext("Jeudi")),
    ("4", lazy_gettext("Vendredi")),
    ("5", lazy_gettext("Samedi")),
    ("6", lazy_gettext("Dimanche")),
]
RECURRENCES = [
    ("1", lazy_gettext("Chaque semaine")),
    ("2", lazy_gettext("Une semaine sur deux")),
    ("3", lazy_gettext("Une semaine sur trois")),
    ("4", lazy_gettext("Une semaine sur quatre")),
]


class ChoicesField(Field):
    """Any number of `choices`; the page draws a box to tick for each."""

    choices: Sequence[tuple[str, str | LazyString]] = ()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take all values that were sent."""
        self.data = valuelist


def clock_value(minute: int) -> str:
    """Write a minute of the day as an hour field takes it."""
    minute %= MINUTES_A_DAY
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute(field: StringField) -> int | None:
    """Read the minute of the day; None after adding an error."""
    hour: time | None = parsed_hour(field.data)
    if hour is None:
        field.errors = [gettext("Écrivez l'heure, par exemple 8:30.")]
        return None
    minute = hour.hour * 60 + hour.minute
    if minute % SLOT_MINUTES:
        field.errors = [gettext("Choisissez une heure ronde : de 5 en 5 minutes.")]
        return None
    return minute


def _day(field: StringField, *, is_needed: bool = True) -> date | None:
    """Read a day; None after adding an error, or where none was needed."""
    if not is_needed and not (field.data or "").strip():
        return None
    day = parsed_day(field.data)
    if day is None or not 2000 <= day.year <= 2100:
        field.errors = [
            gettext("Écrivez la date, par exemple %(example)s.", example="24/11/2026")
        ]
        return None
    return day


class OpeningForm(FlaskForm):
    """Hours of one or more counters."""

    counters = ChoicesField(lazy_gettext("Guichets"))
    weekdays = ChoicesField(lazy_gettext("Jours"))
    opens = StringField(lazy_gettext("Ouvre à"))
    closes = StringField(lazy_gettext("Ferme à"))
    every_weeks = ChoiceField(lazy_gettext("Répétition"), default="1")
    first_day = StringField(lazy_gettext("À partir du"))
    last_day = StringField(lazy_gettext("Jusqu'au"))
    relay = ChoiceField(lazy_gettext("Pour les usagers de"), default=ALL)

    def offer(self, counters: list[Counter], relays: list[Relay]) -> None:
        """Set what may be chosen."""
        self.weekdays.choices, self.every_weeks.choices = WEEKDAYS, RECURRENCES
        self.counters.choices = [(str(each.id), each.name) for each in counters]
        self.relay.choices = [
            (ALL, gettext("Tous les relais")),
            *((str(each.id), each.name) for each in relays),
        ]

    def show(self, row: Opening) -> None:
        """Fill in a range that is published."""
        self.counters.data = [str(row.counter_id)]
        self.weekdays.data = [str(day) for day in range(7) if row.weekdays >> day & 1]
        self.opens.data = clock_value(row.opens_minute)
        self.closes.data = clock_value(row.closes_minute)
        self.every_weeks.data = str(row.every_weeks)
        self.first_day.data = row.first_day.isoformat()
        self.last_day.data = row.last_day.isoformat() if row.last_day else ""
        self.relay.data = str(row.relay_id or ALL)

    def values(self) -> dict[str, object] | None:
        """Give the columns of the range; None after adding errors."""
        self.validate()
        opens, closes = _minute(self.opens), _minute(self.closes)
        first = _day(self.first_day)
        last = _day(self.last_day, is_needed=False)
        days = {int(day) for day in self.weekdays.data or () if day in dict(WEEKDAYS)}
        if not days:
            self.weekdays.errors = [gettext("Cochez au moins un jour.")]
        known = {value for value, _ in self.counters.choices}
        if not self.counters.data or not set(self.counters.data) <= known:
            self.counters.errors = [gettext("Cochez au moins un guichet.")]
        if self.every_weeks.data not in dict(RECURRENCES):
            self.every_weeks.errors = [gettext("Choisissez dans la liste.")]
        if self.relay.data not in {value for value, _ in self.relay.choices}:
            self.relay.errors = [gettext("Choisissez un relais dans la liste.")]
        if opens is not None and opens == closes:
            self.closes.errors = [gettext("L'heure de fin est celle du début.")]
        if first and last and last < first:
            self.last_day.errors = [gettext("La fin vient avant le début.")]
        if self.errors or opens is None or closes is None:
            return None
        return {
            "weekdays": sum(1 << day for day in days),
            "opens_minute": opens,
            # An hour not after the first one is that of the next morning.
            "closes_minute": closes if closes > opens else closes + MINUTES_A_DAY,
            "every_weeks": int(self.every_weeks.data),
            "first_day": first,
            "last_day": last,
            "relay_id": None if self.relay.data == ALL else int(self.relay.data),
        }


class ClosureForm(FlaskForm):
    """Days, or hours of days, without reception."""

    label = StringField(
        lazy_gettext("Pourquoi"),
        filters=[normalised],
        validators=[
            Length(
                max=LABEL_LENGTH,
                message=lazy_gettext("C'est trop long : 80 caractères au plus."),
            )
        ],
    )
    first_day = StringField(lazy_gettext("Premier jour"))
    last_day = StringField(lazy_gettext("Dernier jour"))
    from_hour = StringField(lazy_gettext("De"))
    until_hour = StringField(lazy_gettext("À"))
    counter = ChoiceField(lazy_gettext("Guichet"), default=ALL)

    def offer(self, counters: list[Counter]) -> None:
        """Set what may be chosen."""
        self.counter.choices = [
            (ALL, gettext("Tous les guichets")),
            *((str(each.id), each.name) for each in counters),
        ]

    def closure(self, organisation_id: int) -> Closure | None:
        """Give the exception that is asked for; None after adding errors."""
        self.validate()
        first = _day(self.first_day)
        last = _day(self.last_day, is_needed=False) or first
        if first and last and last < first:
            self.last_day.errors = [gettext("La fin vient avant le début.")]
        if self.counter.data not in {value for value, _ in self.counter.choices}:
            self.counter.errors = [gettext("Choisissez un guichet dans la liste.")]
        begins = ends = None
        if (self.from_hour.data or "").strip() or (self.until_hour.data or "").strip():
            begins, ends = _minute(self.from_hour), _minute(self.until_hour)
            # Midnight ends the day.
            ends = MINUTES_A_DAY if ends == 0 else ends
            if begins is not None and ends is not None and ends <= begins:
                self.until_hour.errors = [gettext("La fin vient avant le début.")]
        if self.errors or first is None or last is None:
            return None
        return Closure(
            organisation_id=organisation_id,
            counter_id=None if self.counter.data == ALL else int(self.counter.data),
            first_day=first,
            last_day=last,
            from_minute=begins,
            until_minute=ends,
            label=self.label.data or "",
        )


class RulesForm(FlaskForm):
    """The rules of an organisation; texts, so that what was typed comes back."""

    step = StringField(lazy_gettext("Un rendez-vous possible toutes les (minutes)"))
    lead = StringField(lazy_gettext("Délai avant un rendez-vous (heures)"))
    horizon = StringField(lazy_gettext("On réserve jusqu'à (jours d'avance)"))
    most = StringField(lazy_gettext("Rendez-vous par jour, au plus"))
    open_on_holidays = BooleanField(lazy_gettext("Ouvert les jours fériés"))
    alsace = BooleanField(lazy_gettext("Jours fériés d'Alsace et de Moselle"))

    def values(self) -> dict[str, object] | None:
        """Give the columns of the rules; None after adding errors."""
        values: dict[str, object] = {
            "step_minutes": _number(self.step, 5, 480, SLOT_MINUTES),
            "lead_minutes": (_number(self.lead, 0, 720) or 0) * 60,
            "horizon_days": _number(self.horizon, 1, 366),
            "max_per_day": _number(self.most, 1, 10_000),
            "open_on_holidays": self.open_on_holidays.data,
            "holiday_region": ALSACE_MOSELLE if self.alsace.data else "",
        }
        if not self.horizon.errors and values["horizon_days"] is None:
            values["horizon_days"] = DEFAULT_HORIZON_DAYS
        return None if self.errors else values


class NotANumber(ValueError):
    """The text is no number that is allowed here; the message is for the reader."""


def whole_number(text: str | None, least: int, most: int, step: int = 1) -> int | None:
    """Read a number; None where nothing is written. Raises NotANumber."""
    text = (text or "").strip()
    if not text:
        return None
    number = whole_or_none(text)
    if number is not None and least <= number <= most and number % step == 0:
        return number
    if step > 1:
        message = gettext(
            "Écrivez un nombre entre %(least)d et %(most)d, de %(step)d en %(step)d.",
            least=least,
            most=most,
            step=step,
        )
    else:
        message = gettext(
            "Écrivez un nombre entre %(least)d et %(most)d.", least=least, most=most
        )
    raise NotANumber(message)


def _number(field: StringField, least: int, most: int, step: int = 1) -> int | None:
    """Read a field's number; None where it is empty, or after adding an error."""
    try:
        return whole_number(field.data, least, most, step)
    except NotANumber as error:
        field.errors = [str(error)]
        return None
