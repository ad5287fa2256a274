# SPDX-License-Identifier: AGPL-3.0-or-later
"""What `guichet-server` and the pages tell each other of rings, each on its side."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from booking_web.base.published_rings import PublishedRings, published_rings
from provisioning.server.backup.result import write_result
from provisioning.server.repository.rings import Rings, Trial

PUBLISHED = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rings", "read"),
    [
        (
            Rings("0.3.0", "0.2.0", Trial("0.3.0", PUBLISHED)),
            PublishedRings("0.3.0", "0.2.0", PUBLISHED),
        ),
        (Rings("0.3.0", "0.3.0"), PublishedRings("0.3.0", "0.3.0", None)),
        (Rings(), PublishedRings("", "", None)),
    ],
)
def test_the_pages_read_what_was_published(
    tmp_path: Path, rings: Rings, read: PublishedRings
) -> None:
    file = tmp_path / "rings.json"
    write_result(file, rings.as_json())
    assert published_rings(file) == read


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pilot": "1"}', "\x00"])
def test_fault_a_file_that_makes_no_sense_is_read_as_none(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "rings.json"
    assert published_rings(file) is None
    file.write_text(text)
    assert published_rings(file) is None
