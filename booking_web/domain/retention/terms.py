# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many days each kind of what is held is kept, as the site's settings say."""

from dataclasses import dataclass
from typing import Self

from booking_web.base.settings import Settings
from booking_web.domain.retention.cvs import CV_DAYS
from booking_web.domain.retention.drafts import DRAFT_DAYS


@dataclass(frozen=True)
class Terms:
    """In days; nothing is kept for longer than the resident's own entry."""

    residents: int
    documents: int
    drafts: int
    cvs: int

    @classmethod
    def of(cls, settings: Settings, older_than_days: int | None = None) -> Self:
        """Give the site's terms; `older_than_days`: where a command names the longest."""
        longest = older_than_days or settings.forget_after_days
        return cls(
            residents=longest,
            documents=min(settings.forget_documents_after_days or longest, longest),
            drafts=min(settings.forget_drafts_after_days, longest),
            cvs=min(CV_DAYS, longest),
        )

    @classmethod
    def at_most(cls, days: int) -> Self:
        """Give the terms of a site that says no more than the longest one."""
        return cls(days, days, min(DRAFT_DAYS, days), min(CV_DAYS, days))
