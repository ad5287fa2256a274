# SPDX-License-Identifier: AGPL-3.0-or-later
"""Codes for many kiosks at once, on one sheet of paper each.

As `guichet-provision enrolment-sheets` gives them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.pages.administrator.acts import carry_out, done_before, new_submission
from booking_web.pages.administrator.answers import (
    INVALID,
    Answer,
    Sheet,
    said_again,
    say_refusal,
    sent,
    sheet,
)
from booking_web.pages.administrator.directory.buttons import back_to
from booking_web.pages.administrator.directory.kiosks import KIOSKS
from booking_web.pages.administrator.gate import blueprint
from booking_web.shell.enrolment_sheets import (
    EnrolmentSheet,
    pdf_of_sheets,
    sheets_of,
)
from booking_web.shell.kiosk_site import enrolment_of_site
from booking_web.shell.services import services
from booking_web.shell.site.site_address import site_address
from booking_web.tables.administration import DirectoryAct
from booking_web.words.dates import dated_hour
from provisioning.database.access import KioskEnrolment
from provisioning.database.models import Kiosk
from provisioning.directory.enrolment import CODE_LASTS
from provisioning.directory.enrolment_codes import new_enrolment_code
from provisioning.directory.errors import DirectoryError
from provisioning.directory.machine_access import open_codes
from provisioning.inventory.plan import Kind

ACT = "enrolment_code_made"
FILE_NAME = "bornes.pdf"


@dataclass(frozen=True)
class Choice:
    """A kiosk that may be given a code; `said` is how it stands with its machine."""

    slug: str
    relay: str
    said: str
    is_usual: bool


@blueprint.get("/bornes/feuilles")
def choose_enrolment_sheets() -> str:
    """Offer all kiosks; those that nothing has become yet are ticked."""
    return _page(None)


@blueprint.post("/bornes/feuilles")
def make_enrolment_sheets() -> Answer:
    """Give each chosen kiosk a code, and show all of them once, with the sheets as PDF.

    The machines that are these kiosks now stay until their code is used.
    """
    back = url_for("administrator.kiosk_list")
    this, chosen = sent(), list(dict.fromkeys(request.form.getlist("borne")))
    if done_before(services().database, this.submission):
        return back_to(back, said_again(), "info")
    if not chosen:
        flash(gettext("Choisissez au moins une borne."), "warning")
        return _page(chosen), INVALID
    ends_at = this.at + CODE_LASTS
    made: list[tuple[EnrolmentSheet, ...]] = []

    def beside(session: Session) -> bool:
        codes = {slug: new_enrolment_code() for slug in chosen}
        open_codes(session, codes, ends_at)
        made.append(tuple(sheets_of(session, codes, ends_at, site_address())))
        # The first is written down with the form itself.
        for slug in chosen[1:]:
            session.add(_act(this.actor, this.at, slug))
        return True

    try:
        enrolment_of_site()
        done = carry_out(
            services().database, this, ACT, Kind.KIOSK, chosen[0], beside=beside
        )
    except DirectoryError as error:
        say_refusal(error)
        return redirect(url_for("administrator.choose_enrolment_sheets"), 303)
    if done.outcome is None:
        return back_to(back, said_again(), "info")
    return sheet(_sheet(made[-1], back))


def _sheet(made: Sequence[EnrolmentSheet], back: str) -> Sheet:
    return Sheet(
        gettext("Feuilles de rattachement"),
        ngettext(
            "Voici la feuille de la borne.",
            "Voici les feuilles des %(num)s bornes.",
            len(made),
        ),
        [(f"{each.kiosk}, {each.relay}", each.command) for each in made],
        back,
        file=(FILE_NAME, pdf_of_sheets(made)),
        next_steps=[
            gettext("Enregistrez le fichier et imprimez-le : une page par borne."),
            gettext(
                "Sur chaque borne, en root, installez le paquet guichet-kiosk et tapez la "
                "commande de sa feuille, jusqu'au %(moment)s.",
                moment=made[0].until,
            ),
            gettext(
                "La borne fait ses essais, puis s'affiche prête. La machine d'avant n'a "
                "alors plus accès."
            ),
        ],
    )


def _page(chosen: Sequence[str] | None) -> str:
    with services().database.read() as session:
        choices = _choices(session, services().now())
    usual = {each.slug for each in choices if each.is_usual}
    return render_template(
        "administrator/enrolment_sheets.html",
        title=gettext("Feuilles de rattachement"),
        pages=KIOSKS,
        choices=choices,
        ticked=usual if chosen is None else set(chosen),
    )


def _choices(session: Session, now: datetime) -> list[Choice]:
    codes: Mapping[int, KioskEnrolment] = {
        row.kiosk_id: row
        for row in session.scalars(
            select(KioskEnrolment).where(
                KioskEnrolment.used_at.is_(None), KioskEnrolment.expires_at > now
            )
        )
    }
    kiosks = session.scalars(select(Kiosk).options(joinedload(Kiosk.relay)))
    ordered = sorted(kiosks, key=lambda kiosk: (kiosk.relay.name, kiosk.slug))
    return [_choice(kiosk, codes.get(kiosk.id)) for kiosk in ordered]


def _choice(kiosk: Kiosk, code: KioskEnrolment | None) -> Choice:
    zone = ZoneInfo(kiosk.relay.time_zone)
    said, is_usual = gettext("aucune machine"), True
    if code is not None:
        is_usual = False
        said = gettext(
            "un code attend jusqu'au %(moment)s : une nouvelle feuille le remplace",
            moment=dated_hour(code.expires_at, zone),
        )
    elif kiosk.enrolled_at is not None or kiosk.machine_id is not None:
        is_usual = False
        said = gettext(
            "une machine est rattachée : elle reste jusqu'à ce que le code serve"
        )
    return Choice(kiosk.slug, kiosk.relay.name, said, is_usual)


def _act(actor: str, at: datetime, slug: str) -> DirectoryAct:
    return DirectoryAct(
        submission=new_submission(),
        at=at,
        actor=actor,
        act=ACT,
        kind=str(Kind.KIOSK),
        key=slug,
        detail="",
    )
