# SPDX-License-Identifier: AGPL-3.0-or-later
"""The first page of the administrator: how much there is, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, render_template, url_for
from sqlalchemy.orm import Session

from booking_web.base.notice_settings import missing_of
from booking_web.domain.fleet.alerts.raising import raised_alerts
from booking_web.pages.administrator.acts import new_submission
from booking_web.pages.administrator.directory import (
    distances,
    enrolment_sheets,
    machines,
    papers,
    screens,
    secrets,
    softphones,
)
from booking_web.pages.administrator.directory.counsellors import COUNSELLORS
from booking_web.pages.administrator.directory.kiosks import KIOSKS
from booking_web.pages.administrator.directory.organisations import (
    COUNTERS,
    ORGANISATIONS,
)
from booking_web.pages.administrator.directory.reasons import REASONS
from booking_web.pages.administrator.directory.relays import RELAYS
from booking_web.pages.administrator.entries.entry_pages import EntryPages
from booking_web.pages.administrator.entries.listing import show
from booking_web.pages.administrator.fleet import acts as fleet_acts
from booking_web.pages.administrator.fleet import pages as fleet_pages
from booking_web.pages.administrator.gate import blueprint
from booking_web.pages.administrator.people import acts as people_acts
from booking_web.pages.administrator.people.pages import PEOPLE
from booking_web.shell.services import services

# Their routes are on the blueprint as soon as they are imported.
BESIDE_THE_ENTRIES = (
    distances,
    enrolment_sheets,
    fleet_acts,
    fleet_pages,
    machines,
    papers,
    people_acts,
    screens,
    secrets,
    softphones,
)

ALL_PAGES: Sequence[EntryPages] = (
    PEOPLE,
    RELAYS,
    KIOSKS,
    ORGANISATIONS,
    COUNTERS,
    COUNSELLORS,
    REASONS,
)


@dataclass(frozen=True)
class Overview:
    """One kind on the first page: how many, and the narrowings that are not empty."""

    pages: EntryPages
    count: int
    missing: Sequence[tuple[str, object, int]]


def register(app: Flask) -> None:
    """Give the application the administrator's pages."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["administrator_pages"] = ALL_PAGES
    app.jinja_env.globals["new_submission"] = new_submission


@blueprint.get("")
def overview() -> str:
    """Show how much there is, and what is missing."""
    with services().database.read() as session:
        kinds = [_overview(session, pages) for pages in ALL_PAGES]
        machines = fleet_pages.fleet_shown(session, services().now(), {})
        alerts = len(raised_alerts(session))
    return render_template(
        "administrator/overview.html",
        kinds=kinds,
        machines=machines,
        alerts=alerts,
        papers_address=url_for("administrator.papers_list"),
        untold=missing_of(services().settings),
    )


def _overview(session: Session, pages: EntryPages) -> Overview:
    shown = show(pages.table(session), {})
    missing = [
        (name, words, shown.counts[name])
        for name, words in shown.table.narrowings.items()
        if shown.counts[name] and name not in pages.no_lack
    ]
    return Overview(pages, shown.count, missing)
