# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which machine is a kiosk: a code by which one becomes it, or a file carried there.

As `guichet-provision enrolment-code` and `enrolment-file` give them.
"""

from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.pages.administrator.answers import Answer, Sheet, sheet
from booking_web.pages.administrator.directory.buttons import Button, press
from booking_web.pages.administrator.gate import blueprint
from booking_web.shell.kiosk_site import enrolment_of_site
from booking_web.shell.services import services
from booking_web.shell.site.site_address import site_address
from booking_web.words.dates import dated_hour
from provisioning.bundles.enrolment_file import FILE_SUFFIX, file_of
from provisioning.directory import enrolment_codes
from provisioning.directory.credentials import SipSecret
from provisioning.directory.enrolment import (
    CODE_LASTS,
    open_enrolment,
    secrets_to_carry,
)
from provisioning.directory.machine_access import kiosk_called
from provisioning.directory.service import Outcome
from provisioning.inventory.plan import Kind


@blueprint.post("/bornes/<ref>/rattacher")
def new_enrolment_code(ref: str) -> Answer:
    """Show a new code; the machine that is this kiosk stays until it is used."""
    back = url_for("administrator.kiosk_change", ref=ref)
    code = enrolment_codes.new_enrolment_code()

    def write(session: Session, at: datetime) -> str:
        kiosk, ends_at = kiosk_called(session, ref), at + CODE_LASTS
        open_enrolment(session, kiosk.id, code, ends_at)
        return dated_hour(ends_at, ZoneInfo(kiosk.relay.time_zone))

    def show(_outcome: Outcome, until: str) -> Answer:
        return sheet(_code_sheet(ref, code, until, back))

    button = Button(
        "enrolment_code_made", Kind.KIOSK, ref, back, check=enrolment_of_site
    )
    return press(button, write, show)


@blueprint.post("/bornes/<ref>/fichier")
def new_enrolment_file(ref: str) -> Answer:
    """Ask once, then give the file for a machine without a line, once."""
    back = url_for("administrator.kiosk_change", ref=ref)

    def write(session: Session, at: datetime) -> SipSecret:
        return secrets_to_carry(session, kiosk_called(session, ref), at)

    def show(outcome: Outcome, secret: SipSecret) -> Answer:
        services().doorbell.ring()
        content = file_of(enrolment_of_site()(secret, outcome.directory))
        return sheet(_file_sheet(ref, content, back))

    question = gettext(
        "La machine qui sert de borne en ce moment n'a plus accès aussitôt, et son "
        "appel est coupé. Le fichier contient des secrets : il est pour une seule "
        "machine."
    )
    button = Button(
        "enrolment_file_made",
        Kind.KIOSK,
        ref,
        back,
        question,
        check=enrolment_of_site,
    )
    return press(button, write, show)


def _code_sheet(ref: str, code: str, until: str, back: str) -> Sheet:
    site = site_address()
    command = f"guichet-kiosk enrol {urlsplit(site).netloc} {code}"
    return Sheet(
        ref,
        gettext("Voici le code de rattachement."),
        [
            (gettext("Commande à taper sur la borne"), command),
            (gettext("Valable jusqu'au"), until),
        ],
        back,
        next_steps=[
            gettext("Sur la borne, installez le paquet guichet-kiosk."),
            gettext(
                "Tapez la commande, en root. Majuscules, tirets et espaces du code ne "
                "comptent pas."
            ),
            gettext(
                "La borne fait ses essais, puis s'affiche prête. La machine d'avant n'a "
                "alors plus accès."
            ),
        ],
        code=code,
    )


def _file_sheet(ref: str, content: str, back: str) -> Sheet:
    name = f"{ref}{FILE_SUFFIX}"
    return Sheet(
        ref,
        gettext("Voici le fichier de la borne."),
        [
            (
                gettext("Commande à taper sur la borne"),
                f"guichet-kiosk enrol --file {name}",
            )
        ],
        back,
        file=(name, content),
        next_steps=[
            gettext("Enregistrez le fichier sur une clé USB."),
            gettext("Portez-la à la borne, et tapez la commande, en root."),
            gettext("Effacez ensuite le fichier de la clé et de votre ordinateur."),
        ],
    )
