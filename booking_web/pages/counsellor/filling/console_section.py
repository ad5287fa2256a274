# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a console shows of forms: those of the organisation, and the drafts of a resident."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.forms.draft_rows import DraftLine, drafts_of, waiting_drafts
from booking_web.domain.forms.holds import holder
from booking_web.domain.forms.library_reading import LibraryForm, list_forms
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.filling.people import names_of
from booking_web.tables.appointment import Appointment


@dataclass(frozen=True)
class DraftCard:
    """A draft as the console shows it; `holder` is another who fills it in now."""

    id: int
    title: str
    changed_at: datetime
    changed_by: str
    is_untouched: bool
    holder: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class FormsSection:
    """The forms that can be begun, the drafts that go on, and those that wait."""

    forms: tuple[LibraryForm, ...] = ()
    drafts: tuple[DraftCard, ...] = ()
    waiting: tuple[DraftCard, ...] = ()
    # False: the reader of the page does not fill in forms.
    is_shown: bool = True


def forms_section(
    session: Session, viewer: Person, appointment: Appointment, now: datetime
) -> FormsSection:
    """Read it for who looks at the console."""
    if not viewer.may(Right.FILLING):
        return FormsSection(is_shown=False)
    drafts = drafts_of(session, appointment.id)
    waiting = waiting_drafts(session, appointment)
    actors = [
        name for each in drafts + waiting for name in (each.held_by, each.changed_by)
    ]
    names = names_of(session, actors)
    # A flat form is offered once its fields are placed.
    offered = list_forms(session, appointment.organisation_id)
    return FormsSection(
        tuple(each for each in offered if each.fields),
        tuple(_card(each, names, viewer.actor, now) for each in drafts),
        tuple(_card(each, names, viewer.actor, now) for each in waiting),
    )


def _card(
    draft: DraftLine, names: dict[str, str], reader: str, now: datetime
) -> DraftCard:
    held_by = holder(draft.held_by, draft.held_since, draft.changed_at, now)
    is_held = held_by not in ("", reader)
    return DraftCard(
        id=draft.id,
        title=draft.title,
        changed_at=draft.changed_at,
        changed_by=names[draft.changed_by],
        is_untouched=draft.revision == 0,
        holder=names[held_by] if is_held else "",
        since=draft.held_since if is_held else None,
    )
