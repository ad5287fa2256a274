# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can go wrong with the directory; each message is a sentence for IT."""

from collections.abc import Mapping

from provisioning.inventory.plan import Kind


class DirectoryError(Exception):
    """The directory cannot be changed as asked; nothing was changed."""


class DatabaseNotReady(DirectoryError):
    """The database has no tables yet, or cannot be opened."""


class UnknownEntry(DirectoryError):
    """No entry has that slug or e-mail."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f'nothing is called "{key}": see "guichet-provision list" for what exists'
        )


class RowsMissing(DirectoryError):
    """Asterisk knows nothing of a kiosk or counsellor that is in the directory."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"Asterisk's rows of {slug} are missing: apply the inventory, which writes"
            " them with a new secret"
        )


class AlreadyThere(DirectoryError):
    """An entry of that slug or e-mail exists, with other values."""

    def __init__(self, kind: Kind, key: str) -> None:
        super().__init__(
            f"{kind} {key} exists already and is different; change it in the inventory"
            " and apply that"
        )
        self.kind = kind
        self.key = key


class LastAdministrator(DirectoryError):
    """Nobody would be left who may administer."""

    def __init__(self) -> None:
        super().__init__(
            "this is the last administrator who can sign in: add or open another one"
            " first"
        )


class StillReferenced(DirectoryError):
    """The entry cannot be removed: rows elsewhere refer to it, such as appointments."""

    def __init__(self, kind: Kind, key: str, uses: Mapping[str, int]) -> None:
        counted = ", ".join(f"{count} in {name}" for name, count in uses.items())
        advice = ""
        if kind in (Kind.KIOSK, Kind.COUNSELLOR, Kind.USER):
            advice = (
                f'; to lock it out instead, run "guichet-provision rotate-secret {key}'
                ' --discard"'
            )
        super().__init__(
            f"{kind} {key} is not removed: the history refers to it"
            f" ({counted or 'elsewhere'}) and must stay complete{advice}"
        )
        self.kind = kind
        self.key = key
        self.uses = dict(uses)


class StillNeeded(DirectoryError):
    """The entry cannot be removed: other entries of the directory belong to it."""

    def __init__(self, kind: Kind, key: str, dependants: list[str]) -> None:
        super().__init__(
            f"{kind} {key} is not removed: these belong to it: {', '.join(dependants)};"
            f' remove all of it with "guichet-provision remove {key}'
            f' {" ".join(dependants)}"'
        )
        self.kind = kind
        self.key = key
        self.dependants = list(dependants)


class OthersTelephone(DirectoryError):
    """An account would answer a telephone of another organisation, or of somebody else."""

    def __init__(self, email: str, counsellor: str, other: str = "") -> None:
        why = f"{other} answers it" if other else "it belongs to another organisation"
        super().__init__(
            f"user {email} cannot have the telephone {counsellor}: {why}; name another one,"
            " or none"
        )
        self.counsellor = counsellor
        self.other = other


class ImmovableCounter(DirectoryError):
    """A counter cannot go to another organisation: its appointments stay with the old."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"counter {key} cannot change its organisation, since its appointments belong"
            " to the old one: give the new organisation a counter with another slug"
        )
