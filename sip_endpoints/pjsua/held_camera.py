# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: a camera that stays open while a call sends nothing of it.

The stack closes a camera that no stream sends from, and opens it anew for the next picture: its
lamp would go out and blink. Here it is only parted from the call's encoder, within the stack.
"""

from dataclasses import dataclass

import pjsua2 as pj


@dataclass(frozen=True, slots=True)
class HeldCamera:
    """An open camera that was parted from a call, by the stack's number of its source."""

    port: int
    name: str


def part_camera(call: pj.Call) -> HeldCamera | None:
    """Feed the call's encoder no more, and leave the camera open; None where none was.

    Raises pj.Error.
    """
    encoder = call.getEncodingVideoMedia(-1)
    # The info object must outlive the loop: its vectors belong to it.
    info = encoder.getPortInfo()
    for port in info.transmitters:
        source = _source(port)
        if source is not None:
            source.stopTransmit(encoder)
            return HeldCamera(port, _name(source))
    return None


def join_camera(call: pj.Call, held: HeldCamera) -> bool:
    """Feed the encoder again; False where that camera is gone. Raises pj.Error."""
    source = _source(held.port)
    if source is None or _name(source) != held.name:
        return False
    source.startTransmit(call.getEncodingVideoMedia(-1), pj.VideoMediaTransmitParam())
    return True


def _source(port: int) -> pj.VideoMedia | None:
    for found in pj.Endpoint.instance().mediaEnumVidPorts():
        if found.getPortId() == port:
            return found
    return None


def _name(source: pj.VideoMedia) -> str:
    return str(source.getPortInfo().name)
