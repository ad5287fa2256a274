# SPDX-License-Identifier: AGPL-3.0-or-later
"""Serves the application under gunicorn's threaded workers."""

import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from gunicorn.app.base import BaseApplication

from booking_web.app import create_app
from booking_web.base.access_log import ACCESS_LOG_FORMAT, DiscreetLogger
from booking_web.base.clock import utc_now
from booking_web.base.confinement import missing
from booking_web.base.settings import Settings
from booking_web.practice.gate import PracticeGate

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

GRACEFUL_SECONDS = 20
# Of a Unix socket: the server's user and its group, which the front's user may be in.
SOCKET_UMASK = 0o007

logger = structlog.get_logger(__name__)


class WebServer(BaseApplication):
    """gunicorn, configured by us alone; the application is made after the fork."""

    def __init__(
        self, settings: Settings, *, bind: str, workers: int, threads: int
    ) -> None:
        self._settings = settings
        # One for all workers, made when somebody first practises and gone with the server:
        # in no backup, and on no disk where temporary files lie in memory.
        name = f"guichet-practice-{secrets.token_hex(8)}"
        self._practice = Path(tempfile.gettempdir()) / name
        self._options = {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "preload_app": False,
            "worker_connections": 1000,
            # A page says what it shows of each of its rows.
            "limit_request_line": 8190,
            "keepalive": 5,
            "timeout": 30,
            "graceful_timeout": GRACEFUL_SECONDS,
            "accesslog": "-",
            "errorlog": "-",
            "access_log_format": ACCESS_LOG_FORMAT,
            "logger_class": DiscreetLogger,
            "umask": SOCKET_UMASK,
            # The application knows whom to believe: see trusted_proxies.
            "forwarded_allow_ips": "",
            "proc_name": "guichet-web",
            "control_socket_disable": True,
            "on_starting": _tell_what_is_missing,
            "on_exit": self._wipe_practice,
        }
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn our options (and no file or environment of its own)."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> "WSGIApplication":
        """Make the application, in the worker, with its practice beside it."""
        site = create_app(self._settings)
        if not self._settings.practice:
            return site
        return PracticeGate(site, self._practice, utc_now)

    def _wipe_practice(self, _server: Any) -> None:
        shutil.rmtree(self._practice, ignore_errors=True)


def _tell_what_is_missing(_server: Any) -> None:
    """Say once what the kernel lacks to keep the readers of strangers' files in."""
    if lacking := missing():
        logger.warning("readers of strangers' files are kept in less", missing=lacking)
