# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is asked of a large upload before its body is read.

The token of a form lies in its body: to check it, all of it is read. What needs no body comes
first.
"""

from flask import abort, request

# What browsers say of a request that a page of ours, or the person alone, has made (W3C,
# Fetch Metadata); old ones say nothing.
_OURS = (None, "same-origin", "none")


def refuse_other_sites() -> None:
    """Refuse (400) what another site's page has a browser send."""
    if request.headers.get("Sec-Fetch-Site") not in _OURS:
        abort(400)
