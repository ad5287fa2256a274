# SPDX-License-Identifier: AGPL-3.0-or-later
"""One order about one form, in a process of its own: our side of `once`."""

from collections.abc import Sequence
from typing import Any, BinaryIO

import structlog

from booking_web.base.own_process import FreshProcesses, NoProcess, RanIntoLimits
from booking_web.domain.forms.errors import (
    EngineUnavailable,
    FormRefusal,
    FormRefused,
)

logger = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 60.0


class FormProcess:
    """Has orders carried out, each by a fresh process. Make it after a fork, not before."""

    def __init__(self) -> None:
        self._processes = FreshProcesses("booking_web.domain.forms.once")

    def get_ready(self) -> None:
        """Have a process started for the next order, if none waits for one."""
        self._processes.get_ready()

    def work(self, order: dict[str, Any], files: Sequence[BinaryIO]) -> None:
        """Have an order carried out, and set its files back to their beginning.

        Raises FormRefused or EngineUnavailable.
        """
        try:
            answer = self._processes.work(order, files, TIMEOUT_SECONDS)
        except NoProcess as error:
            raise EngineUnavailable("no process for the form") from error
        except RanIntoLimits as error:
            raise FormRefused(FormRefusal.ENDLESS) from error
        if "failed" in answer:
            logger.error("form failed", error=str(answer["failed"])[:80])
            raise FormRefused(FormRefusal.DAMAGED)
        if "refused" in answer:
            raise FormRefused(FormRefusal(answer["refused"]))
        for each in files:
            each.seek(0)
