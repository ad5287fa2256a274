# SPDX-License-Identifier: AGPL-3.0-or-later
"""Turns outcomes and entries into what the command line prints. Pure; shows no secret."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from provisioning.directory.service import Outcome
from provisioning.inventory.plan import Action, Fields, Kind, papers_as_text

PAST = {Action.ADD: "added", Action.CHANGE: "changed", Action.REMOVE: "removed"}


def outcome_as_json(
    outcome: Outcome, *, dry_run: bool, files: Sequence[Path] = ()
) -> dict[str, Any]:
    """Give an outcome as one JSON object."""
    return {
        "changed": not outcome.is_empty and not dry_run,
        "dry_run": dry_run,
        "changes": [change.as_json() for change in outcome.plan.changes],
        "realtime": [
            {"action": str(row.action), "row": row.name} for row in outcome.rows
        ],
        "unlisted": [
            {"kind": str(kind), "key": key} for kind, key in outcome.plan.unlisted
        ],
        "new_secrets": list(outcome.new_secrets_for),
        "files": [str(path) for path in files],
    }


def outcome_as_lines(
    outcome: Outcome, *, dry_run: bool, files: Sequence[Path] = ()
) -> list[str]:
    """Give an outcome as lines for a person."""
    if outcome.is_empty:
        return ["nothing to change", *_unlisted_lines(outcome)]
    lines = [change.as_text() for change in outcome.plan.changes]
    if outcome.plan.is_empty:
        # Somebody changed Asterisk's tables by hand, or a new version wants other values.
        lines += [f"~ asterisk row {row.name}: {row.action}" for row in outcome.rows]
    lines += [f"new secret for {key}" for key in outcome.new_secrets_for]
    lines += _unlisted_lines(outcome)
    lines += [f"written: {path}" for path in files]
    lines.append(_summary(outcome, dry_run))
    return lines


def entry_as_json(kind: Kind, key: str, fields: Fields) -> dict[str, Any]:
    """Give one entry of the directory as a JSON object."""
    return {"kind": str(kind), key_name(kind): key, **fields}


def entries_as_lines(kind: Kind, entries: Mapping[str, Fields]) -> list[str]:
    """Give the entries of a kind as an aligned table."""
    if not entries:
        return [f"no {kind} yet"]
    names = list(next(iter(entries.values())))
    rows = [[key_name(kind), *names]] + [
        [key, *(cell(fields[name]) for name in names)]
        for key, fields in entries.items()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def key_name(kind: Kind) -> str:
    """Tell what a kind's key is called."""
    return "email" if kind is Kind.USER else "slug"


def cell(value: Any) -> str:
    """Give a value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = papers_as_text(value)
    return "-" if value in (None, "") else str(value)


def _summary(outcome: Outcome, dry_run: bool) -> str:
    counts = [
        f"{number} {PAST[action]}"
        for action in Action
        if (number := sum(c.action is action for c in outcome.plan.changes))
    ]
    counts.append(f"{len(outcome.rows)} rows of Asterisk")
    text = ", ".join(counts)
    return (
        f"would be: {text} (dry run, nothing written)" if dry_run else f"done: {text}"
    )


def _unlisted_lines(outcome: Outcome) -> list[str]:
    return [
        f"! {kind} {key}: exists, not in the inventory; kept"
        for kind, key in outcome.plan.unlisted
    ]
