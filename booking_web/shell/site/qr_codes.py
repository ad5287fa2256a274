# SPDX-License-Identifier: AGPL-3.0-or-later
"""Draws an address as a QR code, to be photographed from a page or from paper."""

import base64
import io

import segno
from markupsafe import Markup


def qr_svg(address: str, title: str) -> Markup:
    """Give the code as SVG to stand in a page; `title` says what it is to whom sees none."""
    return Markup(_drawn(address, title).decode())


def qr_picture(address: str) -> str:
    """Give the code as an address that holds all of it."""
    packed = base64.b64encode(_drawn(address, None)).decode()
    return f"data:image/svg+xml;base64,{packed}"


def _drawn(address: str, title: str | None) -> bytes:
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn,
        kind="svg",
        border=2,
        xmldecl=False,
        title=title,
        light="#fff",
        # The page says how large it is.
        omitsize=True,
    )
    return drawn.getvalue()
