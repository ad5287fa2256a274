# SPDX-License-Identifier: AGPL-3.0-or-later
"""A device that was found, and which one is meant. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sip_endpoints.machine.system.choices import AUTO, NONE, VIRTUAL
from sip_endpoints.machine.system.errors import MachineError


class Kind(StrEnum):
    """What a kiosk has one of."""

    PRINTER = "printer"
    SCANNER = "scanner"
    CAMERA = "camera"
    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"


FRENCH = {
    Kind.PRINTER: "imprimante",
    Kind.SCANNER: "scanner",
    Kind.CAMERA: "caméra",
    Kind.MICROPHONE: "micro",
    Kind.LOUDSPEAKER: "haut-parleur",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A device: how it is chosen, and how people call it."""

    kind: Kind
    name: str
    title: str
    # Where its program finds it, if that is not its name.
    address: str = ""


class ChoiceNeeded(MachineError):
    """Several devices of a kind are there, and nobody said which."""


def meant(kind: Kind, choice: str, found: Sequence[Found]) -> Found | None:
    """Give the device that is meant, or None where it is not there (or none is wanted)."""
    if choice in (NONE, VIRTUAL):
        return None
    if choice != AUTO:
        return next((each for each in found if each.name == choice), None)
    if len(found) > 1:
        names = "\n".join(
            f"  guichet-kiosk devices {kind} '{each.name}'" for each in found
        )
        raise ChoiceNeeded(
            f"Plusieurs appareils ({FRENCH[kind]}) : choisissez.\n{names}"
        )
    return found[0] if found else None
