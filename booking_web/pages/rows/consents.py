# SPDX-License-Identifier: AGPL-3.0-or-later
"""How it stands with residents' agreement, as lists and pages tell it."""

from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import LazyString
from sqlalchemy.orm import Session

from booking_web.domain.consents.answers import Standing, last_answers, standing_of
from booking_web.shell.consent_text import digests_read_now
from booking_web.words.consents import STANDINGS

_LOOKS = {
    Standing.NOT_ASKED: "question-circle",
    Standing.AGREED: "check-circle",
    Standing.OUTDATED: "exclamation-triangle",
    Standing.REFUSED: "x-circle",
    Standing.WITHDRAWN: "x-circle",
}


@dataclass(frozen=True)
class ConsentLine:
    """A standing in words, and its sign."""

    standing: Standing
    words: LazyString
    icon: str

    @property
    def is_barred(self) -> bool:
        """Tell whether nothing may be scanned, kept or handed on."""
        return self.standing in (Standing.REFUSED, Standing.WITHDRAWN)

    @property
    def is_withdrawn(self) -> bool:
        """Tell whether what was agreed to is not any more."""
        return self.standing is Standing.WITHDRAWN

    @property
    def can_be_withdrawn(self) -> bool:
        """Tell whether something was agreed to, also where that was another text."""
        return self.standing in (Standing.AGREED, Standing.OUTDATED)


LINES = {each: ConsentLine(each, STANDINGS[each], _LOOKS[each]) for each in Standing}
NOT_ASKED = LINES[Standing.NOT_ASKED]


def consent_lines(
    session: Session, appointment_ids: Collection[int]
) -> dict[int, ConsentLine]:
    """Tell of these appointments how it stands now."""
    answers = last_answers(session, appointment_ids)
    texts = digests_read_now()
    return {
        each: LINES[standing_of(answers.get(each), texts)] for each in appointment_ids
    }
