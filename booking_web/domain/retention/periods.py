# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long what is kept of a resident, as what forgets it goes by.

Whoever tells it to people reads it here: it is not typed a second time.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from booking_web.domain.documents.keeping import COMES_BACK_WITHIN
from booking_web.domain.journal.seals import READING_DAYS
from booking_web.domain.retention.terms import Terms


class Held(StrEnum):
    """What is held of a resident."""

    # Name, telephone, addresses, reason, notes: of the resident and of each appointment.
    RESIDENT = "resident"
    DOCUMENTS = "documents"
    ORIGINAL_SCANS = "original_scans"
    DRAFTS = "drafts"
    CVS = "cvs"
    # Lines of the journal that say who looked at what.
    READINGS = "readings"


@dataclass(frozen=True)
class Period:
    """For how long something is held."""

    held: Held
    lasts: timedelta


def periods(terms: Terms) -> list[Period]:
    """List them all, of a site with these terms."""
    days = {
        Held.RESIDENT: terms.residents,
        Held.DOCUMENTS: terms.documents,
        Held.DRAFTS: terms.drafts,
        Held.CVS: terms.cvs,
        Held.READINGS: READING_DAYS,
    }
    listed = [Period(held, timedelta(days=count)) for held, count in days.items()]
    return [*listed, Period(Held.ORIGINAL_SCANS, COMES_BACK_WITHIN)]
