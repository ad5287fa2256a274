# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the filling page shows: the form as it is asked, its pages, and who fills it in."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.domain.forms.description import Page
from booking_web.domain.forms.draft_outcomes import OpenDraft
from booking_web.domain.forms.holds import holder
from booking_web.domain.forms.library_reading import Edition, read_edition
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.kiosks.screen_content import Sight, screen_content
from booking_web.pages.counsellor.filling.blueprint import own_appointment
from booking_web.pages.counsellor.filling.fields import PageShown, groups_of, pages_of
from booking_web.pages.counsellor.filling.people import names_of
from booking_web.shell.written_words import call_name, open_words
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from booking_web.words.second_screen import FORM


@dataclass(frozen=True)
class Holder:
    """Who fills the draft in; nobody where it has no name. `is_me`: the reader."""

    name: str = ""
    since: datetime | None = None
    is_me: bool = False

    @property
    def is_another(self) -> bool:
        """Tell whether the reader may only look on."""
        return bool(self.name) and not self.is_me


@dataclass(frozen=True)
class NotKept:
    """What was sent and is not kept: shown, so that it is not lost. Without its content."""

    name: str
    label: str
    value: str = field(repr=False)
    why: str = ""


@dataclass(frozen=True)
class OnScreen:
    """Whether the second screen follows the draft, and whether the resident sees it."""

    sight: Sight | None = None

    @property
    def is_shown(self) -> bool:
        """Tell whether the screen follows it."""
        return self.sight is not None

    @property
    def words(self) -> str:
        """Say whether the resident sees it."""
        return str(FORM[self.sight]) if self.sight else ""


@dataclass(frozen=True)
class FillingView:
    """A draft on its page."""

    appointment_id: int
    draft_id: int
    resident: str
    # As the page's title names them.
    name_on_boards: str
    # Tells residents of one name apart; empty where nobody asked.
    born_on: str
    organisation: str
    relay: str
    zone: ZoneInfo
    is_in_call: bool
    title: str
    edition: int
    is_withdrawn: bool
    revision: int
    holder: Holder
    screen: OnScreen
    # What is written to the resident.
    words: str = field(repr=False)
    asked: list[PageShown] = field(repr=False)
    pages: tuple[Page, ...]

    def empty_on(self, page: int) -> int:
        """Count the fields of a page that wait."""
        return sum(each.empty for each in self.asked if each.number == page)

    @property
    def parts(self) -> dict[str, object]:
        """Give what each live part shows; their templates are filling/_NAME.html."""
        return {
            "holder": (self.holder, self.revision),
            "screen": (self.screen, self.is_in_call),
        }


def filling_view(
    session: Session, draft: OpenDraft, appointment_id: int, reader: str, now: datetime
) -> FillingView:
    """Read what the page shows."""
    appointment = own_appointment(session, appointment_id)
    edition = read_edition(session, draft.edition_id)
    return _view(session, draft, appointment, edition, reader, now)


def holder_of(session: Session, draft: OpenDraft, reader: str, now: datetime) -> Holder:
    """Tell who fills a draft in, as the reader sees it."""
    actor = holder(draft.held_by, draft.held_since, draft.changed_at, now)
    if not actor:
        return Holder()
    return Holder(names_of(session, [actor])[actor], draft.held_since, actor == reader)


def words_shown(session: Session, appointment: Appointment, now: datetime) -> str:
    """Give what is written to the resident now, on the second screen."""
    sealed = screen_content(session, appointment, now).words
    return open_words(sealed, call_name(appointment)) if sealed else ""


def _born_on(session: Session, appointment: Appointment) -> str:
    resident = resident_of(session, appointment)
    day = resident.birth_date if resident else None
    return f"{day:%d/%m/%Y}" if day else ""


def _on_screen(
    session: Session, appointment: Appointment, draft_id: int, now: datetime
) -> OnScreen:
    shown = screen_content(session, appointment, now).draft
    if shown is None or shown.id != draft_id:
        return OnScreen()
    return OnScreen(shown.sight)


def _view(
    session: Session,
    draft: OpenDraft,
    appointment: Appointment,
    edition: Edition,
    reader: str,
    now: datetime,
) -> FillingView:
    relay = appointment.kiosk.relay
    return FillingView(
        appointment_id=appointment.id,
        draft_id=draft.id,
        resident=appointment.resident_name,
        name_on_boards=appointment.name_on_boards,
        born_on=_born_on(session, appointment),
        organisation=appointment.organisation.name,
        relay=relay.name,
        zone=ZoneInfo(relay.time_zone),
        is_in_call=appointment.state == AppointmentState.IN_CALL,
        title=edition.title,
        edition=edition.number,
        is_withdrawn=edition.is_withdrawn,
        revision=draft.revision,
        holder=holder_of(session, draft, reader, now),
        screen=_on_screen(session, appointment, draft.id, now),
        words=words_shown(session, appointment, now),
        asked=pages_of(groups_of(edition.description, edition.asked, draft.values)),
        pages=edition.description.pages,
    )
