# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom to tell of a hole: `/.well-known/security.txt` (RFC 9116)."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, abort

from booking_web.shell.services import services
from booking_web.shell.site.site_address import public_address

# A reader must not believe it for longer (RFC 9116, 2.5.5: less than a year).
GOOD_FOR = timedelta(days=180)

blueprint = Blueprint("security_contact", __name__)


@blueprint.get("/.well-known/security.txt")
def show() -> Response:
    """Name the contact that the site has set; none is not found (404)."""
    contact = services().settings.security_contact
    if not contact:
        abort(404)
    lines = [f"Contact: {contact_address(contact)}"]
    lines.append(f"Expires: {_expires(services().now())}")
    lines.append("Preferred-Languages: fr, en")
    if services().settings.site_url:
        lines.append(f"Canonical: {public_address('security_contact.show')}")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def contact_address(contact: str) -> str:
    """Write the contact as a URI: a bare e-mail address is one by `mailto:`."""
    return contact if ":" in contact else f"mailto:{contact}"


def _expires(now: datetime) -> str:
    day = (now + GOOD_FOR).date()
    return f"{day.isoformat()}T00:00:00Z"
