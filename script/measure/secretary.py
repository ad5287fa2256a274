# SPDX-License-Identifier: AGPL-3.0-or-later
"""The stage's secretary with a stop watch at the click."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from stage.html_forms import Form
from stage.secretary import Secretary


@dataclass(frozen=True)
class Click:
    """A booking: the new appointment, and when the click left and its answer came."""

    appointment_id: int
    sent_at: float
    answered_at: float


class TimedSecretary(Secretary):
    """Notes when a form left and when its answer came, in seconds since 1970."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._sent_at = self._answered_at = 0.0

    def click(self, resident: str, organisation: str) -> Click:
        """Book for now; the page with the form was read before the clock starts."""
        appointment_id = self.book(resident, organisation)
        return Click(appointment_id, self._sent_at, self._answered_at)

    def send(
        self,
        page: requests.Response,
        form: Form,
        files: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        """Send a form, noting the times."""
        self._sent_at = time.time()
        answer = super().send(page, form, files)
        self._answered_at = time.time()
        return answer
