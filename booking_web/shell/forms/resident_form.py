# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form in which a resident's name, telephone, e-mail and address are edited."""

from typing import Self

from flask_babel import lazy_gettext
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from booking_web.base.resident_text import normalised
from booking_web.domain.residents.postal import address_in
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.shell.forms.fields import (
    birth_day,
    email_address,
    readable_name,
    telephone_number,
)
from booking_web.shell.forms.postal_fields import PostalFields
from booking_web.tables.appointment import RESIDENT_NAME_LENGTH, Resident


class ResidentForm(PostalFields):
    """Who the resident is, and how they can be reached, if at all."""

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
    birth_date = StringField(
        lazy_gettext("Date de naissance"), filters=[normalised], validators=[birth_day]
    )
    telephone = StringField(
        lazy_gettext("Téléphone"), filters=[normalised], validators=[telephone_number]
    )
    email = StringField(
        lazy_gettext("Adresse e-mail"), filters=[normalised], validators=[email_address]
    )

    @classmethod
    def filled(cls, resident: Resident) -> Self:
        """Give the form as it is filled in with what is known."""
        form = cls(formdata=None)
        form.resident_name.data = resident.name
        born = resident.birth_date
        form.birth_date.data = born.isoformat() if born else ""
        form.telephone.data = readable_telephone(resident.telephone)
        form.email.data = resident.email
        form.show(address_in(resident))
        return form
