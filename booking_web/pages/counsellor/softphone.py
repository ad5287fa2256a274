# SPDX-License-Identifier: AGPL-3.0-or-later
"""The link that sets up a counsellor's softphone: a page for people, settings for Linphone.

Its token is the only thing that opens it: who comes is not signed in. To look at it, as
people and their mail's scanner do, changes nothing; Linphone, which says that it fetches its
settings, and the page's button use it up.
"""

import secrets

import structlog
from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.shell.services import services
from booking_web.shell.site.qr_codes import qr_svg
from booking_web.shell.site.site_address import site_address
from booking_web.shell.site.softphone_server import softphone_server
from booking_web.tables.administration import SUBMISSION_LENGTH, DirectoryAct
from booking_web.words.softphones import CODES, steps_of
from provisioning.bundles.baresip import baresip_zip
from provisioning.bundles.linphone import (
    FILE_NAME,
    MEDIA_TYPE,
    REQUEST_HEADER,
    linphone_xml,
)
from provisioning.bundles.softphone import LINK_PATH, SoftphoneSettings, link_address
from provisioning.database.models import SoftphoneKind
from provisioning.directory.softphone_links import KnownLink, LinkRefused, find_link
from provisioning.directory.softphone_opening import open_link
from provisioning.inventory.plan import Kind

GONE, UNKNOWN = 410, 404
FOLDER_NAME = "baresip.zip"

logger = structlog.get_logger(__name__)
blueprint = Blueprint("softphone", __name__, url_prefix=LINK_PATH)


@blueprint.get("/<token>")
def show(token: str) -> Response:
    """Say what to do with the link; Linphone itself is given its settings, once."""
    asks_for_settings = request.method == "GET" and REQUEST_HEADER in request.headers
    with services().database.read() as session:
        link = find_link(session, token, services().now())
    if link is None or link.is_over:
        return _refused(is_known=link is not None)
    if asks_for_settings and link.kind is SoftphoneKind.LINPHONE:
        return _open(token)
    server = softphone_server(services().settings)
    site = site_address()
    address = link_address(site, token)
    return make_response(
        render_template(
            "counsellor/softphone.html",
            link=link,
            address=address,
            is_linphone=link.kind is SoftphoneKind.LINPHONE,
            picture=qr_svg(address, gettext("Ce lien, à photographier avec Linphone")),
            steps=steps_of(link.kind),
            codes=CODES,
            has_own_authority=server is not None and server.authority is not None,
        )
    )


@blueprint.post("/<token>")
def save(token: str) -> Response:
    """Give the settings as a file, once."""
    answer = _open(token)
    if answer.status_code == 200:
        is_xml = answer.mimetype == MEDIA_TYPE
        name = FILE_NAME if is_xml else FOLDER_NAME
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _open(token: str) -> Response:
    server = softphone_server(services().settings)
    if server is None:
        # Its link was made before the site forgot where its Asterisk is.
        return _refused(is_known=False)
    now = services().now()
    try:
        opened = open_link(services().database, token, now, _write_down)
    except LinkRefused as refusal:
        return _refused(is_known=refusal.is_known)
    logger.info("softphone set up", counsellor=opened.link.counsellor)
    link = opened.link
    settings = SoftphoneSettings(
        link.counsellor,
        link.counsellor_name,
        server,
        link.transport,
        link.may_be_in_clear,
        secret=opened.secret.secret,
    )
    if link.kind is SoftphoneKind.BARESIP:
        return Response(baresip_zip(settings, now), mimetype="application/zip")
    return Response(linphone_xml(settings), mimetype=MEDIA_TYPE)


def _write_down(session: Session, link: KnownLink) -> None:
    session.add(
        DirectoryAct(
            submission=secrets.token_hex(SUBMISSION_LENGTH // 2),
            at=services().now(),
            actor=f"counsellor:{link.counsellor}",
            act="softphone_link_opened",
            kind=str(Kind.COUNSELLOR),
            key=link.counsellor,
        )
    )


def _refused(*, is_known: bool) -> Response:
    page = render_template("counsellor/softphone_over.html")
    return make_response(page, GONE if is_known else UNKNOWN)
