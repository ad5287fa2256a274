# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a server's access log tells of a request: nobody's address, no query, no secret."""

import re
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

# As long as no word of an address of ours is: a calendar's secret, a link to a new password.
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,}")
# What would end the path, or the line: whoever asks chooses the path, and writes no line of ours.
_NOT_PLAIN = re.compile(r"[^ !#-\[\]-~]")
# A second screen in a call says each second that all is well (static/kiosk/in-sight.js): that
# would fill the log, which is kept by its size.
UNTOLD = "POST /borne/vu"
# The path alone, what came of it and how long.
ACCESS_LOG_FORMAT = '%(t)s "%(m)s %(U)s" %(s)s %(B)s %(D)sus'


def told_path(path: str) -> str:
    """Give the path without those of its parts that may be secrets, on one line.

    Written as the front does it: a character of `_NOT_PLAIN` by its number.
    """
    discreet = _SECRET.sub("...", path)
    return _NOT_PLAIN.sub(lambda found: f"\\x{ord(found[0]):02X}", discreet)


class DiscreetLogger(Logger):
    """gunicorn's logger, with the path as `told_path` gives it."""

    def access(
        self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta
    ) -> None:
        """Write the line of a request, unless it says that all is well, and is heard."""
        asked = f"{environ.get('REQUEST_METHOD')} {environ.get('PATH_INFO')}"
        if asked != UNTOLD or not str(resp.status).startswith("204"):
            super().access(resp, req, environ, request_time)

    def atoms(
        self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta
    ) -> dict[str, Any]:
        """Give what a line may be made of."""
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        atoms["U"] = told_path(environ.get("PATH_INFO", ""))
        return atoms
