# SPDX-License-Identifier: AGPL-3.0-or-later
"""Compares what exists with what is wanted, and says what must change. Pure.

A snapshot maps each kind to its entries by key: the slug, for users the e-mail. An
entry's fields name other entries by key, so a snapshot of the database and one of an
inventory compare as they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# A list holds a reason's papers: mappings of "name" and "pictogram".
Value = str | int | float | bool | list[dict[str, str]] | None
Fields = Mapping[str, Value]


class Kind(StrEnum):
    """What the directory holds, in the order of adding: those referred to come first."""

    RELAY = "relay"
    ORGANISATION = "organisation"
    KIOSK = "kiosk"
    COUNTER = "counter"
    REASON = "reason"
    COUNSELLOR = "counsellor"
    USER = "user"


Snapshot = Mapping[Kind, Mapping[str, Fields]]


class Action(StrEnum):
    """What happens to an entry."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True)
class Change:
    """One entry's change; `fields` maps each field to its values before and after."""

    action: Action
    kind: Kind
    key: str
    fields: Mapping[str, tuple[Value, Value]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give the change as plain data."""
        return {
            "action": str(self.action),
            "kind": str(self.kind),
            "key": self.key,
            "fields": {name: list(values) for name, values in self.fields.items()},
        }

    def as_text(self) -> str:
        """Give the change as one line: `~ organisation msa: name "a" -> "b"`."""
        sign = {Action.ADD: "+", Action.CHANGE: "~", Action.REMOVE: "-"}[self.action]
        line = f"{sign} {self.kind} {self.key}"
        if self.action is Action.REMOVE:
            return line
        if self.action is Action.ADD:
            parts = [
                f"{name} {_shown(after)}"
                for name, (_, after) in self.fields.items()
                if after not in (None, "", [])
            ]
        else:
            parts = [
                f"{name} {_shown(before)} -> {_shown(after)}"
                for name, (before, after) in self.fields.items()
            ]
        return f"{line}: {', '.join(parts)}"


@dataclass(frozen=True)
class Plan:
    """Everything that must change, in an order that can be carried out.

    `unlisted` are entries that exist and are not wanted, and that stay: nothing is ever
    removed unless pruning was asked for.
    """

    changes: tuple[Change, ...]
    unlisted: tuple[tuple[Kind, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to do."""
        return not self.changes


def make_plan(current: Snapshot, wanted: Snapshot, *, prune: bool = False) -> Plan:
    """Plan how `current` becomes `wanted`; `prune` removes what is not wanted."""
    added_or_changed = [
        change
        for kind in Kind
        for key, fields in wanted.get(kind, {}).items()
        if (change := _compare(kind, key, current.get(kind, {}).get(key), fields))
    ]
    unlisted = [
        (kind, key)
        for kind in reversed(Kind)
        for key in current.get(kind, {})
        if key not in wanted.get(kind, {})
    ]
    if not prune:
        return Plan(tuple(added_or_changed), tuple(unlisted))
    return Plan((*added_or_changed, *make_removals(unlisted)))


def make_removals(entries: Iterable[tuple[Kind, str]]) -> list[Change]:
    """Give the changes that remove these entries, dependants first."""
    order = list(reversed(Kind))
    return [
        Change(Action.REMOVE, kind, key)
        for kind, key in sorted(entries, key=lambda entry: order.index(entry[0]))
    ]


def merge(current: Snapshot, plan: Plan) -> dict[Kind, dict[str, Fields]]:
    """Give the snapshot that `current` becomes once the plan is carried out."""
    merged = {kind: dict(current.get(kind, {})) for kind in Kind}
    for change in plan.changes:
        if change.action is Action.REMOVE:
            del merged[change.kind][change.key]
            continue
        after = {name: values[1] for name, values in change.fields.items()}
        before = merged[change.kind].get(change.key, {})
        merged[change.kind][change.key] = {**before, **after}
    return merged


def _compare(
    kind: Kind, key: str, before: Fields | None, after: Fields
) -> Change | None:
    if before is None:
        added = {name: (None, value) for name, value in after.items()}
        return Change(Action.ADD, kind, key, added)
    changed = {
        name: (before.get(name), value)
        for name, value in after.items()
        if before.get(name) != value
    }
    return Change(Action.CHANGE, kind, key, changed) if changed else None


def papers_as_text(papers: list[dict[str, str]]) -> str:
    """Give papers as one line: `Carte grise (car-front), Permis`."""
    return ", ".join(
        (
            f"{paper['name']} ({paper['pictogram']})"
            if paper["pictogram"]
            else paper["name"]
        )
        for paper in papers
    )


def _shown(value: Value) -> str:
    if isinstance(value, list):
        value = papers_as_text(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f'"{value}"' if isinstance(value, str) else str(value)
