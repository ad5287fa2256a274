# SPDX-License-Identifier: AGPL-3.0-or-later
"""The booking form: what it asks for, what it refuses and how it says so."""

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from booking_web.base.languages import FRENCH, LANGUAGES
from booking_web.base.resident_text import normalised
from booking_web.domain.places.slot_value import SlotValue, slot_value
from booking_web.domain.residents.postal import Part
from booking_web.pages.secretary.booking.interpreters import InterpreterChoice
from booking_web.pages.secretary.booking.subjects import REASON_PREFIX, Subject
from booking_web.shell.forms.day_and_hour import typed_day, typed_instant
from booking_web.shell.forms.fields import (
    ChoiceField,
    birth_day,
    email_address,
    printable,
    readable_name,
    telephone_number,
)
from booking_web.shell.forms.postal_fields import PostalFields
from booking_web.tables.appointment import REASON_LENGTH, RESIDENT_NAME_LENGTH
from booking_web.words.languages import unknown_language_sentence

NOW = "now"
AT = "at"
TOKEN_LENGTH = 64


@dataclass(frozen=True)
class Choices:
    """What may be chosen; relays are pairs of slug and name."""

    subjects: list[Subject]
    relays: list[tuple[str, str]]
    interpreters: list[InterpreterChoice] = field(default_factory=list)


class BookingForm(PostalFields):
    """Who, what for, when; for an administrator also which relay."""

    resident_name = StringField(
        lazy_gettext("Nom de l'usager"),
        filters=[normalised],
        validators=[
            DataRequired(lazy_gettext("Écrivez le nom de l'usager.")),
            Length(
                max=RESIDENT_NAME_LENGTH,
                message=lazy_gettext("Ce nom est trop long : 120 caractères au plus."),
            ),
            readable_name,
        ],
    )
    # Whom the list under the name gave: a number, NEW_RESIDENT, or empty.
    # An empty label: else one is made up of the name, and translated, for each form.
    resident_id = HiddenField("")
    # Whom the secretary chose when asked, and about which name that was.
    resident_choice = ChoiceField("")
    asked_about = HiddenField("")
    birth_date = StringField(
        lazy_gettext("Date de naissance"), filters=[normalised], validators=[birth_day]
    )
    telephone = StringField(
        lazy_gettext("Téléphone"), filters=[normalised], validators=[telephone_number]
    )
    email = StringField(
        lazy_gettext("Adresse e-mail"), filters=[normalised], validators=[email_address]
    )
    # A visit reason (`motif:<slug>`) or an organisation (`<slug>`).
    organisation = ChoiceField(
        lazy_gettext("Pour quoi ?"),
        validators=[DataRequired(lazy_gettext("Choisissez un motif ou un organisme."))],
    )
    reason = StringField(
        lazy_gettext("Précision"),
        filters=[normalised],
        validators=[
            Length(
                max=REASON_LENGTH,
                message=lazy_gettext(
                    "Cette précision est trop longue : 200 caractères au plus."
                ),
            ),
            printable,
        ],
    )
    # What the kiosk writes and says: one of `languages`.
    language = ChoiceField(lazy_gettext("La borne parle"), default=FRENCH)
    # A service whose interpreter is to be there, by slug; empty: nobody interprets.
    interpreter = ChoiceField(lazy_gettext("Interprète"), default="")
    # Boards and messages tell neither who comes nor why.
    discreet = BooleanField(lazy_gettext("Rendez-vous discret"))
    relay = ChoiceField(
        lazy_gettext("Relais"),
        validators=[DataRequired(lazy_gettext("Choisissez un relais."))],
    )
    # Nothing is chosen before the person does.
    when = ChoiceField(lazy_gettext("Quand ?"), default="")
    day = StringField(lazy_gettext("Date"))
    hour = StringField(lazy_gettext("Heure"))
    # The last day that is of use, for the waiting list.
    until = StringField(lazy_gettext("Au plus tard le"))
    # The hour that was proposed after a conflict, taken with one click: "2026-11-24 10:30".
    proposed = HiddenField("")
    # The appointment of that day beside which this one is meant, by number.
    twin_known = HiddenField("")
    submission = HiddenField("", validators=[Length(max=TOKEN_LENGTH)])
    subjects: dict[str, Subject]
    interpreters: dict[str, InterpreterChoice]

    @property
    def subject(self) -> Subject | None:
        """Give what the resident comes for, once it is chosen."""
        return self.subjects.get(self.organisation.data or "")

    @property
    def interpreter_id(self) -> int | None:
        """Give the number of the service that is to interpret, once it is chosen."""
        chosen = self.interpreters.get(self.interpreter.data or "")
        return None if chosen is None else chosen.organisation_id

    @property
    def has_options(self) -> bool:
        """Tell whether something folded is not as it stands by default, or is wrong."""
        folded = (self.interpreter, self.discreet, self.birth_date, self.telephone)
        postal = (self[part] for part in Part)
        return self.language.data != FRENCH or any(
            each.data or each.errors for each in (*folded, self.email, *postal)
        )

    @property
    def slot(self) -> SlotValue | None:
        """Give the slot that is chosen, where it is one of the list."""
        return slot_value(self.when.data)

    def offer(self, choices: Choices) -> None:
        """Set what may be chosen; a single relay needs no choosing."""
        self.subjects = {each.value: each for each in choices.subjects}
        self.organisation.choices = [
            (each.value, each.name) for each in choices.subjects
        ]
        self.interpreters = {each.slug: each for each in choices.interpreters}
        self.relay.choices = choices.relays
        self.when.choices = _WHEN
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
        """Refuse a reason or an organisation that is not (or no longer) in the list."""
        if field.data in self.subjects:
            return
        if field.data.startswith(REASON_PREFIX):
            raise ValidationError(
                gettext("Ce motif n'est plus proposé. Choisissez-en un autre.")
            )
        raise ValidationError(
            gettext("Cet organisme n'existe pas. Choisissez-en un dans la liste.")
        )

    def validate_language(self, field: ChoiceField) -> None:
        """Refuse a language that no scene of the kiosk is in."""
        if field.data not in LANGUAGES:
            raise ValidationError(unknown_language_sentence())

    def validate_interpreter(self, field: ChoiceField) -> None:
        """Refuse a service that does not, or no longer, interpret."""
        if field.data and field.data not in self.interpreters:
            raise ValidationError(
                gettext("Cet interprète n'est plus proposé. Choisissez à nouveau.")
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
        if (slot := self.slot) is not None:
            return slot.starts_at
        if self.when.data != AT:
            self.when.errors = [
                gettext("Choisissez « Maintenant », une heure libre ou une date.")
            ]
            return None
        return typed_instant(self.day, self.hour, zone, now)

    def last_day(self) -> date | None:
        """Give the waiting list's last day; adds an error where it is no date."""
        if not (self.until.data or "").strip():
            return None
        return typed_day(self.until)


# Translated where a page shows them.
_WHEN = (
    (NOW, lazy_gettext("Maintenant")),
    (AT, lazy_gettext("Une autre date et heure")),
)
