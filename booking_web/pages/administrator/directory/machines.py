# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which machine is a kiosk: a code by which one becomes it, or a file carried there.

As `guichet-provision enrolment-code` and `enrolment-file` give them.
"""

from urllib.parse import urlsplit

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.pages.administrator.acts import carry_out, done_before
from booking_web.pages.administrator.answers import (
    Answer,
    Sheet,
    ask,
    is_confirmed,
    said_again,
    say_refusal,
    sent,
    sheet,
)
from booking_web.pages.administrator.directory.machine_facts import said_moment
from booking_web.pages.administrator.entries.entry_pages import existing
from booking_web.pages.administrator.gate import blueprint
from booking_web.shell.kiosk_site import enrolment_of_site
from booking_web.shell.services import services
from provisioning.bundles.enrolment_file import FILE_SUFFIX, file_of
from provisioning.directory import enrolment_codes
from provisioning.directory.credentials import SipSecret
from provisioning.directory.enrolment import (
    CODE_LASTS,
    open_enrolment,
    secrets_to_carry,
)
from provisioning.directory.errors import DirectoryError
from provisioning.directory.machine_access import kiosk_called
from provisioning.inventory.plan import Kind


@blueprint.post("/bornes/<ref>/rattacher")
def new_enrolment_code(ref: str) -> Answer:
    """Show a new code; the machine that is this kiosk stays until it is used."""
    this, back = sent(), url_for("administrator.kiosk_change", ref=ref)
    existing(Kind.KIOSK, ref)
    if done_before(services().database, this.submission):
        return _again(back)
    code, ends_at = enrolment_codes.new_enrolment_code(), this.at + CODE_LASTS

    zones: list[str] = []

    def write(session: Session) -> bool:
        kiosk = kiosk_called(session, ref)
        zones.append(kiosk.relay.time_zone)
        open_enrolment(session, kiosk.id, code, ends_at)
        return True

    try:
        enrolment_of_site()
        done = carry_out(
            services().database,
            this,
            "enrolment_code_made",
            Kind.KIOSK,
            ref,
            beside=write,
        )
    except DirectoryError as error:
        say_refusal(error)
        return redirect(back, 303)
    if done.outcome is None:
        return _again(back)
    return sheet(_code_sheet(ref, code, said_moment(ends_at, zones[-1]), back))


@blueprint.post("/bornes/<ref>/fichier")
def new_enrolment_file(ref: str) -> Answer:
    """Ask once, then give the file for a machine without a line, once."""
    this, back = sent(), url_for("administrator.kiosk_change", ref=ref)
    existing(Kind.KIOSK, ref)
    if done_before(services().database, this.submission):
        return _again(back)
    if not is_confirmed():
        question = gettext(
            "La machine qui sert de borne en ce moment n'a plus accès aussitôt, et son "
            "appel est coupé. Le fichier contient des secrets : il est pour une seule "
            "machine."
        )
        return ask(ref, question, back=back)
    made: list[SipSecret] = []

    def write(session: Session) -> bool:
        made.append(secrets_to_carry(session, kiosk_called(session, ref), this.at))
        return True

    try:
        enrolment = enrolment_of_site()
        done = carry_out(
            services().database,
            this,
            "enrolment_file_made",
            Kind.KIOSK,
            ref,
            beside=write,
        )
    except DirectoryError as error:
        say_refusal(error)
        return redirect(back, 303)
    if done.outcome is None:
        return _again(back)
    services().doorbell.ring()
    content = file_of(enrolment(made[-1], done.outcome.directory))
    return sheet(_file_sheet(ref, content, back))


def _code_sheet(ref: str, code: str, until: str, back: str) -> Sheet:
    site = services().settings.site_url or request.url_root
    command = f"guichet-kiosk enrol {urlsplit(site).netloc} {code}"
    return Sheet(
        ref,
        gettext("Voici le code de rattachement."),
        [
            (gettext("Commande à taper sur la borne"), f"sudo {command}"),
            (gettext("Valable jusqu'au"), until),
        ],
        back,
        next_steps=[
            gettext("Sur la borne, installez le paquet guichet-kiosk."),
            gettext(
                "Tapez la commande. Majuscules, tirets et espaces ne comptent pas."
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
                f"sudo guichet-kiosk enrol --file {name}",
            )
        ],
        back,
        file=(name, content),
        next_steps=[
            gettext("Enregistrez le fichier sur une clé USB."),
            gettext("Portez-la à la borne, et tapez la commande."),
            gettext("Effacez ensuite le fichier de la clé et de votre ordinateur."),
        ],
    )


def _again(back: str) -> Answer:
    flash(said_again(), "info")
    return redirect(back, 303)
