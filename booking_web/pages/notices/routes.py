# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public notices, from the site's settings; nobody signs in to read them."""

from datetime import date, timedelta

from flask import Blueprint, Flask, render_template
from flask_babel import gettext
from sqlalchemy import select

from booking_web.domain.retention.periods import periods
from booking_web.domain.retention.terms import Terms
from booking_web.shell.services import services, services_of
from booking_web.telling.messages.reminders import KEEP_AFTER
from booking_web.telling.webhooks.delivery import KEPT_DAYS
from booking_web.words.dates import short_date
from booking_web.words.notices import CONFORMITY, HELD, conformity_said, for_how_long
from provisioning.database.models import Organisation

blueprint = Blueprint("notices", __name__)


def register(app: Flask) -> None:
    """Give the application these pages, and each page's foot its words."""
    app.register_blueprint(blueprint)
    state = services_of(app).settings.accessibility_state
    app.jinja_env.globals["conformity_said"] = lambda: conformity_said(state)


@blueprint.get("/accessibilite")
def accessibility() -> str:
    """Show the accessibility statement."""
    settings = services().settings
    day = settings.accessibility_stated_on
    return render_template(
        "notices/accessibility.html",
        title=gettext("Déclaration d'accessibilité"),
        site=settings,
        state=CONFORMITY[settings.accessibility_state],
        stated_on=short_date(date.fromisoformat(day)) if day else None,
    )


@blueprint.get("/mentions-legales")
def legal() -> str:
    """Show who publishes the site, and where it runs."""
    return render_template(
        "notices/legal.html",
        title=gettext("Mentions légales"),
        site=services().settings,
    )


@blueprint.get("/donnees-personnelles")
def privacy() -> str:
    """Show what is done with personal data, and whom to ask about one's own."""
    settings = services().settings
    with services().database.read() as session:
        receivers = session.scalars(
            select(Organisation.name).order_by(Organisation.name)
        )
        organisations = list(receivers)
    kept = [
        (HELD[each.held], for_how_long(each.lasts))
        for each in periods(Terms.of(settings))
    ]
    return render_template(
        "notices/privacy.html",
        title=gettext("Données personnelles"),
        site=settings,
        organisations=organisations,
        kept=kept,
        messages_kept=for_how_long(KEEP_AFTER),
        events_kept=for_how_long(timedelta(days=KEPT_DAYS)),
    )
