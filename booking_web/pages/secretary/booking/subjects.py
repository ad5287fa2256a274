# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a resident may come for: the visit reasons, and each organisation by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Row, Table, select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.lengths import length_of
from booking_web.domain.residents.names import words_of
from booking_web.shell.pictograms import pictogram_or
from provisioning.database.models import Organisation, Paper, VisitReason

# Tells a visit reason from an organisation in the form's one field for both.
REASON_PREFIX = "motif:"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One card of the page: a visit reason, or an organisation for anything else."""

    # As the form sends it: `msa` or `motif:carte-grise`.
    value: str
    name: str
    organisation_id: int
    organisation: str
    organisation_name: str
    # Short name, shown under a visit reason.
    short_name: str
    telephone: str
    pictogram: str
    length: timedelta
    visit_reason_id: int | None = None
    # Its slug.
    visit_reason: str | None = None
    papers: list[Paper] = field(default_factory=list)

    @property
    def is_reason(self) -> bool:
        """Tell whether the resident's reason is known, not the organisation alone."""
        return self.visit_reason_id is not None

    @property
    def words(self) -> str:
        """Give the words that a search on the page compares."""
        names = (self.name, self.short_name, self.organisation_name)
        return " ".join(words_of(" ".join(names)))

    @property
    def own_words(self) -> str:
        """Give the words of the name alone: who types these means this card first."""
        return " ".join(words_of(self.name))

    @property
    def title(self) -> str:
        """Name it in a sentence."""
        return f"{self.name}, {self.short_name}" if self.is_reason else self.name


def organisations_there_are(session: Session) -> list[Row[Any]]:
    """Read the organisations by name, those that interpret among them."""
    return list(session.execute(_ORGANISATIONS))


def subjects_of(session: Session, organisations: Sequence[Row[Any]]) -> list[Subject]:
    """List the visit reasons, then the organisations that receive residents."""
    receiving = {each.id: each for each in organisations if not each.interprets}
    return [
        *(
            _of_reason(each, receiving[each.organisation_id])
            for each in session.execute(_REASONS)
            if each.organisation_id in receiving
        ),
        *(_of_organisation(each) for each in receiving.values()),
    ]


def _of_reason(reason: Row[Any], organisation: Row[Any]) -> Subject:
    return Subject(
        value=REASON_PREFIX + reason.slug,
        name=reason.name,
        organisation_id=organisation.id,
        organisation=organisation.slug,
        organisation_name=organisation.name,
        short_name=organisation.short_name,
        telephone=organisation.telephone,
        pictogram=pictogram_or(reason.pictogram),
        length=length_of(organisation, reason),
        visit_reason_id=reason.id,
        visit_reason=reason.slug,
        papers=reason.papers,
    )


def _of_organisation(organisation: Row[Any]) -> Subject:
    return Subject(
        value=organisation.slug,
        name=organisation.name,
        organisation_id=organisation.id,
        organisation=organisation.slug,
        organisation_name=organisation.name,
        short_name=organisation.short_name,
        telephone=organisation.telephone,
        pictogram="bank",
        length=length_of(organisation),
    )


# Of plain tables: asked with each page and each booking.
_ORGANISATION = cast(Table, Organisation.__table__)
_REASON = cast(Table, VisitReason.__table__)
_ORGANISATIONS = select(_ORGANISATION).order_by(_ORGANISATION.c.name)
_REASONS = (
    select(_REASON)
    .join(_ORGANISATION)
    .order_by(_REASON.c.position, _ORGANISATION.c.name, _REASON.c.name)
)
