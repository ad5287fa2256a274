# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages know of the pilots, asked by their own command."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from provisioning.server.database import guichet_web
from provisioning.server.machine import Machine
from provisioning.server.repository.rings import PilotNow, TriedUpdate


def pilots_now(machine: Machine) -> dict[str, PilotNow]:
    """Give what each kiosk told last, by its slug; raises ProgramFailed."""
    return read_pilots(guichet_web(machine, "fleet", "list", "--json"))


def read_pilots(text: str) -> dict[str, PilotNow]:
    """Read what `guichet-web fleet list --json` writes, a line for each kiosk."""
    lines = (line for line in text.splitlines() if line.startswith("{"))
    told = [_pilot(json.loads(line)) for line in lines]
    return {pilot.kiosk: pilot for pilot in told}


def _pilot(told: Mapping[str, Any]) -> PilotNow:
    update = told.get("update")
    return PilotNow(
        kiosk=str(told["kiosk"]),
        version=str(told.get("package") or ""),
        tested_at=_moment(told.get("tested_at")),
        begun_at=_moment(told.get("begun_at")),
        is_ok=bool(told.get("is_ok")),
        is_silent=bool(told.get("is_silent")),
        update=_update(update) if update else None,
    )


def _update(told: Mapping[str, Any]) -> TriedUpdate:
    return TriedUpdate(
        state=str(told["state"]),
        version=str(told.get("to") or ""),
        at=_moment(told.get("at")),
        cause=str(told.get("cause") or ""),
    )


def _moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None
