# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one-time link into a call: a page for whoever opens it, and the button that uses it up.

Its token is the only thing that opens it. To look at the page, as people and their mail's
scanner do, changes nothing; the first browser that presses the button has a cookie from then on.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext

from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.guests.visits import Link, link_of, open_link
from booking_web.pages.guest.cookie import PATH, cookie_name, present_guest
from booking_web.shell.services import services
from booking_web.shell.site.security_headers import WITH_OWN_MEDIA

GONE, UNKNOWN = 410, 404
_WHY = {
    Link.UNKNOWN: lazy_gettext(
        "Ce lien n'existe pas. Vérifiez que vous l'avez ouvert en entier."
    ),
    Link.USED: lazy_gettext(
        "Ce lien a déjà servi. Il s'ouvre une seule fois, dans un seul navigateur. "
        "Demandez-en un autre au conseiller."
    ),
    Link.OVER: lazy_gettext(
        "Ce lien n'est plus valable : l'entretien est terminé, ou il est trop tard. "
        "Demandez-en un autre au conseiller."
    ),
}

blueprint = Blueprint("guest_link", __name__, url_prefix=PATH)


@blueprint.get("/<token>")
def show(token: str) -> Response:
    """Say what the link is for, and let camera and microphone be tried."""
    now = services().now()
    with services().database.read() as session:
        found = link_of(session, token, now)
        is_their_own = found is Link.USED and present_guest(session, token) is not None
    if is_their_own:
        return _to_visit()
    if found is not Link.GOOD:
        return _refused(found)
    page = render_template(
        "guest/link.html", title=gettext("Rejoindre un entretien en vidéo")
    )
    return make_response(page, {"Permissions-Policy": WITH_OWN_MEDIA})


@blueprint.post("/<token>")
def use(token: str) -> Response:
    """Use the link up: this browser is the guest's from now on."""
    now = services().now()
    with services().database.read() as session:
        if present_guest(session, token) is not None:
            # Pressed twice.
            return _to_visit()
    opened = in_transaction(
        services().database, lambda session: open_link(session, token, now)
    )
    if isinstance(opened, Link):
        return _refused(opened)
    response = _to_visit()
    response.set_cookie(
        cookie_name(),
        opened,
        path=PATH,
        secure=services().settings.secure_cookies,
        httponly=True,
        # Who opens the link again in their mail comes back to their page.
        samesite="Lax",
    )
    return response


def _to_visit() -> Response:
    return redirect(url_for("guest_visit.show"), 303)  # type: ignore[return-value]


def _refused(found: Link) -> Response:
    page = render_template(
        "guest/over.html",
        title=gettext("Ce lien ne sert plus"),
        said=_WHY[found],
    )
    return make_response(page, UNKNOWN if found is Link.UNKNOWN else GONE)
