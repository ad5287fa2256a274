# SPDX-License-Identifier: AGPL-3.0-or-later
"""The addresses by which the site is found from elsewhere, as the site itself names them.

Whoever asks writes the request's Host header: an address that is handed on never comes
from there.
"""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import request, url_for

from booking_web.shell.services import services


class SiteAddressMissing(Exception):
    """`site_url` is missing in the settings, and who asks is not on this machine."""


def site_address() -> str:
    """Give where this site is, for links that are handed on.

    Without `site_url` it is known on this machine alone, as whoever sits there asked for it.
    Raises SiteAddressMissing, which becomes a page that says what to do.
    """
    if site_url := services().settings.site_url:
        return site_url
    if not _is_this_machine(urlsplit(request.host_url).hostname or ""):
        raise SiteAddressMissing
    return request.url_root


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def public_address(endpoint: str, **values: Any) -> str:
    """Give the whole address of a page; only its path where no `site_url` is set."""
    path = url_for(endpoint, **values)
    site_url = services().settings.site_url
    return f"{site_url.rstrip('/')}{path}" if site_url else path
