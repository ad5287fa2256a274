# SPDX-License-Identifier: AGPL-3.0-or-later
"""Serves the application under gunicorn's threaded workers."""

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.base import Worker

from booking_web.app import create_app
from booking_web.services import EXTENSION
from booking_web.settings import Settings

# Each live page keeps one thread for itself; these stay free for everything else.
THREADS_FOR_REQUESTS = 8
GRACEFUL_SECONDS = 20
# No address of a person, no query string: the path alone, what came of it and how long.
ACCESS_LOG_FORMAT = '%(t)s "%(m)s %(U)s" %(s)s %(B)s %(D)sus'


class WebServer(BaseApplication):
    """gunicorn, configured by us alone; the application is made after the fork."""

    def __init__(
        self, settings: Settings, *, bind: str, workers: int, threads: int
    ) -> None:
        self._settings = settings
        self._threads = threads
        self._options = {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "preload_app": False,
            # Threads of streams are all at work for hours: connections must not wait on them.
            "worker_connections": 1000,
            "keepalive": 5,
            "timeout": 30,
            "graceful_timeout": GRACEFUL_SECONDS,
            "accesslog": "-",
            "errorlog": "-",
            "access_log_format": ACCESS_LOG_FORMAT,
            "post_worker_init": _end_streams_with_worker,
            "proc_name": "guichet-web",
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn our options (and no file or environment of its own)."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application, in the worker."""
        return create_app(
            self._settings, max_streams=self._threads - THREADS_FOR_REQUESTS
        )


def _end_streams_with_worker(worker: Worker) -> None:
    """Let open streams end when the worker is told to stop, instead of being waited for."""
    app: Any = worker.wsgi
    app.extensions[EXTENSION].live.is_stopping = lambda: not worker.alive
