# SPDX-License-Identifier: AGPL-3.0-or-later
"""In which language a call is by now, by what the server says beside its answers.

The telephone was told one as it was called; somebody may choose another meanwhile.
"""

import threading


class CallLanguage:
    """What was told last, of the appointment that it was told of; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: tuple[int, str] | None = None

    def hear(self, appointment: object, language: object) -> None:
        """Take what an answer says; an older server says nothing of it."""
        if type(appointment) is int and isinstance(language, str) and language:
            with self._lock:
                self._told = appointment, language

    def of(self, appointment: int) -> str:
        """Give the appointment's language; empty where nobody told it."""
        with self._lock:
            told = self._told
        return told[1] if told is not None and told[0] == appointment else ""
