# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asks ClamAV's daemon about a file (clamd(8), command INSTREAM), where one is configured."""

import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from booking_web.domain.documents.errors import (
    DocumentRefused,
    ExaminerUnavailable,
    Refusal,
)

PIECE = 64 * 1024
TIMEOUT_SECONDS = 30.0
_LENGTH = struct.Struct(">I")
_LONGEST_ANSWER = 4096

VirusScan = Callable[[BinaryIO], None]


def no_virus_scan(_file: BinaryIO) -> None:
    """Pass every file: the site has no ClamAV."""


class ClamdScan:
    """Searches by the daemon that listens at a Unix socket."""

    def __init__(self, socket_path: Path) -> None:
        self._path = socket_path

    def __call__(self, file: BinaryIO) -> None:
        """Return where nothing was found; raises DocumentRefused or ExaminerUnavailable.

        A daemon that is down is no reason to let a file pass.
        """
        try:
            answer = self._ask(file)
        except OSError as error:
            raise ExaminerUnavailable("the virus scanner does not answer") from error
        finally:
            file.seek(0)
        if answer.endswith(b" FOUND"):
            raise DocumentRefused(Refusal.INFECTED)
        if not answer.endswith(b": OK"):
            raise ExaminerUnavailable("the virus scanner could not search the file")

    def _ask(self, file: BinaryIO) -> bytes:
        file.seek(0)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(TIMEOUT_SECONDS)
            connection.connect(str(self._path))
            connection.sendall(b"zINSTREAM\0")
            while data := file.read(PIECE):
                connection.sendall(_LENGTH.pack(len(data)) + data)
            connection.sendall(_LENGTH.pack(0))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
                more = connection.recv(_LONGEST_ANSWER)
                if not more:
                    break
                answer += more
        return answer.rstrip(b"\0").strip()
