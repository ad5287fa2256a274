# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the site is. Pure."""

from urllib.parse import urlsplit


def site_of(page: str) -> str:
    """Give the address of the site that a page is of."""
    parts = urlsplit(page)
    return f"{parts.scheme}://{parts.netloc}"
