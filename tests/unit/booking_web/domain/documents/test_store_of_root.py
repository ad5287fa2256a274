# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a command of root's writes into the documents' folder can be read by the pages.

Fault: root adds a form to a library on a server whose pages have a user of their own.
"""

import io
import os
from pathlib import Path

import pytest

from booking_web.domain.documents.sealed_file import DocumentsKey
from booking_web.domain.documents.store import DocumentStore

PAGES_USER, PAGES_GROUP = 12345, 23456


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    return folder


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, folder: Path) -> dict[Path, tuple[int, int]]:
    """Give what was handed over to whom; root's own power is not needed for it."""
    given: dict[Path, tuple[int, int]] = {}
    real_stat = Path.stat

    def stat(path: Path, **more: bool) -> os.stat_result:
        found = real_stat(path, **more)
        if path != folder:
            return found
        owned = list(found)
        owned[4], owned[5] = PAGES_USER, PAGES_GROUP
        return os.stat_result(owned)

    def chown(path: Path, user: int, group: int) -> None:
        given[path] = (user, group)

    monkeypatch.setattr(Path, "stat", stat)
    monkeypatch.setattr(os, "chown", chown)
    return given


def test_all_that_root_writes_belongs_to_whose_the_folder_is(
    folder: Path, given: dict[Path, tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    store = DocumentStore(folder, DocumentsKey(bytes(32)))
    with store.exclusively():
        sha256 = store.put(io.BytesIO(b"a form"))

    assert b"".join(store.read(sha256)) == b"a form"
    assert set(given.values()) == {(PAGES_USER, PAGES_GROUP)}
    handed = {str(path.relative_to(folder)) for path in given}
    written = [each for each in handed if each.startswith("writing/")]
    assert len(written) == 1
    assert handed - set(written) == {
        "lock",
        "writing",
        "content",
        f"content/{sha256[:2]}",
    }


def test_the_pages_own_user_hands_nothing_over(
    folder: Path, given: dict[Path, tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: PAGES_USER)
    store = DocumentStore(folder, DocumentsKey(bytes(32)))
    with store.exclusively():
        store.put(io.BytesIO(b"a form"))

    assert given == {}
