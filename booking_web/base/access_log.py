# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a server's access log tells of a request: nobody's address, no query, no secret."""

import re
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

# As long as no word of an address of ours is: a calendar's secret, a link to a new password.
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,}")
# The path alone, what came of it and how long.
ACCESS_LOG_FORMAT = '%(t)s "%(m)s %(U)s" %(s)s %(B)s %(D)sus'


def told_path(path: str) -> str:
    """Give the path without those of its parts that may be secrets."""
    return _SECRET.sub("...", path)


class DiscreetLogger(Logger):
    """gunicorn's logger, with the path as `told_path` gives it."""

    def atoms(
        self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta
    ) -> dict[str, Any]:
        """Give what a line may be made of."""
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        atoms["U"] = told_path(environ.get("PATH_INFO", ""))
        return atoms
