# SPDX-License-Identifier: AGPL-3.0-or-later
"""The addresses by which the site is found from elsewhere, as the site itself names them.

Whoever asks writes the request's Host header: an address that is handed on never comes
from there.
"""

from typing import Any

from flask import url_for

from booking_web.shell.services import services


def public_address(endpoint: str, **values: Any) -> str:
    """Give the whole address of a page; only its path where no `site_url` is set."""
    path = url_for(endpoint, **values)
    site_url = services().settings.site_url
    return f"{site_url.rstrip('/')}{path}" if site_url else path
