# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms as the reader gives them, without a process that reads: for what keeps them."""

from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    FormDescription,
    LabelSource,
    Option,
    Page,
    Place,
    Rectangle,
)
from booking_web.domain.forms.reader import FormRead
from stage.kiosk_ground import make_pdf


def a_field(key: str, kind: FieldKind = FieldKind.TEXT, **values: object) -> Field:
    """Describe a field somewhere on the first page."""
    place = Place(key, 1, Rectangle(50, 50, 200, 20), 0)
    usual = {"label": f"Label of {key}", "label_source": LabelSource.TOOLTIP}
    return Field(key, kind, (place,), **usual | values)  # type: ignore[arg-type]


def a_form(*fields: Field, pages: int = 1) -> FormRead:
    """Give a form of these fields; its PDF has as many blank pages."""
    described = FormDescription(
        tuple(Page(number, 595, 842) for number in range(1, pages + 1)), fields
    )
    return FormRead(described, make_pdf(pages))


def an_allowance() -> FormRead:
    """Give a form that asks who one is, whether one is married, and to sign."""
    yes = (Option("Oui", "oui"), Option("Non", "non"))
    return a_form(
        a_field("nom"),
        a_field("naissance", FieldKind.DATE),
        a_field("marie", FieldKind.RADIO, options=yes),
        a_field("numero", is_read_only=True),
        a_field("signature", FieldKind.SIGNATURE),
    )
