# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of this site to which an address leads that came with a request.

Nobody is led to the text that came, whatever it is: the address is built anew from the route that
it matches.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException


@dataclass(frozen=True)
class OwnPage:
    """A page that this site has: its endpoint, and its address with query and place."""

    endpoint: str
    address: str


def own_page(wanted: str) -> OwnPage | None:
    r"""Give the page; None for another site's, for what only takes forms, and for none at all.

    Browsers drop tabs and ends of lines wherever they stand in an address, and read a
    backslash as a slash (WHATWG URL, 4.4), so that "/<tab>/elsewhere" is another site's: such
    characters stand in no address of ours.
    """
    is_path = wanted.startswith("/") and not wanted.startswith("//")
    if not is_path or not wanted.isprintable() or "\\" in wanted:
        return None
    parts = urlsplit(wanted)
    root = request.root_path
    is_under_root = bool(root) and parts.path.startswith(f"{root}/")
    path = parts.path.removeprefix(root) if is_under_root else parts.path
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return None
    try:
        endpoint, values = adapter.match(path, method="GET")
    except HTTPException:
        return None
    address = url_for(endpoint, **values)
    if parts.query:
        address += "?" + urlencode(parse_qsl(parts.query, keep_blank_values=True))
    if parts.fragment:
        address += "#" + quote(parts.fragment, safe="-._~%")
    return OwnPage(endpoint, address)


def nearest_page(wanted: str) -> OwnPage | None:
    """Give the page, or the nearest one above an address that only takes forms."""
    if (found := own_page(wanted)) is not None:
        return found
    path = urlsplit(wanted).path if wanted.startswith("/") else ""
    while path := path.rpartition("/")[0]:
        if (found := own_page(path)) is not None:
            return found
    return None
