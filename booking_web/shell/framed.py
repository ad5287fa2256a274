# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether an answer goes into the frame of the counsellor's desk, whose page says the rest."""

from flask import request


def is_framed() -> bool:
    """Tell whether the page around this one has its header, its footer and the duty's bar.

    A browser says it of a page that it loads into a frame (W3C, Fetch Metadata), and a script
    of ours of what it asks for within one.
    """
    headers = request.headers
    is_loaded = headers.get("Sec-Fetch-Dest") == "iframe"
    return is_loaded or headers.get("X-Guichet-Framed") == "1"
