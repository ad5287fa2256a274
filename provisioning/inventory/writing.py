# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes what exists as an inventory of TOML, as somebody would have written it. Pure."""

from collections.abc import Iterator
from typing import Any

from provisioning.inventory.entries import ENTRIES
from provisioning.inventory.plan import Fields, Kind, Snapshot
from provisioning.inventory.toml_text import to_toml


def as_inventory(snapshot: Snapshot) -> str:
    """Write each entry with the keys that are not as they would be if left out."""
    return "\n".join(
        f"[[{kind}s]]\n{to_toml(dict(_written(kind, key, snapshot[kind][key])))}"
        for kind in Kind
        for key in snapshot[kind]
    )


def _written(kind: Kind, key: str, fields: Fields) -> Iterator[tuple[str, Any]]:
    model = ENTRIES[kind]
    yield model.key_name, key
    for name, value in fields.items():
        is_usual = value == model.model_fields[name].get_default()
        # An organisation's short name is its name, unless it is given.
        is_same = name == "short_name" and value == fields["name"]
        if not (is_usual or is_same or value is None):
            yield name, value
