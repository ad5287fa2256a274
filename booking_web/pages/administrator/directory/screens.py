# SPDX-License-Identifier: AGPL-3.0-or-later
"""A new code for a kiosk's second screen, as `guichet-provision let-in-screen` gives one."""

from datetime import datetime

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.pages.administrator.answers import Answer, Sheet, sheet
from booking_web.pages.administrator.directory.buttons import Button, press
from booking_web.pages.administrator.gate import blueprint
from booking_web.shell.site.site_address import site_address
from provisioning.bundles.bundle import screen_url
from provisioning.database.models import Kiosk
from provisioning.directory.credentials import new_code
from provisioning.directory.screen_enrolment import (
    SCREEN_CODE_LASTS,
    open_screen_enrolment,
)
from provisioning.directory.service import Outcome
from provisioning.inventory.plan import Kind


@blueprint.post("/bornes/<ref>/ecran")
def new_screen_code(ref: str) -> Answer:
    """Show a new code; the screen that is there now stays until it is used."""
    back, code = url_for("administrator.kiosk_change", ref=ref), new_code()

    def write(session: Session, at: datetime) -> None:
        kiosk_id = session.scalars(select(Kiosk.id).where(Kiosk.slug == ref)).one()
        open_screen_enrolment(session, kiosk_id, code, at + SCREEN_CODE_LASTS)

    def show(_outcome: Outcome, _written: None) -> Answer:
        return sheet(_sheet(ref, code, back))

    return press(Button("screen_code_made", Kind.KIOSK, ref, back), write, show)


def _sheet(ref: str, code: str, back: str) -> Sheet:
    site = site_address()
    return Sheet(
        ref,
        gettext("Voici le code du second écran."),
        [
            (gettext("Code du second écran"), code),
            (gettext("Adresse à ouvrir sur cet écran"), screen_url(site, code)),
        ],
        back,
        next_steps=[
            gettext(
                "Le code sert une seule fois, dans les %(days)d jours. L'écran d'avant "
                "reste ouvert jusque-là.",
                days=SCREEN_CODE_LASTS.days,
            )
        ],
    )
