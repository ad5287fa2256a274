# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bridge's end of the Unix socket between the kiosk's telephone and it."""

import os
import selectors
import socket
import stat
import threading
from pathlib import Path
from typing import Any

from device_bridge.call.link import MAX_LINE_BYTES, LinkError, make_line, parse_line


class LinkServer:
    """The bridge's end. `poll` belongs to one thread, `broadcast` to any."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._received: dict[socket.socket, bytes] = {}
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        self._listener = _listen(path)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake_read, selectors.EVENT_READ)

    def poll(self, seconds: float) -> list[tuple[socket.socket, dict[str, Any]]]:
        """Wait at most so long; give what came, with whom to answer.

        A telephone that left is told as the event `gone`.
        """
        messages: list[tuple[socket.socket, dict[str, Any]]] = []
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj == self._wake_read:
                os.read(self._wake_read, 4096)
            elif isinstance(key.fileobj, socket.socket):
                messages += self._read(key.fileobj)
        return messages

    def wake(self) -> None:
        """Make `poll` return now; safe from a signal handler."""
        os.write(self._wake_write, b"w")

    def broadcast(self, message: dict[str, Any]) -> None:
        """Send to every telephone that is connected; one that does not read is cut."""
        with self._lock:
            for client in list(self._received):
                self._send(client, message)

    def answer(self, client: socket.socket, message: dict[str, Any]) -> None:
        """Send to one of them."""
        with self._lock:
            if client in self._received:
                self._send(client, message)

    def close(self) -> None:
        """Close everything and remove the socket's file."""
        with self._lock:
            for client in list(self._received):
                client.close()
            self._received.clear()
        self._selector.close()
        self._listener.close()
        os.close(self._wake_read)
        os.close(self._wake_write)
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        client.setblocking(False)
        with self._lock:
            self._received[client] = b""
        self._selector.register(client, selectors.EVENT_READ)

    def _read(
        self, client: socket.socket
    ) -> list[tuple[socket.socket, dict[str, Any]]]:
        try:
            data = client.recv(MAX_LINE_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        with self._lock:
            held = self._received.get(client, b"") + data
            *lines, rest = held.split(b"\n")
            if not data or len(rest) > MAX_LINE_BYTES:
                self._selector.unregister(client)
                self._received.pop(client, None)
                client.close()
                lines, rest = [], b""
                return [(client, {"event": "gone"})]
            self._received[client] = rest
        return [(client, found) for line in lines if (found := parse_line(line))]

    def _send(self, client: socket.socket, message: dict[str, Any]) -> None:
        try:
            client.sendall(make_line(message))
        except OSError:
            # Shut down only: `poll` then sees the end and takes it from the list.
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def _listen(path: Path) -> socket.socket:
    """Listen on the path; a file left by a dead bridge is replaced.

    The socket is its owner's alone. In a folder that hands its group down (setgid) that
    group may use it too: so a telephone with another user comes in.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.exists():
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                try:
                    probe.connect(str(path))
                except OSError:
                    path.unlink()
                else:
                    raise LinkError(f"another bridge is running on {path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        is_shared = path.parent.stat().st_mode & stat.S_ISGID
        mask = os.umask(0o117 if is_shared else 0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(mask)
    except OSError as error:
        listener.close()
        raise LinkError(f"cannot listen on {path}: {error}") from error
    except LinkError:
        listener.close()
        raise
    listener.listen(8)
    listener.setblocking(False)
    return listener
