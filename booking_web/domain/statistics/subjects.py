# SPDX-License-Identifier: AGPL-3.0-or-later
"""What figures can be narrowed to, and what their lines are called."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.rights.person import Person
from booking_web.domain.statistics.asking import Asked, By
from booking_web.domain.statistics.reading import Read
from provisioning.database.models import Organisation, Relay, VisitReason


@dataclass(frozen=True)
class Subject:
    """A relay, an organisation or a reason."""

    id: int
    slug: str
    name: str
    # The organisation whose reason it is; else None.
    organisation_id: int | None = None


@dataclass(frozen=True)
class Subjects:
    """All of which a person may read figures, by name."""

    relays: Sequence[Subject]
    organisations: Sequence[Subject]
    reasons: Sequence[Subject]

    def of(self, by: By) -> Sequence[Subject]:
        """Give those that lines stand for; none where they stand for weeks."""
        found = {
            By.RELAY: self.relays,
            By.ORGANISATION: self.organisations,
            By.REASON: self.reasons,
        }
        return found.get(by, ())


def subjects_of(session: Session, person: Person) -> Subjects:
    """Read what a person may narrow figures to."""
    relays = select(Relay.id, Relay.slug, Relay.name).order_by(Relay.name, Relay.id)
    if person.relay_id is not None:
        relays = relays.where(Relay.id == person.relay_id)
    organisations = (
        select(Organisation.id, Organisation.slug, Organisation.name)
        .where(Organisation.interprets == "")
        .order_by(Organisation.name, Organisation.id)
    )
    reasons = select(
        VisitReason.id, VisitReason.slug, VisitReason.name, VisitReason.organisation_id
    ).order_by(VisitReason.name, VisitReason.id)
    if person.organisation_id is not None:
        mine = person.organisation_id
        organisations = organisations.where(Organisation.id == mine)
        reasons = reasons.where(VisitReason.organisation_id == mine)
    return Subjects(
        [Subject(*row) for row in session.execute(relays)],
        [Subject(*row) for row in session.execute(organisations)],
        [Subject(*row) for row in session.execute(reasons)],
    )


def keys_of(subjects: Subjects, asked: Asked, by: By, read: Read) -> Sequence[Hashable]:
    """List the lines to show: all that there could be, then what is there no more.

    A line that only stood there where something happened would tell of a small number.
    """
    if by is By.WEEK:
        return asked.weeks()
    keys: list[Hashable] = [
        each.id for each in subjects.of(by) if _is_asked(each, asked, by)
    ]
    if by is By.REASON and asked.visit_reason_id is None:
        keys.append(None)
    known = set(keys)
    keys += sorted(
        each for each in read.lines if isinstance(each, int) and each not in known
    )
    return keys


def _is_asked(subject: Subject, asked: Asked, by: By) -> bool:
    if by is By.RELAY:
        return asked.relay_id in (None, subject.id)
    if by is By.ORGANISATION:
        return asked.organisation_id in (None, subject.id)
    return asked.visit_reason_id in (
        None,
        subject.id,
    ) and asked.organisation_id in (None, subject.organisation_id)


def names_of(subjects: Subjects, by: By) -> Mapping[Hashable, str]:
    """Name the lines; a reason with the organisation whose it is, where there are several."""
    if by is not By.REASON or len(subjects.organisations) <= 1:
        return {each.id: each.name for each in subjects.of(by)}
    organisations = {each.id: each.name for each in subjects.organisations}
    return {
        each.id: f"{each.name} ({organisations.get(each.organisation_id or 0, '')})"
        for each in subjects.reasons
    }
