# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands in a library of forms: the list of an organisation, and one edition."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.domain.forms.asked import AskedField
from booking_web.domain.forms.description import FormDescription
from booking_web.domain.forms.errors import UnknownForm
from booking_web.tables.forms import Form, FormEdition


@dataclass(frozen=True)
class LibraryForm:
    """A form in the list, with its newest edition."""

    id: int
    title: str
    withdrawn_at: datetime | None
    edition_id: int
    number: int
    pages: int


@dataclass(frozen=True)
class Edition:
    """An edition as it is filled in."""

    id: int
    form_id: int
    organisation_id: int
    title: str
    number: int
    sha256: str
    description: FormDescription
    asked: tuple[AskedField, ...]
    is_withdrawn: bool


def list_forms(
    session: Session, organisation_id: int, *, with_withdrawn: bool = False
) -> list[LibraryForm]:
    """List an organisation's forms in their order; withdrawn ones only where asked for."""
    newest = (
        select(FormEdition.form_id, func.max(FormEdition.number).label("number"))
        .group_by(FormEdition.form_id)
        .subquery()
    )
    # Columns alone: a description may be a megabyte.
    query = (
        select(
            Form.id,
            Form.title,
            Form.withdrawn_at,
            FormEdition.id,
            FormEdition.number,
            FormEdition.pages,
        )
        .join(newest, newest.c.form_id == Form.id)
        .join(
            FormEdition,
            (FormEdition.form_id == Form.id) & (FormEdition.number == newest.c.number),
        )
        .where(Form.organisation_id == organisation_id)
        .order_by(Form.position, Form.id)
    )
    if not with_withdrawn:
        query = query.where(Form.withdrawn_at.is_(None))
    return [LibraryForm(*row) for row in session.execute(query)]


def read_edition(session: Session, edition_id: int) -> Edition:
    """Give an edition, also of a form that was withdrawn; raises UnknownForm."""
    row = session.execute(
        select(FormEdition, Form)
        .join(Form, Form.id == FormEdition.form_id)
        .where(FormEdition.id == edition_id)
    ).one_or_none()
    if row is None:
        raise UnknownForm(str(edition_id))
    edition, form = row
    return Edition(
        id=edition.id,
        form_id=form.id,
        organisation_id=form.organisation_id,
        title=form.title,
        number=edition.number,
        sha256=edition.sha256,
        description=FormDescription.from_json(edition.description),
        asked=tuple(AskedField.from_json(each) for each in edition.asked),
        is_withdrawn=form.withdrawn_at is not None,
    )
