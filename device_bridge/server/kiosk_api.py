# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk API over HTTPS; the only importer of `requests` in this room."""

import hashlib
import io
import os
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from device_bridge import VERSION
from device_bridge.jobs.job import Job, Operation
from device_bridge.server.call_language import CallLanguage
from device_bridge.server.clock import ClockState, ClockWatch
from device_bridge.server.deadline import Deadline, WatchedAdapter
from device_bridge.server.port import (
    CurrentCall,
    DamagedTransfer,
    Document,
    Gone,
    NotFound,
    NotInCall,
    NotWanted,
    PreparedJob,
    ScanAnnouncement,
    ServerRefused,
    ServerUnreachable,
    ShownPage,
    TooLarge,
    UploadStatus,
    WrongOffset,
)

BASE = "/api/kiosk/v1"
CONNECT_SECONDS = 3.05
# An upload's piece over a village's line may take its time.
READ_SECONDS = 30.0
# A whole exchange, and what a slow line is granted for each byte of a document or a scan.
REQUEST_SECONDS = 60.0
SLOWEST_BYTES_PER_SECOND = 8192
# Little enough to come in a tenth of a second over a village's line.
READ_BYTES = 16384
TRY_AGAIN = frozenset({408, 425, 429})


class KioskApi:
    """The server as this kiosk's token lets us see it; any thread may call it."""

    def __init__(
        self,
        url: str,
        token: str,
        ca_file: Path | None,
        max_document_bytes: int,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        self._base = url.rstrip("/") + BASE
        self._token = token
        self._verify: bool | str = str(ca_file) if ca_file else True
        self._max_document_bytes = max_document_bytes
        self._request_seconds = request_seconds
        self._sessions = threading.local()
        self._clock = ClockWatch(url)
        self._language = CallLanguage()

    @property
    def clock(self) -> ClockState:
        """Give how this kiosk's clock stands by the server's answers."""
        return self._clock.state

    def language_of(self, appointment: int) -> str:
        """Give the language of the call, as the last answer about it told."""
        return self._language.of(appointment)

    def current_call(self) -> CurrentCall:
        """GET /call."""
        answer = self._json(self._send("GET", "/call"))
        self._language.hear(answer["appointment"], answer.get("language"))
        documents = (
            Document(
                number=each["number"],
                title=each.get("title") or "",
                pages=each.get("pages") or 0,
                sha256=each.get("sha256") or "",
            )
            for each in answer.get("documents", ())
        )
        return CurrentCall(
            appointment=answer["appointment"],
            nonce=answer.get("nonce") or "",
            documents=tuple(documents),
            shown=_shown(answer.get("shown")),
            # An older server says nothing of it.
            follows=bool(answer.get("follows")),
        )

    def fetch_document(
        self,
        appointment: int,
        number: int,
        target: Path,
        *,
        is_wanted: Callable[[], bool] = lambda: True,
        is_ahead: bool = False,
    ) -> None:
        """GET a document; the file appears only once its hash was right."""
        part = target.with_suffix(".part")
        path = f"/appointments/{appointment}/documents/{number}"
        query = {"ahead": "true"} if is_ahead else None
        try:
            with (
                Deadline(self._request_seconds) as deadline,
                self._send("GET", path, deadline, params=query, stream=True) as answer,
            ):
                size = int(answer.headers.get("Content-Length") or 0)
                deadline.add(
                    min(size, self._max_document_bytes) / SLOWEST_BYTES_PER_SECOND
                )
                found = self._receive(answer, part, is_wanted)
            _refuse_cut_off(deadline)
            announced = answer.headers.get("Digest", "")
            if announced.lower() != f"sha-256={found}":
                raise DamagedTransfer(f"document {number}")
            part.replace(target)
        except requests.RequestException as error:
            raise ServerUnreachable(str(error)) from error
        finally:
            part.unlink(missing_ok=True)

    def prepared_job(self, appointment: int, number: int) -> PreparedJob:
        """GET a prepared job."""
        path = f"/appointments/{appointment}/jobs/{number}"
        answer = self._json(self._send("GET", path))
        return PreparedJob(
            number=answer["number"],
            uuid=str(uuid.UUID(str(answer["uuid"]))),
            operation=Operation(answer["operation"]),
            document=answer.get("document"),
            copies=answer.get("copies") or 1,
            colour=answer.get("colour", True),
            duplex=answer.get("duplex", False),
            preset=answer.get("preset") or "auto",
            resolution_dpi=answer.get("resolution_dpi") or 300,
            scan_colour=answer.get("scan_colour") or "colour",
        )

    def show_page(self, appointment: int, document: int | None, page: int) -> int:
        """PUT the page that the second screen shows; give the one that it does show."""
        body = {"document": document, "page": page}
        answer = self._send("PUT", f"/appointments/{appointment}/screen", json=body)
        return int(self._json(answer).get("page", page))

    def show_cue(self, appointment: int, cue: str, page: int, pages: int) -> None:
        """PUT the cue that the second screen shows."""
        body = {"cue": cue, "page": page, "pages": pages}
        answer = self._send("PUT", f"/appointments/{appointment}/cue", json=body)
        # An older server answers without a word.
        if answer.content:
            self._language.hear(appointment, self._json(answer).get("language"))

    def report(self, job: Job) -> None:
        """PUT a job's state."""
        body = {
            "operation": job.operation.value,
            "document": job.document,
            "number": job.prepared,
            "state": job.state.value,
            "reason": job.reason.value,
            "sentence": job.sentence,
            "page": job.page,
            "pages": job.pages,
            "sequence": job.sequence,
            "at": job.at.isoformat(),
        }
        path = f"/appointments/{job.appointment}/reports/{job.uuid}"
        self._send("PUT", path, json=body, headers=_shown_nonce(job.nonce))

    def begin_upload(self, scan: ScanAnnouncement) -> tuple[str, int]:
        """POST the announcement of a scan."""
        body = {
            "job": scan.job,
            "sha256": scan.sha256,
            "size": scan.size,
            "pages": scan.pages,
            "verdicts": list(scan.verdicts),
        }
        path = f"/appointments/{scan.appointment}/scans"
        headers = _shown_nonce(scan.nonce)
        answer = self._json(self._send("POST", path, json=body, headers=headers))
        return str(answer["upload"]), int(answer["offset"])

    def send_chunk(self, upload: str, offset: int, data: bytes) -> int:
        """PATCH bytes onto an upload (tus 1.0)."""
        headers = {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        # As a file, its bytes leave little by little, each little with its own time; as
        # one string the whole piece would have to be gone within the time to connect.
        body = io.BytesIO(data)
        path = f"/uploads/{upload}"
        seconds = self._request_seconds + len(data) / SLOWEST_BYTES_PER_SECOND
        with Deadline(seconds) as deadline:
            answer = self._send("PATCH", path, deadline, headers=headers, data=body)
        return int(answer.headers["Upload-Offset"])

    def upload_status(self, upload: str) -> UploadStatus:
        """GET an upload."""
        answer = self._json(self._send("GET", f"/uploads/{upload}"))
        return UploadStatus(
            is_complete=bool(answer["complete"]),
            sha256=answer.get("sha256") or "",
            document=answer.get("document"),
        )

    def heartbeat(self, devices: dict[str, Any]) -> None:
        """POST the devices' state."""
        body = {**devices, "bridge": VERSION, "at": datetime.now(UTC).isoformat()}
        self._send("POST", "/heartbeat", json=body)

    def wiped(
        self,
        appointment: int,
        files: int,
        size: int,
        at: datetime,
        looked_at: Mapping[str, int],
        is_called_again: bool = False,
    ) -> None:
        """POST the proof of a wipe."""
        body = {
            "files": files,
            "bytes": size,
            "at": at.isoformat(),
            "looked_at": dict(looked_at),
            "is_called_again": is_called_again,
        }
        self._send("POST", f"/appointments/{appointment}/wiped", json=body)

    def _receive(
        self, answer: requests.Response, part: Path, is_wanted: Callable[[], bool]
    ) -> str:
        digest = hashlib.sha256()
        size = 0
        with part.open("wb") as file:
            for data in answer.iter_content(READ_BYTES):
                size += len(data)
                if not is_wanted():
                    # Left unread, the answer ends with its connection.
                    raise NotWanted(part.name)
                if size > self._max_document_bytes:
                    raise TooLarge(f"more than {self._max_document_bytes} bytes")
                digest.update(data)
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest()

    def _send(
        self,
        method: str,
        path: str,
        deadline: Deadline | None = None,
        **arguments: Any,
    ) -> requests.Response:
        """Send a request, within the caller's deadline or the usual one."""
        if deadline is None:
            with Deadline(self._request_seconds) as usual:
                return self._send(method, path, usual, **arguments)
        try:
            answer = self._session().request(
                method,
                self._base + path,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                **arguments,
            )
        except requests.RequestException as error:
            # A connection that broke is not worth keeping.
            self._drop_session()
            self._clock.explain(error)
            raise ServerUnreachable(self.clock.sentence or str(error)) from error
        _refuse_cut_off(deadline)
        self._clock.hear(answer.headers.get("Date"))
        if answer.ok and answer.status_code < 300:
            return answer
        with answer:
            raise _refusal(answer)

    def _json(self, answer: requests.Response) -> dict[str, Any]:
        try:
            content: dict[str, Any] = answer.json()
        except ValueError as error:
            # A captive portal, a proxy's page: not our server.
            raise ServerUnreachable("the answer is not JSON") from error
        return content

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = self._sessions.session = requests.Session()
            session.headers["Authorization"] = f"Bearer {self._token}"
            session.verify = self._verify
            for scheme in ("http://", "https://"):
                session.mount(scheme, WatchedAdapter())
            # The kiosk's token goes to its server, whatever the environment says.
            session.trust_env = False
        return session

    def _drop_session(self) -> None:
        session = getattr(self._sessions, "session", None)
        if session is not None:
            session.close()
            self._sessions.session = None


def _shown(told: dict[str, Any] | None) -> ShownPage | None:
    if not told or told.get("document") is None:
        return None
    return ShownPage(
        document=told["document"], page=told["page"], is_seen=told["is_seen"]
    )


def _refuse_cut_off(deadline: Deadline) -> None:
    """Refuse what the deadline ended: its head may look whole, and be half."""
    if deadline.is_over:
        raise ServerUnreachable("no whole answer in time")


def _shown_nonce(nonce: str) -> dict[str, str]:
    return {"Guichet-Nonce": nonce} if nonce else {}


def _refusal(answer: requests.Response) -> Exception:
    status = answer.status_code
    if status >= 500 or status in TRY_AGAIN or 300 <= status < 400:
        return ServerUnreachable(f"HTTP {status}")
    if status == 404:
        return NotFound(status)
    if status == 409 and "Upload-Offset" in answer.headers:
        return WrongOffset(int(answer.headers["Upload-Offset"]))
    if status == 409:
        return NotInCall(status)
    if status == 410:
        return Gone(status)
    return ServerRefused(status, answer.reason or "")
