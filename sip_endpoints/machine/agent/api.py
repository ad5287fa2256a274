# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the agent tells and asks its server (the kiosk API's part for machines)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sip_endpoints.machine.server.site import Site

_BASE = "/api/kiosk/v1"
# A server that says nonsense is asked as usual, and never in a tight loop.
_SHORTEST_SECONDS, _LONGEST_SECONDS, _USUAL_SECONDS = 5, 3600, 60


class OrderKind(StrEnum):
    """What a server may ask of a machine."""

    SELF_TEST = "self_test"
    DIAGNOSE = "diagnose"
    ROTATE = "rotate"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Order:
    """One thing that is asked."""

    id: int
    kind: OrderKind


@dataclass(frozen=True, slots=True)
class Heard:
    """What the server answered to a report."""

    orders: tuple[Order, ...]
    report_seconds: int
    # Where packages come from, not looked at yet; None: what was said before is still true.
    repository: Any = None
    # How long nobody is expected at this kiosk; 0 too where the server does not say.
    free_seconds: int = 0


class MachineApi:
    """The server as this machine's token lets us see it."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def report(self, told: dict[str, Any]) -> Heard:
        """PUT /machine."""
        return read_heard(self._site.send("PUT", f"{_BASE}/machine", told).content)

    def bring_self_test(self, tested: dict[str, Any]) -> None:
        """PUT /self-test."""
        self._site.send("PUT", f"{_BASE}/self-test", tested)

    def bring_result(self, order: int, archive: bytes) -> None:
        """PUT /orders/<id>/result."""
        self._site.send("PUT", f"{_BASE}/orders/{order}/result", archive=archive)

    def new_secrets(self, machine_id: str) -> dict[str, Any]:
        """POST /secrets."""
        told = {"machine_id": machine_id}
        return self._site.send("POST", f"{_BASE}/secrets", told).content


def read_heard(content: dict[str, Any]) -> Heard:
    """Read an answer; an order of a kind that we do not know is passed over."""
    orders = []
    for each in content.get("orders") or []:
        try:
            orders.append(Order(int(each["id"]), OrderKind(each["kind"])))
        except (KeyError, TypeError, ValueError):
            continue
    seconds = _whole(content.get("report_seconds"), _USUAL_SECONDS)
    return Heard(
        tuple(orders),
        min(max(seconds, _SHORTEST_SECONDS), _LONGEST_SECONDS),
        content.get("repository"),
        _whole(content.get("free_seconds"), 0),
    )


def _whole(told: Any, usual: int) -> int:
    return told if type(told) is int else usual
