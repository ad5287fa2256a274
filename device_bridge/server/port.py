# SPDX-License-Identifier: AGPL-3.0-or-later
"""The port of the server: the kiosk API as the bridge uses it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from device_bridge.errors import BridgeError
from device_bridge.jobs.job import Job, Operation


class ServerError(BridgeError):
    """The base of what can go wrong with the server."""


class ServerUnreachable(ServerError):
    """No answer, or one that another try may change (5xx, 429): try again later."""


class ServerRefused(ServerError):
    """The server understood and said no; `status` is its HTTP status."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(f"{status} {detail}".strip())
        self.status = status


class NotFound(ServerRefused):
    """There is no such document, job or upload."""


class NotInCall(ServerRefused):
    """The appointment is not in a call at this kiosk now."""


class Gone(ServerRefused):
    """The appointment's number is another one's now: nothing is to be brought any more."""


class WrongOffset(ServerRefused):
    """The upload stands elsewhere; `offset` says where."""

    def __init__(self, offset: int) -> None:
        super().__init__(409, f"the upload stands at {offset}")
        self.offset = offset


class DamagedTransfer(ServerError):
    """What arrived has not the hash or the size that was announced."""


class NotWanted(ServerError):
    """Whoever asked for it does not want it any more."""


class TooLarge(ServerError):
    """The document is larger than a kiosk takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document of the appointment in call."""

    number: int
    title: str = ""
    pages: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPage:
    """The page on the second screen; `is_seen` once the screen says that it is."""

    document: int
    page: int
    is_seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentCall:
    """What the server knows of the call at this kiosk now.

    `nonce` is shown with all that is brought of this appointment. `follows`: the screen shows
    what has no number, such as a form that is being filled in.
    """

    appointment: int | None
    nonce: str = ""
    documents: tuple[Document, ...] = ()
    shown: ShownPage | None = None
    follows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedJob:
    """A job whose parameters were stored before its code was keyed; `uuid` is its one id."""

    number: int
    uuid: str
    operation: Operation
    document: int | None = None
    copies: int = 1
    colour: bool = True
    duplex: bool = False
    preset: str = "auto"
    resolution_dpi: int = 300
    scan_colour: str = "colour"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanAnnouncement:
    """A scan that waits for its delivery."""

    job: str
    appointment: int
    sha256: str
    size: int
    pages: int
    verdicts: tuple[str, ...] = ()
    nonce: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadStatus:
    """What the server has of an upload, by its own reckoning."""

    is_complete: bool
    sha256: str = ""
    document: int | None = None


class Server(Protocol):
    """The kiosk API. Every method raises a ServerError; each may be repeated safely."""

    def current_call(self) -> CurrentCall:
        """Give the appointment in call at this kiosk."""

    def language_of(self, appointment: int) -> str:
        """Give the language of a call, as it was told last; empty where it was not. Asks nobody."""

    def fetch_document(
        self,
        appointment: int,
        number: int,
        target: Path,
        *,
        is_wanted: Callable[[], bool] = lambda: True,
        is_ahead: bool = False,
    ) -> None:
        """Write a document's PDF to `target`, whole and with the right hash, or not.

        `is_wanted` is asked with each piece; once it says no, NotWanted is raised. With
        `is_ahead` the server's journal says that nobody asked for a print yet.
        """

    def prepared_job(self, appointment: int, number: int) -> PreparedJob:
        """Give a prepared job."""

    def show_page(self, appointment: int, document: int | None, page: int) -> int:
        """Have the second screen show a page of a document, or none; give which it shows.

        It may still be the page before, read on.
        """

    def show_cue(self, appointment: int, cue: str, page: int, pages: int) -> None:
        """Have the second screen tell the resident what the devices do."""

    def report(self, job: Job) -> None:
        """Tell a job's state; the highest sequence wins."""

    def begin_upload(self, scan: ScanAnnouncement) -> tuple[str, int]:
        """Give the id and the offset of this scan's one upload."""

    def send_chunk(self, upload: str, offset: int, data: bytes) -> int:
        """Add bytes and give the new offset."""

    def upload_status(self, upload: str) -> UploadStatus:
        """Give what the server has."""

    def heartbeat(self, devices: dict[str, Any]) -> None:
        """Tell that the bridge lives, and how its devices are."""

    def wiped(
        self,
        appointment: int,
        files: int,
        size: int,
        at: datetime,
        looked_at: Mapping[str, int],
        is_called_again: bool = False,
    ) -> None:
        """Tell that nothing of the appointment is left at the kiosk.

        `looked_at` has each part that was looked at, and how much had been there. A proof that
        waited for the line may be of the call before: then `is_called_again`, and nobody else
        may be called yet.
        """
