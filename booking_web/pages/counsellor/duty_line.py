# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bar of a counsellor's duty, as each of their pages shows it."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.domain.kiosks.pictures import own_counsellor
from booking_web.domain.kiosks.watch import is_watched
from booking_web.domain.rights.person import Person, Right
from booking_web.tables.duty import CHOSEN_REASONS, CounsellorDuty, DutyState
from booking_web.tables.presence import EndpointPresence, Presence
from booking_web.words import duty as wording
from booking_web.words.dates import clock
from provisioning.database.models import Organisation, User
from provisioning.directory.cutting import revoked_since

_LOOKS = {
    DutyState.AVAILABLE: ("headset", "live"),
    DutyState.PAUSED: ("hourglass-split", "busy"),
    DutyState.WRAP_UP: ("hourglass-split", "ready"),
}


@dataclass(frozen=True)
class DutyLine:
    """How the counsellor who looks at the page stands."""

    state: DutyState
    reason: str
    since: datetime
    until: datetime | None
    # Whether Asterisk holds it, and whether a dispatcher hears Asterisk at all.
    is_applied: bool
    is_known: bool
    is_in_call: bool
    # Whether their telephone is registered nowhere, and whether it is a page of ours.
    is_away: bool
    is_browser: bool
    # Whether an administrator took the telephone away.
    is_revoked: bool
    zone: ZoneInfo
    # When it was looked: no fact of the line's, which would never be the same twice.
    now: datetime = field(repr=False, compare=False)

    @property
    def icon(self) -> str:
        """Name the state's icon."""
        if not self.is_known:
            return "question-circle"
        return "telephone-x" if self.rings_nowhere else _LOOKS[self.state][0]

    @property
    def tone(self) -> str:
        """Name the state's colour; it never stands alone."""
        if not self.is_known:
            return "calm"
        return "busy" if self.rings_nowhere else _LOOKS[self.state][1]

    @property
    def rings_nowhere(self) -> bool:
        """Tell whether they would be rung, and have no telephone that could."""
        if self.is_in_call:
            return False
        is_rung = self.state == DutyState.AVAILABLE
        return self.is_revoked or (self.is_known and self.is_away and is_rung)

    @property
    def words(self) -> str:
        """Name the state."""
        if self.rings_nowhere:
            return wording.away_words()
        return wording.state_words(self.state, self.reason, is_in_call=self.is_in_call)

    @property
    def detail(self) -> str:
        """Say what it means."""
        if self.is_in_call:
            return ""
        if self.is_revoked:
            return wording.revoked_words()
        if self.rings_nowhere:
            return wording.what_to_open_words(is_browser=self.is_browser)
        hour = clock(self.since, self.zone)
        return wording.detail_words(self.state, self.reason, hour)

    @property
    def doubt(self) -> str:
        """Say why it may not be so; empty where it is."""
        if not self.is_known:
            return wording.unknown_words()
        return "" if self.is_applied else wording.being_applied_words()

    @property
    def announcement(self) -> str:
        """Say it in one go for those who listen to the page."""
        return f"{self.words}. {self.doubt or self.detail}".strip()

    @property
    def is_ending(self) -> bool:
        """Tell whether a wrap-up runs that can be prolonged."""
        return self.state == DutyState.WRAP_UP and self.until is not None

    @property
    def seconds_left(self) -> int:
        """Give how long the wrap-up still lasts."""
        if self.until is None:
            return 0
        return max(0, round((self.until - self.now).total_seconds()))

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Offer the reasons of a pause, with their words."""
        return [(str(each), str(wording.REASONS[each])) for each in CHOSEN_REASONS]


def duty_line(session: Session, viewer: Person, now: datetime) -> DutyLine | None:
    """Read how the person stands; None for whom no telephone is known."""
    if not viewer.may(Right.DUTY):
        return None
    counsellor = own_counsellor(session, session.get_one(User, viewer.user_id))
    if counsellor is None:
        return None
    row = session.get(CounsellorDuty, counsellor.id)
    organisation = session.get_one(Organisation, counsellor.organisation_id)
    presence = session.get(EndpointPresence, counsellor.slug)
    return DutyLine(
        state=DutyState(row.state) if row else DutyState.AVAILABLE,
        reason=row.reason if row else "",
        since=row.since if row else now.replace(second=0, microsecond=0),
        until=row.until if row else None,
        is_applied=row is None or row.applied_at is not None,
        is_known=is_watched(session, now),
        is_in_call=row is not None and row.call_since is not None,
        is_away=presence is not None and presence.state == Presence.OFFLINE,
        is_browser=counsellor.browser,
        is_revoked=revoked_since(session, counsellor.slug) is not None,
        zone=ZoneInfo(organisation.time_zone),
        now=now,
    )
