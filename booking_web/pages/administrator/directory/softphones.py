# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor's softphone: a link that sets it up, or the settings to type in.

As `guichet-provision softphone` gives them. A link changes nothing until it is opened.
"""

from datetime import datetime

import structlog
from flask import flash, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.settings import SettingsError
from booking_web.pages.administrator.answers import (
    Answer,
    Sheet,
    say_refusal,
    sheet,
)
from booking_web.pages.administrator.directory.buttons import (
    Button,
    press,
    write_nothing,
)
from booking_web.pages.administrator.directory.secret_sheets import (
    question_of_renewal,
)
from booking_web.pages.administrator.entries.entry_pages import existing
from booking_web.pages.administrator.gate import blueprint
from booking_web.shell.services import services
from booking_web.shell.site.qr_codes import qr_picture
from booking_web.shell.site.site_address import site_address
from booking_web.shell.site.softphone_server import softphone_server
from booking_web.telling.slips.paper import fits_one_page, pages_of, pdf_of
from booking_web.words.dates import long_date
from booking_web.words.softphones import (
    CODES,
    settings_in_words,
    steps_of,
    typing_steps,
)
from provisioning.bundles.softphone import (
    SoftphoneServer,
    SoftphoneSettings,
    link_address,
)
from provisioning.database.models import SipTransport, SoftphoneKind
from provisioning.directory.errors import DirectoryError
from provisioning.directory.service import Outcome
from provisioning.directory.softphone_links import (
    LINK_LASTS,
    MustEncrypt,
    NotForSoftphones,
    make_link,
    require_softphone,
)
from provisioning.inventory.plan import Fields, Kind

# Large type first; all of it stays on one sheet.
TYPE_POINTS = (13, 12, 11, 10)

logger = structlog.get_logger(__name__)


class ServerUnknown(DirectoryError):
    """The site's settings do not say how softphones reach its Asterisk."""


@blueprint.post("/telephones/<ref>/lien")
def make_softphone_link(ref: str) -> Answer:
    """Show a new link for Linphone or baresip; the present secret works until it is opened."""
    back, kind, transport = _page_of(ref), _asked_kind(), _asked_transport()

    def write(session: Session, at: datetime) -> str:
        return make_link(session, ref, kind, transport, at)

    def show(outcome: Outcome, token: str) -> Answer:
        fields = outcome.directory[Kind.COUNSELLOR][ref]
        site = site_address()
        return sheet(_link_sheet(ref, fields, kind, link_address(site, token), back))

    button = Button(
        "softphone_link_made",
        Kind.COUNSELLOR,
        ref,
        back,
        check=lambda: _server().port_of(transport),
        say=_say,
    )
    return press(button, write, show)


@blueprint.post("/telephones/<ref>/reglages")
def make_softphone_sheet(ref: str) -> Answer:
    """Ask once, then replace the secret and show the settings for any softphone."""
    back, transport = _page_of(ref), _asked_transport()

    def check() -> None:
        _server().port_of(transport)
        require_softphone(ref, existing(Kind.COUNSELLOR, ref), transport)

    def show(outcome: Outcome, _written: None) -> Answer:
        fields = outcome.directory[Kind.COUNSELLOR][ref]
        [secret] = outcome.sip_secrets
        settings = SoftphoneSettings(
            ref,
            str(fields["name"]),
            _server(),
            transport,
            bool(fields["in_clear"]),
            secret=secret.secret,
        )
        return sheet(_settings_sheet(settings, back))

    button = Button(
        "secret_renewed",
        Kind.COUNSELLOR,
        ref,
        back,
        question_of_renewal(),
        is_rotation=True,
        check=check,
        say=_say,
    )
    return press(button, write_nothing, show)


def _link_sheet(
    ref: str, fields: Fields, kind: SoftphoneKind, link: str, back: str
) -> Sheet:
    until = long_date((services().now() + LINK_LASTS).date())
    picture = qr_picture(link)
    steps = steps_of(kind)
    paper = _pdf(
        name=fields["name"], link=link, picture=picture, until=until, steps=steps
    )
    return Sheet(
        str(fields["name"]),
        gettext("Voici le lien du téléphone, à donner en main propre."),
        [
            (gettext("Lien du téléphone"), link),
            (gettext("Valable une seule fois, jusqu'au"), until),
        ],
        back,
        file=(f"{ref}.pdf", paper),
        next_steps=steps,
        picture=picture if kind is SoftphoneKind.LINPHONE else "",
    )


def _settings_sheet(settings: SoftphoneSettings, back: str) -> Sheet:
    lines = settings_in_words(settings)
    steps = typing_steps(settings)
    paper = _pdf(name=settings.display_name, settings=lines, steps=steps)
    return Sheet(
        settings.display_name,
        gettext("Voici les réglages, à remettre en main propre."),
        lines,
        back,
        file=(f"{settings.user}.pdf", paper),
        next_steps=steps,
    )


def _pdf(**said: object) -> bytes:
    # A sheet has a link or settings.
    shown = {"link": "", "picture": "", "until": "", "settings": (), **said}
    for points in TYPE_POINTS:
        page = render_template(
            "slips/softphone.html", codes=CODES, points=points, **shown
        )
        document = pages_of(page)
        if fits_one_page(document):
            break
    return pdf_of(document)


def _server() -> SoftphoneServer:
    try:
        server = softphone_server(services().settings)
    except SettingsError as error:
        logger.error("softphone's server unknown", cause=str(error))
        raise ServerUnknown from error
    if server is None:
        raise ServerUnknown
    return server


def _asked_kind() -> SoftphoneKind:
    try:
        return SoftphoneKind(request.form.get("kind", ""))
    except ValueError:
        return SoftphoneKind.LINPHONE


def _asked_transport() -> SipTransport:
    try:
        return SipTransport(request.form.get("transport", ""))
    except ValueError:
        return SipTransport.TLS


def _say(error: DirectoryError) -> None:
    match error:
        case ServerUnknown():
            said = gettext(
                "Le site ne dit pas comment joindre son Asterisk : réglez sip_server (et "
                "sip_ca_file), puis réessayez."
            )
            flash(said, "warning")
        case NotForSoftphones():
            said = gettext(
                "Choisissez d'abord « Un logiciel du commerce », enregistrez, puis "
                "réessayez."
            )
            flash(said, "warning")
        case MustEncrypt():
            said = gettext(
                "Ce téléphone doit être chiffré : choisissez TLS, ou cochez « Son logiciel "
                "du commerce peut téléphoner sans chiffrement », enregistrez, puis "
                "réessayez."
            )
            flash(said, "warning")
        case _:
            say_refusal(error)


def _page_of(ref: str) -> str:
    return url_for("administrator.counsellor_change", ref=ref)
