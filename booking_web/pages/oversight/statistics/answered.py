# SPDX-License-Identifier: AGPL-3.0-or-later
"""The figures that an address asks for, as pages, spreadsheets and papers tell them."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.domain.rights.person import Person, Right
from booking_web.domain.statistics.asking import By
from booking_web.domain.statistics.masking import Masking
from booking_web.domain.statistics.reading import read_figures
from booking_web.domain.statistics.refreshing import refreshed_at
from booking_web.domain.statistics.showing import Shown, show
from booking_web.domain.statistics.subjects import keys_of, names_of
from booking_web.pages.oversight.statistics.asked import AskedPage, asked_page
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.words.dates import moment
from booking_web.words.statistics import week_words
from provisioning.directory.usual_time_zone import usual_time_zone


@dataclass(frozen=True)
class Answered:
    """What was asked, and the answer."""

    page: AskedPage
    shown: Shown
    # What each line is called.
    names: Callable[[Hashable], str]
    # Until when they are complete; None: they were never made.
    refreshed_words: str | None
    is_masked: bool


def answered(by: By | None = None) -> Answered:
    """Answer the address of this request, in lines of what it asks for, or by `by`."""
    person = signed_in(Right.FIGURES)
    with services().database.read() as session:
        return _answered(session, person, asked_page(session, person), by)


def _answered(
    session: Session, person: Person, page: AskedPage, by: By | None
) -> Answered:
    by = by or page.by
    read = read_figures(session, page.asked, by)
    keys = keys_of(page.subjects, page.asked, by, read)
    is_masked = not person.is_told_small_numbers
    masking = Masking(str(current_app.secret_key)) if is_masked else None
    return Answered(
        page,
        show(read, page.asked, by, keys, masking),
        _naming(page, by, names_of(page.subjects, by)),
        _refreshed_words(session),
        is_masked,
    )


def _refreshed_words(session: Session) -> str | None:
    at = refreshed_at(session)
    zone = ZoneInfo(usual_time_zone(session))
    return None if at is None else moment(at, zone, services().now())


def _naming(
    page: AskedPage, by: By, names: Mapping[Hashable, str]
) -> Callable[[Hashable], str]:
    def name_of(key: Hashable) -> str:
        if isinstance(key, date):
            return week_words(key, page.asked.first, page.asked.last)
        if key is None:
            return gettext("(aucun motif choisi)")
        if key in names:
            return names[key]
        return {
            By.RELAY: gettext("(relais supprimé)"),
            By.ORGANISATION: gettext("(organisme supprimé)"),
            By.REASON: gettext("(motif supprimé)"),
        }.get(by, "")

    return name_of
