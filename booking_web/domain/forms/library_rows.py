# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rows of a library: found and locked, given an edition, in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.resident_text import has_unprintable, normalised
from booking_web.domain.forms.asked import AskedField
from booking_web.domain.forms.errors import (
    ChangedMeanwhile,
    LibraryRefusal,
    LibraryRefused,
    UnknownForm,
)
from booking_web.domain.forms.library_reading import revision_of
from booking_web.domain.forms.reader import FormRead
from booking_web.tables.forms import FORM_TITLE_LENGTH, Draft, Form, FormEdition


def found_form(session: Session, organisation_id: int, form_id: int) -> Form:
    """Give a form, locked; raises UnknownForm."""
    form = session.get(Form, form_id, with_for_update=True)
    if form is None or form.organisation_id != organisation_id:
        raise UnknownForm(str(form_id))
    return form


def latest_edition(session: Session, form_id: int) -> FormEdition:
    """Give the newest edition of a form that is there."""
    query = select(FormEdition).where(FormEdition.form_id == form_id)
    return session.scalars(query.order_by(FormEdition.number.desc()).limit(1)).one()


def check_unchanged(edition: FormEdition, seen: str | None) -> None:
    """Raise ChangedMeanwhile unless a page that saw this revision may still change it."""
    if seen is not None and seen != revision_of(edition.id, edition.asked):
        raise ChangedMeanwhile(str(edition.form_id))


def new_edition(
    form_id: int,
    number: int,
    sha256: str,
    form: FormRead,
    asked: Sequence[AskedField],
    by: str,
    at: datetime,
) -> FormEdition:
    """Give the row of an edition."""
    return FormEdition(
        form_id=form_id,
        number=number,
        sha256=sha256,
        pages=len(form.description.pages),
        description=form.description.to_json(),
        asked=[each.to_json() for each in asked],
        taken_at=at,
        taken_by=by,
    )


def put_in_place_of(session: Session, latest: FormEdition, newer: FormEdition) -> None:
    """Make it the form's newest edition; one that nobody began to fill in goes for it.

    An edition never changes: what is kept of it in memory goes by its number in the table.
    """
    newer.number = latest.number + 1
    session.add(newer)
    session.flush()
    begun = select(Draft.id).where(Draft.edition_id == latest.id).limit(1)
    if session.scalar(begun) is None:
        number = latest.number
        session.delete(latest)
        session.flush()
        newer.number = number


def checked_title(title: str) -> str:
    """Give a title made regular; raises LibraryRefused."""
    title = normalised(title)
    if not title:
        raise LibraryRefused(LibraryRefusal.NO_TITLE)
    if len(title) > FORM_TITLE_LENGTH:
        raise LibraryRefused(LibraryRefusal.TITLE_TOO_LONG)
    if has_unprintable(title):
        raise LibraryRefused(LibraryRefusal.UNPRINTABLE)
    return title
