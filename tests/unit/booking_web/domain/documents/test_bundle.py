# SPDX-License-Identifier: AGPL-3.0-or-later
"""All documents of an appointment as one file: what is in it, and that it is never whole."""

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from booking_web.domain.documents import bundle as bundles
from booking_web.domain.documents.bundle import (
    BundleTooLarge,
    Packed,
    bundle,
    check_size,
    manifest,
)

AT = datetime(2026, 11, 24, 9, 2, 4, tzinfo=UTC)


def packed(number, content, title=""):
    return Packed(number, title, "identity", "scan", 1, len(content), "ab", AT)


def test_a_bundle_is_a_zip_that_any_program_opens() -> None:
    contents = {1: b"%PDF-1 " * 1000, 12: b"%PDF-12"}
    documents = [packed(number, each) for number, each in contents.items()]
    description = manifest(7, "msa", [*documents])
    pieces = list(
        bundle(
            description,
            documents,
            lambda each: [
                contents[each.number][at : at + 512] for at in range(0, each.size, 512)
            ],
        )
    )
    # Piece by piece: never more than a piece of a document and a few words about it.
    assert len(pieces) > 10
    assert max(map(len, pieces)) < len(description) + 2048
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        names = ["documents.json", "document-001.pdf", "document-012.pdf"]
        assert archive.namelist() == names
        assert archive.read("document-001.pdf") == contents[1]
        assert archive.getinfo("document-012.pdf").date_time == (2026, 11, 24, 9, 2, 4)
        told = json.loads(archive.read("documents.json"))
    assert (told["version"], told["appointment"], told["organisation"]) == (1, 7, "msa")
    assert told["documents"][1] == {
        "file": "document-012.pdf",
        "number": 12,
        "title": "",
        "kind": "identity",
        "source": "scan",
        "pages": 1,
        "bytes": 7,
        "sha256": "ab",
        "created_at": "2026-11-24T09:02:04+00:00",
    }


def test_a_title_is_in_the_manifest_and_in_no_name() -> None:
    [document] = [packed(1, b"x", title='Pièce de "M. Dupont"')]
    assert "Dupont" not in document.file
    assert json.loads(manifest(1, "msa", [document]))["documents"][0]["title"] == (
        'Pièce de "M. Dupont"'
    )


def test_more_than_a_file_may_hold_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(bundles, "MAX_BYTES", 10)
    check_size([packed(1, b"x" * 5), packed(2, b"x" * 5)])
    with pytest.raises(BundleTooLarge):
        check_size([packed(1, b"x" * 5), packed(2, b"x" * 6)])
