# SPDX-License-Identifier: AGPL-3.0-or-later
"""A running kiosk or counsellor of a stage: what it sees, and orders to it."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sip_endpoints.control import ControlError, send_order
from stage.processes import Program, run_once
from stage.waiting import PATIENCE, PATIENCE_SECONDS, wait_for

BINARIES = Path(sys.executable).parent
# No camera, no sound card and no screen are needed, nor looked for.
VIRTUAL_DEVICES = ("--camera", "colorbar", "--audio", "null", "--display", "none")


def print_code(number: int) -> str:
    """Give what a telephone keys to have a document printed."""
    return f"*1{number}#"


class Endpoint:
    """`guichet-kiosk` or `guichet-counsellor` with its bundle."""

    def __init__(
        self,
        slug: str,
        bundle: Path,
        *,
        directory: Path,
        options: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.slug = slug
        self.bundle = bundle
        kind = slug.split("-", 1)[0]
        self._command = str(BINARIES / f"guichet-{kind}")
        self._directory = directory
        self._socket = bundle.with_suffix(".sock")
        self.program = Program(
            slug,
            [self._command, "run", str(bundle), *VIRTUAL_DEVICES, *options],
            directory=directory,
            log=directory / "log" / f"{slug}.log",
            environment=environment,
        )

    def status(self) -> dict[str, Any]:
        """Give what the endpoint sees, straight from its control socket."""
        return send_order(self._socket, "status", timeout_seconds=20 * PATIENCE)

    def status_by_command(self) -> dict[str, Any]:
        """Give what `status --json` prints, as a person would ask."""
        output = run_once(
            [self._command, "status", str(self.bundle), "--json"],
            directory=self._directory,
        )
        answer: dict[str, Any] = json.loads(output)
        return answer

    def order(self, order: str, argument: str = "") -> dict[str, Any]:
        """Give the endpoint an order (`answer`, `hangup`, `pause`, ...)."""
        return send_order(self._socket, order, argument)

    def print_document(self, number: int) -> str:
        """Key the code that prints a document of the call; give that in words."""
        self.order("digits", print_code(number))
        return f"keys {print_code(number)}"

    def is_registered(self) -> bool:
        """Tell whether it runs and its Asterisk knows it."""
        try:
            return bool(self.status()["registered"])
        except ControlError:
            return False

    def wait_registered(self, timeout_seconds: float = PATIENCE_SECONDS) -> None:
        """Return once it is registered."""
        wait_for(
            self.is_registered, f"{self.slug} is registered", timeout_seconds, 0.05
        )

    def call(self) -> dict[str, Any] | None:
        """Give the call that it is in now, if any."""
        found: dict[str, Any] | None = self.status()["call"]
        return found
