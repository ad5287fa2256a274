# SPDX-License-Identifier: AGPL-3.0-or-later
"""Microphones and loudspeakers, as PipeWire lists them; through its own programs."""

import json
import re
from pathlib import Path
from typing import Any

from sip_endpoints.machine.devices.found import Found, Kind
from sip_endpoints.machine.system.programs import Run, run

# Our own nodes, which cancel the echo, are no devices.
OURS = "guichet-"
# Above each other card's own, below a handset's or a headset's, which WirePlumber is told of
# (debian/kiosk/session/wireplumber).
NAMED_LOUDSPEAKER, NAMED_MICROPHONE = 2500, 3500
# The same words as there: what is held to the ear, and comes and goes.
_AT_THE_EAR = re.compile(
    r"alsa_(in|out)put\.usb-.*([Hh]andset|[Hh]eadset|[Hh]eadphone)"
)
_CLASSES = {"Audio/Source": Kind.MICROPHONE, "Audio/Sink": Kind.LOUDSPEAKER}


def sound_environment(runtime: Path) -> dict[str, str]:
    """Give the variables by which PipeWire's programs find the session's PipeWire."""
    return {"XDG_RUNTIME_DIR": str(runtime), "PIPEWIRE_RUNTIME_DIR": str(runtime)}


def find_sound(runtime: Path, run: Run = run) -> list[Found]:
    """Give microphones and loudspeakers; nothing where PipeWire does not run."""
    ran = run(["pw-dump"], environment=sound_environment(runtime), may_fail=True)
    try:
        return read_sound(json.loads(ran.output or "[]"))
    except ValueError:
        return []


def read_sound(objects: list[dict[str, Any]]) -> list[Found]:
    """Read what pw-dump tells."""
    found = []
    for each in objects:
        properties = (each.get("info") or {}).get("props") or {}
        kind = _CLASSES.get(str(properties.get("media.class")))
        name = str(properties.get("node.name") or "")
        if kind is None or not name or name.startswith(OURS):
            continue
        title = str(properties.get("node.description") or name)
        found.append(Found(kind, name, title))
    return sorted(found, key=lambda each: each.name)


def is_at_the_ear(name: str) -> bool:
    """Tell whether this is a handset, a headset or headphones."""
    return _AT_THE_EAR.match(name) is not None


def echo_settings(microphone: str, loudspeaker: str) -> str:
    """Give PipeWire's lines that make the echo cancelled; empty names: its own choice.

    What is named comes first by its priority and is no fixed target: a handset that is plugged in
    must have the sound alone.
    """
    capture = {"node.name": f"{OURS}capture", "node.passive": True}
    playback = {"node.name": f"{OURS}playback", "node.passive": True}
    named = ((microphone, NAMED_MICROPHONE), (loudspeaker, NAMED_LOUDSPEAKER))
    rules = [
        {
            "matches": [{"node.name": name}],
            "actions": {"update-props": {"priority.session": priority}},
        }
        for name, priority in named
        if name
    ]
    module = {
        "name": "libpipewire-module-echo-cancel",
        "args": {
            "library.name": "aec/libspa-aec-webrtc",
            "capture.props": capture,
            # More than any device's, so that the telephone gets these two.
            "source.props": {
                "node.name": f"{OURS}microphone",
                "node.description": "Micro du guichet",
                "priority.session": 5000,
            },
            "sink.props": {
                "node.name": f"{OURS}loudspeaker",
                "node.description": "Haut-parleur du guichet",
                "priority.session": 5000,
            },
            "playback.props": playback,
        },
    }
    modules = f"context.modules = {json.dumps([module], indent=1)}\n"
    return modules + (f"node.rules = {json.dumps(rules, indent=1)}\n" if rules else "")
