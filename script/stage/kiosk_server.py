# SPDX-License-Identifier: AGPL-3.0-or-later
"""A server that speaks the kiosk API and nothing else, with faults to switch on.

For what concerns the bridge alone: the real server is booking_web.
"""

import hashlib
import json
import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stage.ports import HeldPort

BASE = "/api/kiosk/v1"
TOKEN = "the-token-of-this-kiosk"
HOLD_SECONDS = 30.0


@dataclass
class Upload:
    """A scan on its way."""

    appointment: int
    announced: dict[str, Any]
    data: bytearray = field(default_factory=bytearray)
    document: int | None = None

    @property
    def is_complete(self) -> bool:
        """Tell whether every byte is there and right."""
        digest = hashlib.sha256(self.data).hexdigest()
        return bool(digest == self.announced["sha256"])


class KioskServer:
    """The server's whole memory, and its faults."""

    def __init__(self) -> None:
        self.appointment: int | None = None
        self.documents: dict[int, bytes] = {}
        self.prepared: dict[int, dict[str, Any]] = {}
        # The one id of each prepared job, by its number.
        self.job_ids: dict[int, str] = {}
        self.reports: list[dict[str, Any]] = []
        self.uploads: dict[str, Upload] = {}
        self.heartbeats: list[dict[str, Any]] = []
        self.wipes: list[dict[str, Any]] = []
        self.calls_asked = 0
        self.documents_sent = 0
        self.documents_sent_ahead = 0
        self.shown: dict[str, Any] | None = None
        self.cues: list[dict[str, Any]] = []
        # Whether a browser shows at once what the second screen is to show.
        self.has_screen = True
        # How often the page that is shown is read on before the next is turned to.
        self.reads_on = 0
        # Faults
        self.break_uploads_after: int | None = None
        self.refuse_with: int | None = None
        self.damage_documents = False
        # Documents come by half until it is set.
        self.hold_documents: threading.Event | None = None
        self.refuse_pages = False
        self.damage_uploads = 0
        self._held = HeldPort()
        self.port = self._held.number
        self._http: ThreadingHTTPServer | None = None
        self._lock = threading.RLock()

    @property
    def url(self) -> str:
        """Give the address to put into a bundle."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to answer, each time on the same port."""
        server = self

        class Handler(_Handler):
            memory = server

        ThreadingHTTPServer.allow_reuse_address = True
        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._http.daemon_threads = True
        thread = threading.Thread(
            target=self._http.serve_forever, args=(0.05,), daemon=True
        )
        thread.start()

    def stop(self) -> None:
        """Refuse every connection from now on; what was stored stays."""
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def __enter__(self) -> "KioskServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Asking it

    def job(self, uuid: str) -> dict[str, Any]:
        """Give the last report of a job."""
        return self.last_reports()[uuid]

    def last_reports(self) -> dict[str, dict[str, Any]]:
        """Give each job's report of the highest sequence."""
        with self._lock:
            ordered = sorted(self.reports, key=lambda report: report["sequence"])
            return {report["uuid"]: report for report in ordered}

    def ended(self) -> list[dict[str, Any]]:
        """Give the last reports of jobs that are over, in the order of their end."""
        final = ("completed", "canceled", "aborted")
        return [r for r in self.last_reports().values() if r["state"] in final]

    def scans(self) -> list[Upload]:
        """Give the scans that arrived whole."""
        return [upload for upload in self.uploads.values() if upload.document]

    # What the API does

    def begin_upload(self, appointment: int, body: dict[str, Any]) -> dict[str, Any]:
        """Give the one upload of this job and hash."""
        with self._lock:
            name = hashlib.sha256(f"{body['job']}{body['sha256']}".encode()).hexdigest()
            upload = self.uploads.setdefault(name, Upload(appointment, body))
            if len(upload.data) >= body["size"] and not upload.is_complete:
                upload.data.clear()
            return {"upload": name, "offset": len(upload.data)}

    def finish(self, upload: Upload) -> None:
        """Make a document of a whole upload, once."""
        with self._lock:
            if upload.is_complete and upload.document is None:
                upload.document = max(self.documents, default=0) + 1
                self.documents[upload.document] = bytes(upload.data)

    def store_report(self, uuid: str, appointment: int, body: dict[str, Any]) -> None:
        """Remember a report."""
        with self._lock:
            self.reports.append({**body, "uuid": uuid, "appointment": appointment})


class _Handler(BaseHTTPRequestHandler):
    memory: KioskServer
    protocol_version = "HTTP/1.1"
    query = ""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Stay quiet."""

    def do_GET(self) -> None:
        """Answer GET."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """Answer POST."""
        self._answer(self._post)

    def do_PUT(self) -> None:
        """Answer PUT."""
        self._answer(self._put)

    def do_PATCH(self) -> None:
        """Answer PATCH."""
        self._answer(self._patch)

    def _answer(self, work: Any) -> None:
        if self.memory.refuse_with:
            self.close_connection = True
            self._send(self.memory.refuse_with)
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._send(401)
        else:
            path, _, self.query = self.path.removeprefix(BASE).partition("?")
            work(path.strip("/").split("/"))

    def _get(self, path: list[str]) -> None:
        memory = self.memory
        if path == ["call"]:
            memory.calls_asked += 1
            documents = [
                {
                    "number": n,
                    "title": f"Document {n}",
                    "pages": d.count(b"/Type /Page "),
                    "sha256": _hash(d),
                }
                for n, d in memory.documents.items()
            ]
            self._json(
                {
                    "appointment": memory.appointment,
                    "documents": documents,
                    "shown": memory.shown,
                }
            )
        elif path[0] == "uploads":
            upload = memory.uploads[path[1]]
            content = {
                "complete": upload.is_complete,
                "sha256": _hash(bytes(upload.data)),
                "document": upload.document,
            }
            self._json(content)
        elif int(path[1]) != memory.appointment:
            self._send(409)
        elif path[2] == "documents":
            self._send_document(memory.documents.get(int(path[3])))
        elif int(path[3]) in memory.prepared:
            number = int(path[3])
            job_id = memory.job_ids.setdefault(number, str(uuid.uuid4()))
            told = {"number": number, "uuid": job_id, **memory.prepared[number]}
            self._json(told)
        else:
            self._send(404)

    def _send_document(self, data: bytes | None) -> None:
        if data is None:
            self._send(404)
            return
        self.memory.documents_sent += 1
        self.memory.documents_sent_ahead += "ahead=true" in self.query
        digest = f"sha-256={_hash(data)}"
        if self.memory.damage_documents:
            data = data[:-1] + b"?"
        headers = {"Digest": digest, "Content-Type": "application/pdf"}
        if self.memory.hold_documents is None:
            self._send(200, data, headers)
        else:
            self._send_held(data, headers, self.memory.hold_documents)

    def _send_held(
        self, data: bytes, headers: dict[str, str], may_go_on: threading.Event
    ) -> None:
        """Send the first half, and the rest once that may go on."""
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        half = len(data) // 2
        try:
            self.wfile.write(data[:half])
            self.wfile.flush()
            may_go_on.wait(HOLD_SECONDS)
            self.wfile.write(data[half:])
        except OSError:
            # Whoever asked left in the middle.
            self.close_connection = True

    def _put(self, path: list[str]) -> None:
        memory, body = self.memory, json.loads(self._body())
        if path[2] == "reports":
            memory.store_report(path[3], int(path[1]), body)
            self._send(204)
        elif int(path[1]) != memory.appointment:
            self._send(409)
        elif path[2] == "cue":
            memory.cues.append(body)
            self._send(204)
        elif memory.refuse_pages:
            self._send(422)
        else:
            if memory.reads_on and memory.shown and body["document"] is not None:
                memory.reads_on -= 1
                body["page"] = memory.shown["page"]
            memory.shown = {**body, "pages": 0, "is_seen": memory.has_screen}
            if body["document"] is None:
                memory.shown = None
            self._json({**body, "pages": 0, "is_seen": False})

    def _post(self, path: list[str]) -> None:
        body = json.loads(self._body())
        if path == ["heartbeat"]:
            self.memory.heartbeats.append(body)
            self._send(204)
        elif path[2] == "wiped":
            self.memory.wipes.append({**body, "appointment": int(path[1])})
            self._send(204)
        else:
            self._json(self.memory.begin_upload(int(path[1]), body), 201)

    def _patch(self, path: list[str]) -> None:
        memory = self.memory
        upload = memory.uploads[path[1]]
        offset = int(self.headers["Upload-Offset"])
        if offset != len(upload.data):
            self._body()
            self._send(409, headers={"Upload-Offset": str(len(upload.data))})
            return
        limit = memory.break_uploads_after
        if limit is not None:
            # The line goes dead in the middle of the bytes.
            upload.data += self.rfile.read(limit)
            self.close_connection = True
            self.connection.close()
            return
        data = self._body()
        if memory.damage_uploads:
            memory.damage_uploads -= 1
            data = bytes(len(data))
        upload.data += data
        memory.finish(upload)
        self._send(204, headers={"Upload-Offset": str(len(upload.data))})

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _json(self, content: dict[str, Any], status: int = 200) -> None:
        data = json.dumps(content).encode()
        self._send(status, data, {"Content-Type": "application/json"})

    def _send(
        self, status: int, data: bytes = b"", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
