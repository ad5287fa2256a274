# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form by which a call is handed over: to whom, with which note and which documents."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from booking_web.domain.appointments.handing_over.asking import Wanted
from booking_web.pages.counsellor.ending.pages import lines_typed, readable_lines
from booking_web.tables.conclusions import NOTE_LENGTH

COLLEAGUE, ORGANISATION = "collegue", "organisme"


def _whole(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


class HandoverForm(FlaskForm):
    """To whom, why, and what another organisation may read."""

    to = StringField(lazy_gettext("À qui ?"))
    note = TextAreaField(
        lazy_gettext("Note pour qui prend l'appel"),
        filters=[lines_typed],
        validators=[
            Length(
                max=NOTE_LENGTH,
                message=lazy_gettext(
                    "Cette note est trop longue : 1 000 caractères au plus."
                ),
            ),
            readable_lines,
        ],
    )
    documents = SelectMultipleField(
        lazy_gettext("Documents que l'autre organisme pourra lire"),
        coerce=_whole,
        validate_choice=False,
    )
    agrees = BooleanField(lazy_gettext("L'usager est d'accord"))

    def validate_to(self, field: StringField) -> None:
        """Refuse a form in which nobody was chosen."""
        kind, _, slug = (field.data or "").partition(":")
        if kind not in (COLLEAGUE, ORGANISATION) or not slug:
            raise ValidationError(
                lazy_gettext("Choisissez un collègue ou un organisme dans la liste.")
            )

    def validate_agrees(self, field: BooleanField) -> None:
        """Refuse to tell another organisation of a resident who was not asked."""
        if (self.to.data or "").startswith(f"{ORGANISATION}:") and not field.data:
            raise ValidationError(
                lazy_gettext(
                    "Demandez d'abord à l'usager s'il est d'accord, puis cochez la case."
                )
            )

    @property
    def wanted(self) -> Wanted:
        """Give what was sent, once it is valid."""
        kind, _, slug = (self.to.data or "").partition(":")
        is_colleague = kind == COLLEAGUE
        return Wanted(
            colleague=slug if is_colleague else "",
            organisation="" if is_colleague else slug,
            note=self.note.data or "",
            documents=() if is_colleague else tuple(self.documents.data or ()),
            resident_agrees=bool(self.agrees.data),
        )
