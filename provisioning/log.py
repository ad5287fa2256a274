# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sends this program's log to stderr: lines for a person, JSON where nobody watches."""

import logging
import sys
from typing import Any

import structlog


class _StderrLogger:
    # Looks stderr up at each line: a test or a supervisor may have replaced it.
    def msg(self, message: str) -> None:
        print(message, file=sys.stderr, flush=True)

    log = debug = info = warning = warn = error = critical = exception = msg


def configure_log(*, verbose: bool) -> None:
    """Set structlog up; quiet but for warnings unless `verbose`."""
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.INFO if verbose else logging.WARNING
        ),
        logger_factory=lambda *_: _StderrLogger(),
        cache_logger_on_first_use=False,
    )
