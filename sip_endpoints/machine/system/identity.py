# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which machine this is: the same disk in another PC is another machine."""

import hashlib
from pathlib import Path

from sip_endpoints.machine.system.errors import MachineError

# The PC's own number; unreadable in a container and on some boards.
_HARDWARE = "sys/class/dmi/id/product_uuid"


def machine_id(root: Path = Path("/")) -> str:
    """Give 64 hexadecimal digits of this system on this hardware; root alone can tell."""
    try:
        system = (root / "etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise MachineError(
            "/etc/machine-id est illisible : ce PC n'a pas d'identité."
        ) from error
    try:
        hardware = (root / _HARDWARE).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        hardware = ""
    return hashlib.sha256(f"{system}\n{hardware}".encode()).hexdigest()
