# SPDX-License-Identifier: AGPL-3.0-or-later
"""Planners that add, change and remove single entries; for commands and pages alike.

Each goes through the inventory's own rules, so every way gives the same entry.
"""

from collections.abc import Mapping
from typing import Any

from provisioning.directory.errors import AlreadyThere, UnknownEntry
from provisioning.directory.service import Planner
from provisioning.inventory.plan import Action, Fields, Kind, Plan, Snapshot, make_plan
from provisioning.inventory.reading import (
    TABLE_OF,
    Inventory,
    check_references,
    parse_inventory,
)
from provisioning.inventory.toml_text import to_toml

Rows = Mapping[Kind, list[Mapping[str, Any]]]


def planner_of(inventory: Inventory, *, prune: bool = False) -> Planner:
    """Give the planner that brings what exists to the inventory."""

    def plan(current: Snapshot) -> Plan:
        # What is about to be removed cannot be referred to.
        check_references(inventory, {} if prune else current)
        return make_plan(current, inventory.snapshot, prune=prune)

    return plan


def addition_of(rows: Rows) -> Planner:
    """Give a planner that adds these rows of an inventory, which must be new or the same.

    Raises InventoryError where a row breaks a rule; a value of None counts as not given.
    """
    text = "\n".join(
        f"[{to_toml({TABLE_OF[kind]: _given(row)}).replace(']', ']]', 1)}"
        for kind, entries in rows.items()
        for row in entries
    )
    planner = planner_of(parse_inventory(text, "command line"))

    def plan(current: Snapshot) -> Plan:
        planned = planner(current)
        for change in planned.changes:
            if change.action is not Action.ADD:
                raise AlreadyThere(change.kind, change.key)
        # What else exists is no news to somebody who adds one thing.
        return Plan(planned.changes)

    return plan


def change_of(kind: Kind, key: str, fields: Fields) -> Planner:
    """Give a planner that brings one entry, which must exist, to these checked fields."""
    place = f"{kind} {key}"

    def plan(current: Snapshot) -> Plan:
        if key not in current[kind]:
            raise UnknownEntry(key)
        inventory = Inventory({kind: {key: fields}}, places={(kind, key): place})
        check_references(inventory, current)
        return Plan(make_plan(current, inventory.snapshot).changes)

    return plan


def nothing(_current: Snapshot) -> Plan:
    """Plan no change of the entries; for acts that are written beside the plan."""
    return Plan(())


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}
