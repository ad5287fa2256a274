# SPDX-License-Identifier: AGPL-3.0-or-later
"""Structured log lines on stderr, one JSON object each, in structlog's shape.

structlog itself is not imported in an endpoint: it brings asyncio along, 17 MB measured
in a process that is allowed 40. Same keys, so one grep goes through all programs.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any


class Log:
    """Constant messages with fields: ``log.info("call refused", peer=...)``."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, **fields: Any) -> None:
        """Log what helps to understand a fault afterwards."""
        self._logger.debug(event, extra={"fields": fields})

    def info(self, event: str, **fields: Any) -> None:
        """Log what happened as it should."""
        self._logger.info(event, extra={"fields": fields})

    def warning(self, event: str, **fields: Any) -> None:
        """Log what went wrong and is handled."""
        self._logger.warning(event, extra={"fields": fields})

    def error(self, event: str, **fields: Any) -> None:
        """Log what a person must repair."""
        self._logger.error(event, extra={"fields": fields})

    def exception(self, event: str, **fields: Any) -> None:
        """Log the exception being handled, with its traceback."""
        self._logger.exception(event, extra={"fields": fields})


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON with structlog's usual keys."""
        line: dict[str, Any] = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_log(level: str) -> None:
    """Send the package's log to stderr; roots call it once."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("sip_endpoints")
    logger.handlers[:] = [handler]
    logger.setLevel(level.upper())
    logger.propagate = False
