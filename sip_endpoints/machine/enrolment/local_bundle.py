# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bundle as this machine uses it: the server's, with our own places and devices. Pure."""

from typing import Any

from sip_endpoints.machine.enrolment.grant import Grant, Table
from sip_endpoints.machine.system.choices import (
    AUTO,
    NONE,
    QUEUE,
    VIRTUAL,
    Choices,
)
from sip_endpoints.machine.system.places import Places
from sip_endpoints.settings import COLORBAR, NULL_AUDIO

# Of Debian's CUPS; the bridge's group (lp) may look for a file by its name there.
CUPS_SPOOL = "/var/spool/cups"
# What the bridge knows by the same words as the choices.
_WORDS = (NONE, VIRTUAL)


def local_bundle(grant: Grant, choices: Choices, places: Places) -> dict[str, Table]:
    """Give what the telephone starts from."""
    given = grant.bundle
    bundle: dict[str, Table] = {
        "sip": {**given["sip"], "ca_file": str(places.sip_authority)},
        "media": {**given.get("media", {}), **_media(choices)},
        "control": {"socket": str(places.phone_socket)},
        "kiosk": dict(given["kiosk"]),
    }
    if choices.captions.folder:
        bundle["captions"] = {"socket": str(places.captions_socket)}
    # Also with neither printer nor scanner: it is the bridge that proves what is wiped.
    bundle["bridge"] = _bridge(grant, choices, places)
    return bundle


def bridge_bundle(bundle: dict[str, Table]) -> dict[str, Table]:
    """Give the bridge's part alone."""
    return {"bridge": bundle["bridge"]}


def captions_bundle(
    bundle: dict[str, Table], choices: Choices
) -> dict[str, Table] | None:
    """Give what the captions' service reads, which needs no secret; None where there are none."""
    if "captions" not in bundle:
        return None
    table: Table = {
        **bundle["captions"],
        "folder": choices.captions.folder,
        "screen_url": str(bundle["kiosk"]["screen_url"]),
    }
    return {"captions": table}


def _media(choices: Choices) -> Table:
    """Give what was chosen; "auto" and 0 leave the server's word, if it said one."""
    media: Table = {}
    devices = choices.devices
    if devices.camera in (NONE, VIRTUAL):
        media["camera"] = COLORBAR
    elif devices.camera != AUTO:
        media["camera"] = devices.camera
    if NONE in (devices.microphone, devices.loudspeaker):
        media["audio"] = NULL_AUDIO
    if choices.line.up_kbps:
        media["line_up_kbps"] = choices.line.up_kbps
    if choices.line.down_kbps:
        media["line_down_kbps"] = choices.line.down_kbps
    return media


def _bridge(grant: Grant, choices: Choices, places: Places) -> Table:
    table: dict[str, Any] = {
        **grant.bundle.get("bridge", {}),
        "socket": str(places.bridge_socket),
        "data_dir": str(places.bridge_data),
        "server_url": grant.site,
        "token": grant.bundle["kiosk"]["token"],
        "printer": printer if (printer := choices.devices.printer) in _WORDS else QUEUE,
        "print_spool": CUPS_SPOOL,
        "has_screen": True,
        "sane_config_dir": choices.devices.sane_config_dir,
        "scanner": ("" if choices.devices.scanner == AUTO else choices.devices.scanner),
    }
    table.pop("server_ca_file", None)
    if grant.web_authority is not None:
        table["server_ca_file"] = str(places.web_authority)
    return table
