# SPDX-License-Identifier: AGPL-3.0-or-later
"""The fields of a postal address, in every form that asks for one."""

from collections.abc import Callable

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import ValidationError

from booking_web.domain.residents.postal import (
    Part,
    PostalAddress,
    address_typed,
    faults_of,
)
from booking_web.words.postal_addresses import address_sentence


def _without_fault(part: Part) -> Callable[["PostalFields", StringField], None]:
    def check(form: "PostalFields", _field: StringField) -> None:
        """Refuse what this part of an address cannot be; an empty address is fine."""
        if (fault := faults_of(form.address).get(part)) is not None:
            raise ValidationError(address_sentence(part, fault))

    return check


class PostalFields(FlaskForm):
    """Street, postcode and commune, and the country of who does not live in France."""

    street = TextAreaField(
        lazy_gettext("Numéro et rue, lieu-dit"),
        validators=[_without_fault(Part.STREET)],
    )
    postcode = StringField(
        lazy_gettext("Code postal"), validators=[_without_fault(Part.POSTCODE)]
    )
    commune = StringField(
        lazy_gettext("Commune"), validators=[_without_fault(Part.COMMUNE)]
    )
    country = StringField(
        lazy_gettext("Pays, si ce n'est pas la France"),
        validators=[_without_fault(Part.COUNTRY)],
    )

    @property
    def address(self) -> PostalAddress:
        """Give what is typed, made regular."""
        return address_typed(**{part: self[part].data or "" for part in Part})

    def show(self, address: PostalAddress) -> None:
        """Put a known address into the fields."""
        for part in Part:
            self[part].data = getattr(address, part)
