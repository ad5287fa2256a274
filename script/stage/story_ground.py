# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the story needs of the system that it is lived on, wherever its parts run.

A stage on this machine (`stage.stack`) is one; hosts on which the packages are installed
(`stage.hosts`) are another.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol


class PhoneSeen(Protocol):
    """A running kiosk's or counsellor's telephone, from outside."""

    @property
    def slug(self) -> str:
        """Give its name in the directory."""

    def status(self) -> dict[str, Any]:
        """Give what it sees."""

    def status_by_command(self) -> dict[str, Any]:
        """Give what `status --json` prints, as a person would ask."""

    def order(self, order: str, argument: str = "") -> dict[str, Any]:
        """Give it an order (`digits`, `hangup`, ...)."""

    def call(self) -> dict[str, Any] | None:
        """Give the call that it is in now, if any."""


class ConsoleSeen(Protocol):
    """The page of an appointment that a counsellor has open beside the call."""

    def upload(self, appointment: int, name: str, content: bytes) -> int:
        """Add a document and give its number."""

    def scan(self, appointment: int, preset: str) -> None:
        """Press the button for scanning."""

    def download(self, appointment: int, number: int) -> bytes:
        """Give the bytes of a document."""


class CounsellorSeen(PhoneSeen, Protocol):
    """A counsellor's telephone, from outside."""

    def print_document(self, number: int) -> str:
        """Have a document of the call printed, as is done there; give that in words."""


class DevicesSeen(Protocol):
    """A kiosk's devices, from outside; the files are on this machine, or copies are."""

    def printed_files(self) -> list[Path]:
        """Give what came out of the printer, in order."""

    def scans(self) -> set[Path]:
        """Give what was scanned and is still there."""

    def files_left(self) -> list[Path]:
        """Give the files of appointments that are still at the kiosk."""


class StoryGround(Protocol):
    """A whole system."""

    @property
    def url(self) -> str:
        """Give where the pages are."""

    @property
    def authority(self) -> str | bool:
        """Give the file of who vouches for the pages; True: whom everybody knows."""

    def passwords(self) -> dict[str, str]:
        """Give the web passwords by e-mail address."""

    def kiosk(self, slug: str) -> PhoneSeen:
        """Give a kiosk by its slug."""

    def counsellor(self, slug: str) -> CounsellorSeen:
        """Give a counsellor by their slug."""

    def console(self, slug: str, email: str) -> AbstractContextManager[ConsoleSeen]:
        """Give what this counsellor has open beside the call; `email` is their account."""

    def devices_of(self, kiosk: str) -> DevicesSeen:
        """Give the devices of a kiosk by its slug."""

    def journal_tells(self, appointment: int, act: str) -> bool:
        """Tell whether the journal has this act of an appointment."""
