# SPDX-License-Identifier: AGPL-3.0-or-later
"""Plans a new entry, and the change of one that is still as its form showed it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from booking_web.pages.administrator.entries.entry_pages import EntryPages
from booking_web.pages.administrator.words import ChangedMeanwhile
from provisioning.directory.entries import addition_of, change_of
from provisioning.directory.errors import AlreadyThere
from provisioning.directory.service import Planner
from provisioning.inventory.plan import Fields, Kind, Plan, Snapshot


def addition(pages: EntryPages, form: Any, fields: Fields) -> Planner:
    """Plan a new entry, whose key is settled when it is written."""

    def plan(current: Snapshot) -> Plan:
        key = free_key(current, pages.wished_key(form, fields))
        rows: dict[Kind, list[Mapping[str, Any]]] = {
            pages.kind: [{_KEY_NAMES.get(pages.kind, "slug"): key, **fields}]
        }
        rows.update(pages.rows_beside(key, fields))
        planned = addition_of(rows)(current)
        if planned.is_empty:
            raise AlreadyThere(pages.kind, key)
        return planned

    return plan


_KEY_NAMES = {Kind.USER: "email"}


def free_key(current: Snapshot, wished: str) -> str:
    """Give the key, with a number where it is taken; an e-mail address is left alone."""
    taken = {key for entries in current.values() for key in entries}
    if wished not in taken or "@" in wished:
        return wished
    base, _, last = wished.rpartition("-")
    stem, number = (base, int(last)) if base and last.isdigit() else (wished, 1)
    while f"{stem}-{number}" in taken or number == 1:
        number += 1
    return f"{stem}-{number}"


def unless_changed(kind: Kind, key: str, version: str, after: Fields) -> Planner:
    """Plan the change of an entry that is still as the form showed it."""

    def plan(current: Snapshot) -> Plan:
        if key in current[kind] and version_of(current[kind][key]) != version:
            raise ChangedMeanwhile
        return change_of(kind, key, after)(current)

    return plan


def version_of(fields: Fields) -> str:
    """Give what tells apart an entry that was changed from what it was."""
    text = json.dumps(fields, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
