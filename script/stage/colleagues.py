# SPDX-License-Identifier: AGPL-3.0-or-later
"""A system in which an organisation has a second counsellor, and calls are picked up by hand."""

from pathlib import Path

from stage.stack import INVENTORY

COLLEAGUE = "counsellor-msa-2"
COLLEAGUES_ACCOUNT = "collegue@msa.example"
_TELEPHONE = 'organisation = "msa"\n\n'
_PAGE = 'organisation = "msa"\nbrowser = true\n\n'
_ADDED = f"""
[[counsellors]]
slug = "{COLLEAGUE}"
name = "Collègue de la MSA"
organisation = "msa"

[[users]]
email = "{COLLEAGUES_ACCOUNT}"
name = "Collègue de la MSA"
role = "counsellor"
organisation = "msa"
counsellor = "{COLLEAGUE}"
"""


def with_colleague(
    directory: Path, inventory: Path = INVENTORY, *, in_browser: bool = False
) -> Path:
    """Write the inventory, the MSA having a colleague with an account, and a page if asked."""
    added = _ADDED.replace(_TELEPHONE, _PAGE) if in_browser else _ADDED
    file = directory / "inventory.toml"
    file.write_text(inventory.read_text() + added)
    return file
