# SPDX-License-Identifier: AGPL-3.0-or-later
"""A new code for a kiosk's second screen, as `guichet-provision let-in-screen` gives one."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.pages.administrator.acts import carry_out, done_before
from booking_web.pages.administrator.answers import (
    Answer,
    Sheet,
    said_again,
    say_refusal,
    sent,
    sheet,
)
from booking_web.pages.administrator.entries.entry_pages import existing
from booking_web.pages.administrator.gate import blueprint
from booking_web.shell.services import services
from provisioning.bundles.bundle import screen_url
from provisioning.database.models import Kiosk
from provisioning.directory.credentials import new_code
from provisioning.directory.errors import DirectoryError
from provisioning.directory.screen_enrolment import (
    SCREEN_CODE_LASTS,
    open_screen_enrolment,
)
from provisioning.inventory.plan import Kind


@blueprint.post("/bornes/<ref>/ecran")
def new_screen_code(ref: str) -> Answer:
    """Show a new code; the screen that is there now stays until it is used."""
    this, back = sent(), url_for("administrator.kiosk_change", ref=ref)
    existing(Kind.KIOSK, ref)
    if done_before(services().database, this.submission):
        return _again(back)
    code = new_code()

    def write(session: Session) -> bool:
        kiosk_id = session.scalars(select(Kiosk.id).where(Kiosk.slug == ref)).one()
        open_screen_enrolment(session, kiosk_id, code, this.at + SCREEN_CODE_LASTS)
        return True

    try:
        done = carry_out(
            services().database, this, "screen_code_made", Kind.KIOSK, ref, beside=write
        )
    except DirectoryError as error:
        say_refusal(error)
        return redirect(back, 303)
    if done.outcome is None:
        return _again(back)
    return sheet(_sheet(ref, code, back))


def _sheet(ref: str, code: str, back: str) -> Sheet:
    site = services().settings.site_url or request.url_root
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


def _again(back: str) -> Response:
    flash(said_again(), "info")
    return redirect(back, 303)
