# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the forms of several pages have in common: fields, and what they refuse."""

from collections.abc import Sequence

from email_validator import EmailNotValidError, validate_email
from flask_babel import LazyString, gettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError

from booking_web.base.resident_text import has_letter, has_unprintable
from booking_web.domain.residents.telephones import NoTelephone, telephone_of
from booking_web.shell.forms.day_and_hour import parsed_day
from booking_web.shell.services import services

OLDEST_YEARS = 130
EMAIL_LENGTH = 254


def printable(_form: FlaskForm, field: StringField) -> None:
    if has_unprintable(field.data or ""):
        raise ValidationError(
            gettext(
                "Ce texte contient des caractères illisibles. Retapez-le à la main."
            )
        )


def _nameable(_form: FlaskForm, field: StringField) -> None:
    if not has_letter(field.data or ""):
        raise ValidationError(gettext("Écrivez le nom avec des lettres."))


def readable_name(_form: FlaskForm, field: StringField) -> None:
    """Refuse a name that can't be read or has no letter."""
    printable(_form, field)
    _nameable(_form, field)


def telephone_number(_form: FlaskForm, field: StringField) -> None:
    """Refuse what is no telephone number; an empty field is fine."""
    try:
        telephone_of(field.data or "")
    except NoTelephone:
        raise ValidationError(
            gettext(
                "Ce numéro n'existe pas. Écrivez-le par exemple ainsi : 06 12 34 56 78."
            )
        ) from None


def email_address(_form: FlaskForm, field: StringField) -> None:
    """Refuse what is no e-mail address; an empty field is fine."""
    typed = field.data or ""
    try:
        if len(typed) > EMAIL_LENGTH:
            raise EmailNotValidError
        if typed:
            validate_email(typed, check_deliverability=False)
    except EmailNotValidError:
        raise ValidationError(
            gettext(
                "Cette adresse n'est pas complète. "
                "Écrivez-la par exemple ainsi : nom@exemple.fr."
            )
        ) from None


def birth_day(_form: FlaskForm, field: StringField) -> None:
    """Refuse what is no day of birth of anybody alive; an empty field is fine."""
    if not field.data:
        return
    day = parsed_day(field.data)
    if day is None:
        raise ValidationError(
            gettext("Écrivez la date, par exemple %(example)s.", example="31/12/1950")
        )
    today = services().now().date()
    if not today.year - OLDEST_YEARS < day.year or day > today:
        raise ValidationError(gettext("Cette date de naissance n'est pas possible."))


class ChoiceField(StringField):
    """One slug out of `choices`; the page draws radio buttons or a list as it sees fit."""

    choices: Sequence[tuple[str, str | LazyString]] = ()
