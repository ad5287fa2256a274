# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/operate.md lists the units, ports and files that the code goes by."""

from pathlib import Path

import pytest

from provisioning.server.listing import files_table, ports_table, units_table

PAGE = Path(__file__).parents[4] / "docs" / "operate.md"


@pytest.mark.parametrize("table", [units_table, ports_table, files_table])
def test_the_page_has_the_table_as_the_code_makes_it(table) -> None:
    assert table() in PAGE.read_text(), "python -m provisioning.server.listing"
