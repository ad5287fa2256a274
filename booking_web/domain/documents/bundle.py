# SPDX-License-Identifier: AGPL-3.0-or-later
"""All documents of an appointment as one ZIP, for the organisation's own software.

It is written piece by piece: no more than a piece of one document is in memory. PDFs do not
shrink any more, so they are stored as they are.
"""

import itertools
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# Less than a browser on a slow line takes in an hour.
MAX_BYTES = 500 * 1024 * 1024
MANIFEST = "documents.json"
# Of the manifest's shape: programs read it.
VERSION = 1


class BundleTooLarge(Exception):
    """The documents are more than one file may hold."""


@dataclass(frozen=True)
class Packed:
    """A document as the bundle has it."""

    number: int
    title: str
    # A value of `DocumentKind`, or empty.
    kind: str
    # A value of `Source`.
    source: str
    pages: int
    size: int
    sha256: str
    created_at: datetime

    @property
    def file(self) -> str:
        """Name its file, which tells nothing of anybody."""
        return f"document-{self.number:03d}.pdf"


def check_size(documents: Sequence[Packed]) -> None:
    """Raise BundleTooLarge unless all of them fit into one file."""
    if sum(each.size for each in documents) > MAX_BYTES:
        raise BundleTooLarge


def manifest(
    appointment_id: int, organisation: str, documents: Sequence[Packed]
) -> bytes:
    """Describe what is in the bundle, as JSON."""
    described: dict[str, Any] = {
        "version": VERSION,
        "appointment": appointment_id,
        "organisation": organisation,
        "documents": [
            {
                "file": each.file,
                "number": each.number,
                "title": each.title,
                "kind": each.kind or None,
                "source": each.source,
                "pages": each.pages,
                "bytes": each.size,
                "sha256": each.sha256,
                "created_at": each.created_at.astimezone(UTC).isoformat(),
            }
            for each in documents
        ],
    }
    return json.dumps(described, ensure_ascii=False, indent=2).encode()


def bundle(
    description: bytes,
    documents: Sequence[Packed],
    read: Callable[[Packed], Iterable[bytes]],
) -> Iterator[bytes]:
    """Give the ZIP piece by piece; `read` gives a document's."""
    described = (_entry(MANIFEST, documents), [description])
    files = ((_entry(each.file, [each]), read(each)) for each in documents)
    return zipped(itertools.chain([described], files))


def zipped(
    entries: Iterable[tuple[zipfile.ZipInfo, Iterable[bytes]]],
) -> Iterator[bytes]:
    """Give a ZIP of these entries piece by piece, each as it is asked for."""
    written = _Written()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, pieces in entries:
            with archive.open(name, "w") as entry:
                for piece in pieces:
                    entry.write(piece)
                    yield written.take()
    yield written.take()


def _entry(name: str, documents: Sequence[Packed]) -> zipfile.ZipInfo:
    """Name an entry, dated as the newest of the documents: the same bundle is the same file."""
    newest = max((each.created_at for each in documents), default=None)
    dated = newest.astimezone(UTC).timetuple()[:6] if newest else (1980, 1, 1, 0, 0, 0)
    return zipfile.ZipInfo(name, dated)


class _Written:
    """Takes what the ZIP writes, and gives it away before the next: there is no way back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Have nothing written that was not taken: there is nothing beneath."""

    def close(self) -> None:
        """Have the same of an end: what was written is still to be taken."""

    def take(self) -> bytes:
        """Give what was written since it was asked last."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
