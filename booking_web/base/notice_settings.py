# SPDX-License-Identifier: AGPL-3.0-or-later
"""The settings that only the site's own people can know: what its public pages must tell.

Nothing here is guessed: a page says of what is missing that it is not told yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any


class Conformity(StrEnum):
    """How far the site keeps to the RGAA; an audit says so, or nobody does."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


@dataclass(frozen=True, kw_only=True)
class NoticeSettings:
    """What the law has a public site tell of itself."""

    # Whose counter this is, in a few words, as pages and papers are headed; none: they say
    # "Guichet virtuel" alone.
    territory_name: str | None = None
    # A file with its mark, a JPEG or PNG, which stands beside the name.
    territory_mark: str | None = None
    # Who publishes the site, as the legal notice names it: the town hall or its association.
    site_publisher: str | None = None
    # The publisher's postal address and telephone.
    site_publisher_address: str | None = None
    # Who answers for what is published: a name and an office.
    publication_director: str | None = None
    # On whose machines the site runs: name, address and telephone.
    site_host: str | None = None
    # How far the site keeps to the RGAA, as its audit found: "none", "partial" or "full".
    accessibility_state: str = "none"
    # Who audited it, when, and with what result; none: nobody did, and the state is "none".
    accessibility_audit: str | None = None
    # The day of the accessibility statement: "2027-03-01".
    accessibility_stated_on: str | None = None
    # Who helps whoever cannot use a page: an e-mail address, a telephone number or a page.
    accessibility_contact: str | None = None
    # Who decides what residents' data are used for (the controller), with the address.
    data_controller: str | None = None
    # How the data protection officer is reached: an e-mail address or a postal one.
    data_officer: str | None = None
    # On what the use of the data rests: "mission d'intérêt public (article 6.1.e du RGPD)".
    data_legal_basis: str | None = None
    # What a resident is told and asked before the call, in French, a short sentence a line;
    # none: the usual text.
    consent_text: str | None = None
    # The same in English, for whom the kiosk speaks English; none: the French one where it is
    # set, else the usual text in English.
    consent_text_en: str | None = None
    # Residents and documents are forgotten so long after their last appointment.
    forget_after_days: int = 1000
    # Documents go sooner, so long after their appointment; 0: as forget_after_days says.
    forget_documents_after_days: int = 0
    # Forms that were begun, so long after the last key.
    forget_drafts_after_days: int = 90


# What an answer may well be silent about.
_MAY_BE_MISSING = {
    "territory_name",
    "territory_mark",
    "accessibility_state",
    "accessibility_audit",
    "consent_text",
    "consent_text_en",
    "forget_after_days",
    "forget_documents_after_days",
    "forget_drafts_after_days",
}
# From and to how many days each may be. Five years is when a debt is over (article 2224 of the
# Code civil): nobody needs an appointment for longer.
TERMS = {
    "forget_after_days": (1, 1826),
    "forget_documents_after_days": (0, 1826),
    "forget_drafts_after_days": (1, 365),
}
# What the head of a page holds beside the rest.
LONGEST_TERRITORY_NAME = 60
# What the kiosk's screen holds in letters that are read from a chair.
LONGEST_CONSENT_TEXT = 350
OWED = tuple(
    field.name for field in fields(NoticeSettings) if field.name not in _MAY_BE_MISSING
)


def missing_of(settings: NoticeSettings) -> list[str]:
    """Name the settings without which a public page is not whole."""
    return [name for name in OWED if not getattr(settings, name)]


def fault_of(values: Mapping[str, Any]) -> str | None:
    """Say what is wrong with these settings, if anything is."""
    state = values.get("accessibility_state", Conformity.NONE)
    if state not in set(Conformity):
        return 'accessibility_state must be "none", "partial" or "full"'
    if state != Conformity.NONE and not values.get("accessibility_audit"):
        return f'accessibility_state "{state}" needs accessibility_audit: who found so'
    if fault := _fault_of_terms(values) or _fault_of_territory(values):
        return fault
    if len(values.get("consent_text") or "") > LONGEST_CONSENT_TEXT:
        return f"consent_text must have at most {LONGEST_CONSENT_TEXT} characters"
    day = values.get("accessibility_stated_on")
    try:
        date.fromisoformat(day or "2027-03-01")
    except ValueError:
        return 'accessibility_stated_on must be a day like "2027-03-01"'
    return None


def _fault_of_territory(values: Mapping[str, Any]) -> str | None:
    name = values.get("territory_name") or ""
    if len(name) > LONGEST_TERRITORY_NAME or not name.isprintable():
        return f"territory_name must be a line of at most {LONGEST_TERRITORY_NAME} characters"
    if values.get("territory_mark") and not name.strip():
        return "territory_mark needs territory_name: who cannot see the mark is told it"
    return None


def _fault_of_terms(values: Mapping[str, Any]) -> str | None:
    for key, (least, most) in TERMS.items():
        if not least <= values.get(key, least) <= most:
            return f"{key} must be from {least} to {most} days"
    residents = values.get("forget_after_days", NoticeSettings.forget_after_days)
    if values.get("forget_documents_after_days", 0) > residents:
        return (
            "forget_documents_after_days must not be longer than forget_after_days:"
            " a document tells whose it is"
        )
    return None
