# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/hosts.md says of each fault what happens and what was observed."""

import re
from pathlib import Path

from stage.hosts.faults.registry import FAULTS

DOCUMENT = Path(__file__).parents[4] / "docs/hosts.md"


def test_each_fault_has_its_row_and_each_row_its_fault() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    _, _, rest = text.partition("| fault | what happens | observed |")
    table, _, _ = rest.partition("\n\n")
    rows = [row for row in table.splitlines() if row.startswith("| `")]
    named = {
        name for row in rows for name in re.findall(r"`([a-z-]+)`", row.split("|")[1])
    }
    assert named == set(FAULTS)
    assert all(row.split("|")[3].strip() for row in rows)
