# SPDX-License-Identifier: AGPL-3.0-or-later
"""The agent is root, and reads a file where the browser's user may write what he likes."""

import json
import os
from pathlib import Path

import pytest

from sip_endpoints.machine.checks.owed import read_owed
from sip_endpoints.machine.checks.self_test import read_kept


def test_a_self_test_is_read(tmp_path: Path) -> None:
    kept = tmp_path / "last.json"
    kept.write_text(json.dumps({"at": "2026-11-27T07:00:00+00:00", "checks": []}))
    assert read_kept(kept) == {"at": "2026-11-27T07:00:00+00:00", "checks": []}


@pytest.mark.timeout(10)
def test_a_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    kept = tmp_path / "last.json"
    os.mkfifo(kept)
    assert read_kept(kept) is None


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "of-root.json").write_text('{"secret": 1}')
    kept = tmp_path / "last.json"
    kept.symlink_to("of-root.json")
    assert read_kept(kept) is None


@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, '{"a":' * 50_000, " " * 600_000 + "{}", "[]", "\ud800", ""],
)
def test_what_is_no_self_test_is_none(tmp_path: Path, content: str) -> None:
    kept = tmp_path / "last.json"
    kept.write_bytes(content.encode(errors="surrogatepass"))
    assert read_kept(kept) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "[" * 900,
        '{"at": "10:00", "reason": "asked"}' + " " * 1000,
        '{"at": "10:00", "reason": "../../guichet-apply"}',
        '{"at": "10:00", "reason": ["asked"]}',
        '{"reason": "asked"}',
    ],
)
def test_what_names_no_self_test_owes_none(tmp_path: Path, content: str) -> None:
    mark = tmp_path / "owed.json"
    mark.write_text(content)
    assert read_owed(mark) is None
