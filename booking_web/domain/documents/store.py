# SPDX-License-Identifier: AGPL-3.0-or-later
"""The folder of the documents' contents, each encrypted under the hash of its plain bytes.

    content/ab/abcdef...   a document's PDF
    preview/ab/abcdef...   the picture of its first page
    pages/ab/abcdef...-0   small pictures of its pages, some in each file
    incoming/<id>          a scan on its way from a kiosk
    writing/               what is being written; emptied of leftovers by and by
    waiting/ab/abcdef...   what somebody is about to confirm; emptied in the same way

Knows nothing of appointments: who may see what, and whether a content is still needed, is
decided by the caller, under `exclusively`.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from booking_web.base.own_process import memory_file
from booking_web.domain.documents.errors import (
    ContentMissing,
    StoreFull,
    StoreUnavailable,
)
from booking_web.domain.documents.sealed_file import (
    FRAME_BYTES,
    DocumentsKey,
    SealedWriter,
    unseal,
)

CONTENT, PREVIEW, PAGES = "content", "preview", "pages"
INCOMING, WRITING, WAITING = "incoming", "writing", "waiting"
LEFTOVER_SECONDS = 3600
# EFBIG: the administrator's limit on a file's size is a kind of full disk.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_HASH = re.compile(r"[0-9a-f]{64}")


class DocumentStore:
    """Keeps and gives back contents; several processes may share one folder."""

    def __init__(self, folder: Path, key: DocumentsKey) -> None:
        self._folder = folder
        self.key = key

    def put(self, content: BinaryIO) -> str:
        """Encrypt and keep what `content` holds from where it stands; give its SHA-256.

        Raises StoreFull or StoreUnavailable, and then nothing is left of it. Call it under
        `exclusively` where contents are also removed.
        """
        return self._write(CONTENT, content, None)

    def put_preview(self, sha256: str, picture: BinaryIO) -> None:
        """Keep the picture of the first page of this content."""
        self._write(PREVIEW, picture, sha256)

    def read(self, sha256: str) -> "OpenContent":
        """Give a content piece by piece; raises ContentMissing."""
        return self._read(CONTENT, sha256)

    def read_preview(self, sha256: str) -> bytes | None:
        """Give the picture of the first page, or None where there is none yet."""
        try:
            return b"".join(self._read(PREVIEW, sha256))
        except ContentMissing:
            return None

    def put_pages(self, sha256: str, part: int, pictures: BinaryIO) -> None:
        """Keep small pictures of some pages of this content."""
        self._write(PAGES, pictures, sha256, f"-{part}")

    def read_pages(self, sha256: str, part: int) -> bytes | None:
        """Give the small pictures of some pages, or None where there are none yet."""
        try:
            return b"".join(self._read(PAGES, sha256, f"-{part}"))
        except ContentMissing:
            return None

    @contextlib.contextmanager
    def in_memory(self, sha256: str) -> Iterator[BinaryIO]:
        """Give a content as a file that never meets the disk; raises ContentMissing."""
        with memory_file("document") as pdf:
            for piece in self.read(sha256):
                pdf.write(piece)
            pdf.flush()
            yield pdf

    def remove(self, sha256: str) -> None:
        """Remove a content and its pictures; call it under `exclusively`."""
        for kind in (CONTENT, PREVIEW):
            self._path(kind, sha256).unlink(missing_ok=True)
        pages = self._path(PAGES, sha256)
        for part in pages.parent.glob(f"{pages.name}-*"):
            part.unlink(missing_ok=True)

    @contextlib.contextmanager
    def exclusively(self) -> Iterator[None]:
        """Keep other processes from adding or removing contents meanwhile.

        Without it, a content could be removed for good between the moment that a second
        document is found to have the same one, and the moment that this is committed.
        """
        with told_as_store():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            self._hand_over(self._folder / "lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def incoming(self, name: str) -> Path:
        """Give the place of a scan on its way."""
        if not name.isalnum():
            raise ValueError(name)
        with told_as_store():
            return self._made(INCOMING) / name

    def put_waiting(self, name: str, content: BinaryIO) -> None:
        """Keep something for an hour under a name of 64 hexadecimal digits."""
        self.sweep()
        self._write(WAITING, content, name)

    def read_waiting(self, name: str) -> "OpenContent":
        """Give it back; raises ContentMissing where nobody came for it in time."""
        return self._read(WAITING, name)

    def sweep(self) -> None:
        """Remove what killed processes left half-written, and what nobody came for."""
        with told_as_store():
            left_over = [*self._made(WRITING).iterdir()]
            left_over += self._made(WAITING).glob("*/*")
            for left in left_over:
                with contextlib.suppress(FileNotFoundError):
                    if left.stat().st_mtime < time.time() - LEFTOVER_SECONDS:
                        left.unlink()

    def _write(
        self, kind: str, content: BinaryIO, name: str | None, part: str = ""
    ) -> str:
        digest = hashlib.sha256()
        with told_as_store():
            descriptor, path = tempfile.mkstemp(dir=self._made(WRITING))
            written = Path(path)
            try:
                with os.fdopen(descriptor, "r+b") as file:
                    writer = SealedWriter(file, self.key)
                    data = content.read(FRAME_BYTES)
                    while True:
                        following = content.read(FRAME_BYTES)
                        digest.update(data)
                        writer.write(data, is_last=not following)
                        if not following:
                            break
                        data = following
                    file.flush()
                    os.fsync(file.fileno())
                target = self._path(kind, name or digest.hexdigest(), part)
                self._make(target.parent)
                self._hand_over(written)
                written.replace(target)
                _sync_folder(target.parent)
            finally:
                written.unlink(missing_ok=True)
        return digest.hexdigest()

    def _read(self, kind: str, sha256: str, part: str = "") -> "OpenContent":
        try:
            file = self._path(kind, sha256, part).open("rb")
        except FileNotFoundError as error:
            raise ContentMissing("a content is not there") from error
        except OSError as error:
            raise StoreUnavailable(error.strerror or "unreadable") from error
        return OpenContent(file, self.key)

    def _path(self, kind: str, sha256: str, part: str = "") -> Path:
        if not _HASH.fullmatch(sha256):
            raise ValueError("not a hash")
        return self._folder / kind / sha256[:2] / f"{sha256}{part}"

    def _made(self, kind: str) -> Path:
        folder = self._folder / kind
        self._make(folder)
        return folder

    def _make(self, folder: Path) -> None:
        missing = [
            each
            for each in (folder, *folder.parents)
            if each.is_relative_to(self._folder) and not each.exists()
        ]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for each in missing:
            self._hand_over(each)

    def _hand_over(self, path: Path) -> None:
        """Have what root writes belong to whose the folder is: the pages must read it."""
        if os.geteuid() == 0:
            owner = self._folder.stat()
            os.chown(path, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def told_as_store() -> Iterator[None]:
    """Turn the system's errors of the block into StoreFull or StoreUnavailable."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull("no room on the disk of the documents") from error
        raise StoreUnavailable(error.strerror or "disk error") from error


def _sync_folder(folder: Path) -> None:
    # The name must survive a power cut as well as the content.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class OpenContent(Iterator[bytes]):
    """A content that is read piece by piece; its file is closed at the end or by `close`.

    More than a generator: one that was never asked for a piece closes nothing.
    """

    def __init__(self, file: BinaryIO, key: DocumentsKey) -> None:
        self._file = file
        self._pieces = _pieces(file, key)

    def __next__(self) -> bytes:
        """Give the next piece; raises ContentMissing where it was tampered with."""
        return next(self._pieces)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _pieces(file: BinaryIO, key: DocumentsKey) -> Iterator[bytes]:
    with file:
        yield from unseal(file, key)
