# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a plan may not do, and what it brings along. Pure."""

from provisioning.directory.errors import (
    ImmovableCounter,
    OthersTelephone,
    StillNeeded,
)
from provisioning.inventory.plan import Action, Kind, Plan, Snapshot
from provisioning.inventory.reading import REFERENCES


def refuse_impossible(plan: Plan) -> None:
    """Raise ImmovableCounter where a counter would change its organisation."""
    for change in plan.changes:
        if change.action is Action.CHANGE and change.kind is Kind.COUNTER:
            if "organisation" in change.fields:
                raise ImmovableCounter(change.key)


def refuse_orphans(plan: Plan, wanted: Snapshot) -> None:
    """Raise StillNeeded where entries that stay belong to one that goes."""
    for change in plan.changes:
        if change.action is not Action.REMOVE:
            continue
        dependants = [
            key
            for kind, references in REFERENCES.items()
            for name, target in references.items()
            if target is change.kind
            for key, fields in wanted[kind].items()
            if fields[name] == change.key
        ]
        if dependants:
            raise StillNeeded(change.kind, change.key, dependants)


def refuse_others_telephones(wanted: Snapshot) -> None:
    """Raise OthersTelephone where an account answers one that is not its own."""
    telephones = wanted.get(Kind.COUNSELLOR, {})
    owners: dict[object, str] = {}
    for email, fields in wanted.get(Kind.USER, {}).items():
        slug = fields["counsellor"]
        if slug is None:
            continue
        if slug in owners:
            raise OthersTelephone(email, str(slug), owners[slug])
        owners[slug] = email
        telephone = telephones.get(str(slug))
        if (
            telephone is not None
            and telephone["organisation"] != fields["organisation"]
        ):
            raise OthersTelephone(email, str(slug))


def telephone_changes(plan: Plan) -> set[str]:
    """Name the counsellors whose kind of telephone changes, and so their secret."""
    # The MD5 digest that all but our program need cannot be made from the SHA-256 one; and
    # what a softphone knew must open nothing once its owner telephones in a page.
    return {
        change.key
        for change in plan.changes
        if change.kind is Kind.COUNSELLOR
        and change.action is Action.CHANGE
        and not change.fields.keys().isdisjoint(("softphone", "browser"))
    }
