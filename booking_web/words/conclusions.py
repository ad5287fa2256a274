# SPDX-License-Identifier: AGPL-3.0-or-later
"""What came of an appointment, as the counsellor's pages call it, in the order of the page."""

from flask_babel import LazyString, lazy_gettext

from booking_web.tables.conclusions import Outcome

OUTCOMES: dict[Outcome, LazyString] = {
    Outcome.RESOLVED: lazy_gettext("Réglé"),
    Outcome.PAPERS_MISSING: lazy_gettext("Il manque des papiers"),
    Outcome.TO_BE_CONTINUED: lazy_gettext("À suivre"),
    Outcome.REDIRECTED: lazy_gettext("Orienté vers un autre organisme"),
    Outcome.OTHER: lazy_gettext("Autre issue"),
}
