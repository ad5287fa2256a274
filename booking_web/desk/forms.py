# SPDX-License-Identifier: AGPL-3.0-or-later
"""The booking form: what it asks for, what it refuses and how it says so."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from booking_web.languages import clock
from booking_web.local_time import NoSuchHour, utc_of
from booking_web.models import REASON_LENGTH, RESIDENT_NAME_LENGTH
from booking_web.resident_text import has_letter, has_unprintable, normalised

NOW = "now"
AT = "at"
TOKEN_LENGTH = 64


@dataclass(frozen=True)
class Choices:
    """What may be chosen: pairs of slug and name."""

    organisations: list[tuple[str, str]]
    relays: list[tuple[str, str]]


def _printable(_form: FlaskForm, field: StringField) -> None:
    if has_unprintable(field.data or ""):
        raise ValidationError(
            gettext(
                "Ce texte contient des caractères illisibles. Retapez-le à la main."
            )
        )


def _nameable(_form: FlaskForm, field: StringField) -> None:
    if not has_letter(field.data or ""):
        raise ValidationError(gettext("Écrivez le nom avec des lettres."))


class ChoiceField(StringField):
    """One slug out of `choices`; the page draws radio buttons or a list as it sees fit."""

    choices: list[tuple[str, str]] = []


class BookingForm(FlaskForm):
    """Who, which organisation, when; for an administrator also which relay."""

    resident_name = StringField(
        lazy_gettext("Nom de l'usager"),
        filters=[normalised],
        validators=[
            DataRequired(lazy_gettext("Écrivez le nom de l'usager.")),
            Length(
                max=RESIDENT_NAME_LENGTH,
                message=lazy_gettext("Ce nom est trop long : 120 caractères au plus."),
            ),
            _printable,
            _nameable,
        ],
    )
    organisation = ChoiceField(
        lazy_gettext("Organisme"),
        validators=[DataRequired(lazy_gettext("Choisissez un organisme."))],
    )
    reason = StringField(
        lazy_gettext("Motif"),
        filters=[normalised],
        validators=[
            Length(
                max=REASON_LENGTH,
                message=lazy_gettext(
                    "Ce motif est trop long : 200 caractères au plus."
                ),
            ),
            _printable,
        ],
    )
    relay = ChoiceField(
        lazy_gettext("Relais"),
        validators=[DataRequired(lazy_gettext("Choisissez un relais."))],
    )
    when = ChoiceField(lazy_gettext("Quand ?"), default=NOW)
    day = StringField(lazy_gettext("Date"))
    hour = StringField(lazy_gettext("Heure"))
    # The hour that was proposed after a conflict, taken with one click: "2026-11-24 10:30".
    proposed = HiddenField()
    submission = HiddenField(validators=[Length(max=TOKEN_LENGTH)])

    def offer(self, choices: Choices) -> None:
        """Set what may be chosen; a single relay needs no choosing."""
        self.organisation.choices = choices.organisations
        self.relay.choices = choices.relays
        self.when.choices = [
            (NOW, gettext("Maintenant")),
            (AT, gettext("À une date et une heure")),
        ]
        # A form that was open while another secretary signed in names another relay:
        # that is refused, not booked at the wrong place.
        if len(choices.relays) == 1 and not self.relay.raw_data:
            self.relay.data = choices.relays[0][0]

    def take_proposal(self) -> None:
        """Put the proposed hour, where its button was pressed, into date and hour."""
        day, _, hour = (self.proposed.data or "").partition(" ")
        if day and hour:
            self.when.data, self.day.data, self.hour.data = AT, day, hour
        self.proposed.data = ""

    def validate_organisation(self, field: ChoiceField) -> None:
        """Refuse an organisation that is not (or no longer) in the list."""
        if field.data not in {slug for slug, _ in field.choices}:
            raise ValidationError(
                gettext("Cet organisme n'existe pas. Choisissez-en un dans la liste.")
            )

    def validate_relay(self, field: ChoiceField) -> None:
        """Refuse a relay that this person does not work for."""
        if field.data not in {slug for slug, _ in field.choices}:
            raise ValidationError(
                gettext("Ce relais n'existe pas. Choisissez-en un dans la liste.")
            )

    def starts_at(self, zone: ZoneInfo, now: datetime) -> datetime | None:
        """Give the instant asked for, None for now.

        Returns after adding an error to `day` or `hour` where there is no such instant: ask
        `errors` first.
        """
        if self.when.data == NOW:
            return None
        if self.when.data != AT:
            self.when.errors = [gettext("Choisissez « Maintenant » ou une date.")]
            return None
        day = _parsed_day(self.day.data)
        hour = _parsed_hour(self.hour.data)
        if day is None:
            self.day.errors = [
                gettext(
                    "Écrivez la date, par exemple %(example)s.", example="24/11/2026"
                )
            ]
        if hour is None:
            self.hour.errors = [gettext("Écrivez l'heure, par exemple 14:30.")]
        if day is None or hour is None:
            return None
        try:
            return utc_of(day, hour, zone, now)
        except NoSuchHour as error:
            self.hour.errors = [
                gettext(
                    "Cette heure n'existe pas ce jour-là : on passe à l'heure d'été. "
                    "Choisissez %(hour)s ou plus tard.",
                    hour=clock(error.first_after, zone),
                )
            ]
        except OverflowError:
            self.day.errors = [gettext("Cette date n'est pas possible.")]
        return None


def _parsed_day(text: str | None) -> date | None:
    """Read what a date field sends, and what a person types where there is none."""
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime((text or "").strip(), pattern).date()
        except ValueError:
            continue
    return None


def _parsed_hour(text: str | None) -> time | None:
    """Read 14:30, 14:30:00, 14h30, 14 h 30 and 14 h."""
    compact = "".join((text or "").lower().split()).replace("h", ":").rstrip(":")
    for pattern in ("%H:%M", "%H:%M:%S", "%H"):
        try:
            return datetime.strptime(compact, pattern).time()
        except ValueError:
            continue
    return None
