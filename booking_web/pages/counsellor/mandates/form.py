# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form by which a mandate is drawn up: who acts, for what, until when."""

from datetime import date

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from booking_web.base.resident_text import normalised
from booking_web.domain.mandates.keeping import MandateOrder, WrongDays
from booking_web.shell.forms.fields import ChoiceField, printable, readable_name
from booking_web.tables.mandates import MATTER_LENGTH, NAME_LENGTH, MandateRelation
from booking_web.words.mandates import RELATIONS

_TOO_LONG = lazy_gettext("C'est trop long : écrivez-le en moins de mots.")


class MandateForm(FlaskForm):
    """A mandate that begins today."""

    representative = StringField(
        lazy_gettext("Qui agit à la place de l'usager"),
        filters=[normalised],
        validators=[
            InputRequired(lazy_gettext("Écrivez le nom de la personne qui agit.")),
            Length(max=NAME_LENGTH, message=_TOO_LONG),
            readable_name,
        ],
    )
    relation = ChoiceField(lazy_gettext("Qui est-ce pour l'usager"))
    for_appointments = BooleanField(
        lazy_gettext(
            "Venir aux rendez-vous avec cet organisme, et parler pour l'usager"
        )
    )
    for_documents = BooleanField(lazy_gettext("Donner et recevoir ses papiers"))
    matter = StringField(
        lazy_gettext("Une démarche, en quelques mots"),
        filters=[normalised],
        validators=[Length(max=MATTER_LENGTH, message=_TOO_LONG), printable],
    )
    until = StringField(lazy_gettext("Jusqu'au"))

    def validate_relation(self, field: ChoiceField) -> None:
        """Refuse a form in which it was not said."""
        if field.data not in set(MandateRelation):
            raise ValidationError(gettext("Choisissez dans la liste."))

    def validate_for_appointments(self, field: BooleanField) -> None:
        """Refuse a mandate for nothing."""
        if not (field.data or self.for_documents.data or self.matter.data):
            raise ValidationError(
                gettext("Dites pour quoi : cochez une case, ou écrivez la démarche.")
            )

    def order(self, today: date) -> MandateOrder | None:
        """Give what was sent, once it is valid; None, and why, where its days are wrong."""
        try:
            return MandateOrder(
                representative=self.representative.data or "",
                relation=MandateRelation(self.relation.data),
                for_appointments=bool(self.for_appointments.data),
                for_documents=bool(self.for_documents.data),
                matter=self.matter.data or "",
                starts_on=today,
                ends_on=date.fromisoformat(self.until.data or today.isoformat()),
            )
        except (WrongDays, ValueError):
            self.until.errors = [
                gettext(
                    "Choisissez un jour à partir d'aujourd'hui, dans un an au plus."
                )
            ]
            return None


RELATION_CHOICES = tuple((str(code), words) for code, words in RELATIONS.items())
