# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands in a library of forms: the list of an organisation, and one edition."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.domain.forms.asked import AskedField
from booking_web.domain.forms.description import FormDescription
from booking_web.domain.forms.errors import UnknownForm
from booking_web.tables.forms import Draft, Form, FormEdition


@dataclass(frozen=True)
class LibraryForm:
    """A form in the list, with its newest edition."""

    id: int
    title: str
    withdrawn_at: datetime | None
    edition_id: int
    number: int
    pages: int
    # None of a flat one, until somebody has placed them.
    fields: int


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

    @property
    def revision(self) -> str:
        """Give what a page has seen of it: another one as soon as anything is changed."""
        return revision_of(self.id, [each.to_json() for each in self.asked])


def revision_of(edition_id: int, asked: Sequence[Mapping[str, str]]) -> str:
    """Give the revision of an edition whose fields are asked so."""
    plain = json.dumps([dict(each) for each in asked], sort_keys=True)
    return f"{edition_id}-{sha256(plain.encode()).hexdigest()[:16]}"


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
            func.json_array_length(FormEdition.asked),
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


def read_form(session: Session, organisation_id: int, form_id: int) -> Edition:
    """Give the newest edition of an organisation's form; raises UnknownForm."""
    newest = (
        select(FormEdition.id)
        .join(Form, Form.id == FormEdition.form_id)
        .where(Form.id == form_id, Form.organisation_id == organisation_id)
        .order_by(FormEdition.number.desc())
        .limit(1)
    )
    edition_id = session.scalar(newest)
    if edition_id is None:
        raise UnknownForm(str(form_id))
    return read_edition(session, edition_id)


@dataclass(frozen=True)
class EditionLine:
    """An edition in the list of a form's."""

    id: int
    number: int
    pages: int
    taken_at: datetime
    drafts: int


def list_editions(session: Session, form_id: int) -> list[EditionLine]:
    """List the editions of a form, the newest first, with how often each was begun."""
    count = (
        select(func.count(Draft.id))
        .where(Draft.edition_id == FormEdition.id)
        .scalar_subquery()
    )
    query = select(
        FormEdition.id,
        FormEdition.number,
        FormEdition.pages,
        FormEdition.taken_at,
        count,
    ).where(FormEdition.form_id == form_id)
    rows = session.execute(query.order_by(FormEdition.number.desc()))
    return [EditionLine(*row) for row in rows]
