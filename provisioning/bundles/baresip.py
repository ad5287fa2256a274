# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes the folder from which baresip 1.1, as Debian has it, starts. Pure.

Needed are the packages `baresip-core` and, for the window, `baresip-x11`.
"""

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime

from provisioning.bundles.softphone import (
    KNOWN_AUTHORITIES,
    REGISTER_SECONDS,
    SoftphoneSettings,
)

CA_FILE = "ca.pem"
START_FILE = "start"
MODULE_FOLDER = "/usr/lib/baresip/modules"
PRIVATE, PROGRAM = 0o600, 0o700
MODULES = (
    *("stdio", "opus", "g722", "g711", "alsa", "vp8", "v4l2", "x11"),
    # No STUN, TURN or ICE: media goes to Asterisk and nowhere else.
    "srtp",
)
TEMPORARY_MODULES = ("uuid", "account")
APPLICATIONS = ("contact", "debug_cmd", "menu")


def baresip_files(settings: SoftphoneSettings) -> Mapping[str, bytes]:
    """Give the content of each file of the folder, by its name."""
    texts = {
        "accounts": _account(settings),
        "config": _config(settings),
        "contacts": "",
        START_FILE: _START,
    }
    if settings.server.authority is not None:
        texts[CA_FILE] = settings.server.authority
    return {name: text.encode() for name, text in texts.items()}


def mode_of(name: str) -> int:
    """Give the mode of a file of the folder: its owner's alone."""
    return PROGRAM if name == START_FILE else PRIVATE


def baresip_zip(settings: SoftphoneSettings, now: datetime) -> bytes:
    """Give the folder `baresip` in one file; unpacked, each file is its owner's alone."""
    packed = io.BytesIO()
    at = (now.year, now.month, now.day, now.hour, now.minute, now.second)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in baresip_files(settings).items():
            entry = zipfile.ZipInfo(f"baresip/{name}", at)
            # The upper half holds Unix's mode, of a regular file.
            entry.external_attr = (0o100000 | mode_of(name)) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


# The authority's file is named from the folder in which baresip is started.
_START = """#!/bin/sh
cd "$(dirname "$0")" && exec baresip -f . "$@"
"""


def _account(settings: SoftphoneSettings) -> str:
    host = f"{settings.server.host}:{settings.port}"
    options = [
        f"auth_user={settings.user}",
        f"auth_pass={settings.secret}",
        "answermode=manual",
        "dtmfmode=info",
        f"regint={REGISTER_SECONDS}",
        "audio_codecs=opus/48000/2,g722/16000/1,pcmu/8000/1",
        "video_codecs=vp8",
    ]
    if settings.must_encrypt:
        options.append("mediaenc=srtp-mand")
    elif settings.is_encrypted:
        # Asterisk offers plain RTP with a key: "srtp-mand" would refuse that.
        options.append("mediaenc=srtp")
    address = f"<sip:{settings.user}@{host};transport={settings.transport}>"
    return f'"{settings.quoted_name}" {address};{";".join(options)}\n'


def _config(settings: SoftphoneSettings) -> str:
    has_own = settings.server.authority is not None
    lines = [
        "poll_method epoll",
        f"sip_trans_def {settings.transport}",
        f"sip_cafile {CA_FILE if has_own else KNOWN_AUTHORITIES}",
        "sip_verify_server yes",
        "call_max_calls 2",
        "audio_path /usr/share/baresip",
        "audio_source alsa,default",
        "audio_player alsa,default",
        "audio_alert alsa,default",
        "video_source v4l2,/dev/video0",
        "video_display x11,nil",
        # 16:9, as the kiosk's screen.
        "video_size 640x360",
        "video_fps 20",
        "video_bitrate 1000000",
        "videnc_format yuv420p",
        "rtp_timeout 60",
        f"module_path {MODULE_FOLDER}",
        *(f"module {name}.so" for name in MODULES),
        *(f"module_tmp {name}.so" for name in TEMPORARY_MODULES),
        *(f"module_app {name}.so" for name in APPLICATIONS),
    ]
    return "\n".join(lines) + "\n"
