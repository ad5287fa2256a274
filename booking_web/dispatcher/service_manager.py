# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tells systemd that the service is ready or stopping (sd_notify(3)); else does nothing."""

import os
import socket


def notify(state: str) -> None:
    """Send a state such as `READY=1`; silent where no service manager listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifying:
        notifying.sendto(state.encode(), address)
