# SPDX-License-Identifier: AGPL-3.0-or-later
"""What `guichet-kiosk update` says: what is here, what is offered, what came of the last one."""

from dataclasses import dataclass

from sip_endpoints.machine.packages.outcome import Outcome, UpdateState

_ENDINGS = {
    UpdateState.DONE: "{before} a été remplacée par {after}",
    UpdateState.ROLLED_BACK: "{after} marchait moins bien ({cause}), {before} a été remise",
    UpdateState.FAILED: "{after} n'a pas été installée ({cause}), {before} est restée",
    UpdateState.NONE: "aucune",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Versions of the package; `offered` is empty where none is newer."""

    installed: str
    offered: str
    is_refused: bool
    window: str
    last: Outcome | None

    def to_json(self) -> dict[str, object]:
        """Give it for a script."""
        return {
            "installed": self.installed,
            "offered": self.offered or None,
            "is_refused": self.is_refused,
            "window": self.window,
            "last": self.last and self.last.to_json(),
        }

    def lines(self) -> list[str]:
        """Give it for a terminal."""
        found = [f"Version présente : {self.installed or 'incomplète'}", self._offer()]
        if self.last is not None:
            ending = _ENDINGS[self.last.state].format(
                before=self.last.before, after=self.last.after, cause=self.last.cause
            )
            found.append(f"Dernière mise à jour ({self.last.at}) : {ending}.")
        return found

    def _offer(self) -> str:
        if not self.offered:
            return "Aucune version plus récente n'est proposée à cette borne."
        if self.is_refused:
            return (
                f"{self.offered} a été défaite : guichet-kiosk update --now la retente."
            )
        return f"{self.offered} est proposée : prise la nuit ({self.window}), ou --now."
