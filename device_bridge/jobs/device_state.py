# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a device is: ready, at work, or kept from it, and by what. Pure."""

from dataclasses import dataclass

from device_bridge.jobs.reasons import WARNINGS, Reason

# The kiosk has no such device, and is to have none: nobody has to see to it.
ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """A device as it is now: ready unless a reason that is no warning says otherwise."""

    name: str
    state: str
    reasons: tuple[Reason, ...] = ()
    detail: str = ""

    @property
    def blocking(self) -> Reason:
        """Give what keeps the device from working, or NONE."""
        found = (reason for reason in self.reasons if reason not in WARNINGS)
        return next(found, Reason.NONE)
