# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: settings turned into pjsua2's configuration objects."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

import pjsua2 as pj

from sip_endpoints.call.phone import MissingDeviceError
from sip_endpoints.settings import (
    AUTO,
    COLORBAR,
    MOVING,
    NO_DISPLAY,
    NULL_AUDIO,
    MediaSettings,
    Picture,
    SipSettings,
)

# In order of preference; all others are switched off, which keeps offers short.
AUDIO_CODECS = ("opus/48000/2", "G722/16000/1", "PCMU/8000/1", "PCMA/8000/1")
VIDEO_CODECS = ("VP8", "H264")
VIRTUAL_CAMERAS = {COLORBAR: "Colorbar", MOVING: "Moving"}
SCREEN_RENDERER, NULL_RENDERER = "SDL", "Null"
LARGEST_BLOCKS = 1280 * 720 // 256
MAX_CALLS = 32
# Renewed each minute, which finds a dead line, but good for longer: a name server that is away
# for a while keeps no kiosk from being called over the connection that it has.
REGISTRATION_SECONDS, REFRESH_SECONDS = 900, 55.0
# A line is dead when nothing sent over it is acknowledged for so long: an address
# that changed, a router that forgot us. Longer than the cuts that a village's line has all
# day, and short enough to be registered again within ten seconds.
DEAD_LINE_SECONDS = 6
# An idle connection is asked after so long, then so often; the kernel does it.
ASKED_AFTER_SECONDS, ASKED_EVERY_SECONDS = 3, 1
# A server that takes the connection and says nothing is left after so long.
HANDSHAKE_SECONDS = 4
# Of linux/tcp.h; Python does not name it.
TCP_THIN_LINEAR_TIMEOUTS = 16
# Longer than any attempt to register, which PJSIP_TD_TIMEOUT ends (script/setup.d).
ATTEMPT_SECONDS = 6.0
# pjsip's flag PJMEDIA_VID_DEV_WND_FULLSCREEN_DESKTOP and ..._RESIZABLE, not in SWIG.
WINDOW_RESIZABLE, WINDOW_FULLSCREEN = 2, 8

CONNECTION_OPTIONS = (
    # The 200 must not wait 40 ms for the acknowledgement of the 100 before it.
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, ASKED_AFTER_SECONDS),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, ASKED_EVERY_SECONDS),
    # What was lost over a full line is sent again soon, as long as little waits: not after twice
    # as long each time, which left a call without signalling for 40 s when the line was free again.
    (socket.IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, 1),
    # Without it an unanswered request is sent again for a quarter of an hour.
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_LINE_SECONDS * 1000),
)

# The stack reads the values where these objects keep them, at each connection.
_kept_options: list[pj.SockOpt] = []


def endpoint_config(user_agent: str, sip_log: Path | None) -> pj.EpConfig:
    """Return the stack's configuration: every callback on the one owner thread."""
    # Mesa maps a file of its own, and where the disk is full that ends the process (SIGBUS).
    os.environ.setdefault("MESA_SHADER_CACHE_DISABLE", "true")
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    # 4 by default, and ids are reused (pjproject#3856).
    config.uaConfig.maxCalls = MAX_CALLS
    config.uaConfig.userAgent = user_agent
    config.logConfig.level = 5 if sip_log else 0
    config.logConfig.consoleLevel = 0
    config.logConfig.msgLogging = 1 if sip_log else 0
    config.logConfig.filename = str(sip_log or "")
    media = config.medConfig
    media.threadCnt = 1
    # Opus's own rate: no resampling in the bridge.
    media.clockRate = 48000
    media.channelCount = 1
    media.maxMediaPorts = 16
    # A silent peer still sends RTP, else it could not be told from a dead one.
    media.noVad = True
    return config


def tls_config(sip: SipSettings) -> pj.TransportConfig:
    """Return a TLS transport that talks to servers signed by our CA only."""
    config = pj.TransportConfig()
    config.port = 0
    config.tlsConfig.CaListFile = str(sip.ca_file or "")
    config.tlsConfig.CaBuf = sip.ca
    config.tlsConfig.verifyServer = True
    config.tlsConfig.msecTimeout = HANDSHAKE_SECONDS * 1000
    for level, option, value in CONNECTION_OPTIONS:
        kept = pj.SockOpt(level, option, value)
        _kept_options.append(kept)
        config.tlsConfig.sockOptParams.sockOpts.append(kept)
    return config


@dataclass(frozen=True, slots=True)
class PictureDevices:
    """What a call's picture is taken from at its start, and drawn on."""

    capture: int
    renderer: int
    is_windowed: bool
    # The call begins with camera and window closed.
    is_dark: bool


def account_config(
    sip: SipSettings, media: MediaSettings, devices: PictureDevices
) -> pj.AccountConfig:
    """Return our one account: SHA-256 digest, SRTP always, picture always."""
    config = pj.AccountConfig()
    name = sip.display_name.replace("\\", "\\\\").replace('"', '\\"')
    config.idUri = f'"{name}" <sip:{sip.user}@{sip.server}>'
    registration = config.regConfig
    registration.registrarUri = f"sip:{sip.server}:{sip.port};transport=tls"
    # Attempts are our own (backoff.py): pjsip's stop for ever at a 403.
    registration.registerOnAdd = False
    registration.retryIntervalSec = 0
    registration.timeoutSec = REGISTRATION_SECONDS
    config.sipConfig.authCreds.append(
        pj.AuthCredInfo("digest", "*", sip.user, 0, sip.secret)
    )
    config.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
    config.mediaConfig.srtpSecureSignaling = 1
    # Makes a one-way path work both ways through NAT, and keeps it open.
    config.mediaConfig.streamKaEnabled = True
    config.mediaConfig.transportConfig.port = media.rtp_port_first
    config.mediaConfig.transportConfig.portRange = media.rtp_port_count
    config.natConfig.iceEnabled = False
    # Once registered over another connection, a call is told where it finds us now.
    config.ipChangeConfig.reinviteFlags = (
        pj.PJSUA_CALL_UPDATE_CONTACT | pj.PJSUA_CALL_UPDATE_VIA
    )
    video = config.videoConfig
    video.autoShowIncoming = not devices.is_dark
    video.autoTransmitOutgoing = not devices.is_dark
    video.defaultCaptureDevice = devices.capture
    video.defaultRenderDevice = devices.renderer
    video.windowFlags = WINDOW_RESIZABLE if devices.is_windowed else WINDOW_FULLSCREEN
    # The first whole picture is often lost while Asterisk learns where it comes from; the next
    # one must not take a second, the default.
    video.startKeyframeCount = 5
    video.startKeyframeInterval = 250
    # A burst of a key frame's packets is spread by a thread, not by blocking.
    video.rateControlMethod = pj.PJMEDIA_VID_STREAM_RC_SEND_THREAD
    return config


def choose_codecs(endpoint: pj.Endpoint, picture: Picture) -> None:
    """Leave only our codecs, and set the size, rate and bits of the picture."""
    for found in endpoint.codecEnum2():
        rank = _rank(found.codecId, AUDIO_CODECS)
        endpoint.codecSetPriority(found.codecId, rank)
    for found in endpoint.videoCodecEnum2():
        rank = _rank(found.codecId, VIDEO_CODECS)
        endpoint.videoCodecSetPriority(found.codecId, rank)
        if rank:
            set_picture(endpoint, found.codecId, picture)


def _rank(codec_id: str, wanted: tuple[str, ...]) -> int:
    for index, prefix in enumerate(wanted):
        if codec_id.startswith(prefix):
            return 250 - index
    return 0


def set_picture(endpoint: pj.Endpoint, codec_id: str, sent: Picture) -> None:
    """Have the next stream of this codec send such a picture. Raises pj.Error."""
    parameters = endpoint.getVideoCodecParam(codec_id)
    for picture in (parameters.encFmt, parameters.decFmt):
        picture.width, picture.height = sent.width, sent.height
        picture.fpsNum, picture.fpsDenum = sent.frames_per_second, 1
        picture.avgBps = sent.bitrate_kbps * 1000
        picture.maxBps = sent.bitrate_kbps * 1500
    # VP8's limit is told in macroblocks (RFC 7741); the stack's own 580 is less than
    # 640x360. A softphone may send 720p whatever we prefer.
    blocks = max(LARGEST_BLOCKS, sent.width * sent.height // 256 + 1)
    for index in range(len(parameters.decFmtp)):
        if parameters.decFmtp[index].name.strip() == "max-fs":
            parameters.decFmtp[index].val = str(blocks)
    # Below the smallest usual path MTU with SRTP's and a tunnel's overhead.
    parameters.encMtu = 1200
    endpoint.setVideoCodecParam(codec_id, parameters)


def choose_display(display: str) -> None:
    """Point SDL at a screen, or at none where the settings say so.

    To be called before the library starts. Raise MissingDeviceError without a screen.
    """
    if display == NO_DISPLAY:
        os.environ["SDL_VIDEODRIVER"] = "dummy"
    elif not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise MissingDeviceError(
            "no screen: DISPLAY and WAYLAND_DISPLAY are both unset; start in a"
            ' graphical session or set media.display = "none"'
        )


def find_camera(endpoint: pj.Endpoint, camera: str) -> int:
    """Return the capture device that the settings name, never another one."""
    devices = [
        found
        for found in endpoint.vidDevManager().enumDev2()
        if found.dir & pj.PJMEDIA_DIR_CAPTURE
    ]
    real = [found for found in devices if found.driver not in VIRTUAL_CAMERAS.values()]
    if driver := VIRTUAL_CAMERAS.get(camera):
        chosen = [found for found in devices if found.driver == driver]
    elif camera == AUTO:
        chosen = real
    else:
        chosen = [found for found in real if found.name == camera]
    if not chosen:
        names = ", ".join(repr(found.name) for found in real) or "none"
        wanted = "camera" if camera == AUTO else f"camera {camera!r}"
        raise MissingDeviceError(
            f"no {wanted} (found: {names}); connect one, or set media.camera to"
            f' a name or to "{COLORBAR}"'
        )
    return int(chosen[0].id)


def sizes_of(endpoint: pj.Endpoint, camera: int) -> set[tuple[int, int]]:
    """Return the sizes that a real camera has; none of a virtual one, which draws as it is told."""
    # Both must outlive what is read from them.
    found = endpoint.vidDevManager().getDevInfo(camera)
    formats = found.fmt
    if found.driver in VIRTUAL_CAMERAS.values():
        return set()
    return {(int(each.width), int(each.height)) for each in formats}


def find_stand_in(endpoint: pj.Endpoint, camera: int) -> int:
    """Return a virtual capture device that is not the camera itself."""
    for found in endpoint.vidDevManager().enumDev2():
        if found.driver in VIRTUAL_CAMERAS.values() and found.id != camera:
            return int(found.id)
    raise MissingDeviceError("no virtual camera: the SIP stack was built without")


def find_renderer(endpoint: pj.Endpoint, display: str) -> int:
    """Return SDL's renderer, or the one that drops pictures where settings say so."""
    driver = NULL_RENDERER if display == NO_DISPLAY else SCREEN_RENDERER
    for found in endpoint.vidDevManager().enumDev2():
        if found.driver == driver and found.dir & pj.PJMEDIA_DIR_RENDER:
            return int(found.id)
    raise MissingDeviceError("no video renderer: SDL could not open the screen")


def open_audio(endpoint: pj.Endpoint, audio: str) -> None:
    """Use the sound card, or silence where the settings say so."""
    manager = endpoint.audDevManager()
    if audio == NULL_AUDIO:
        manager.setNullDev()
        return
    devices = manager.enumDev2()
    if not any(found.inputCount for found in devices) or not any(
        found.outputCount for found in devices
    ):
        raise MissingDeviceError(
            "no sound card with a microphone and a loudspeaker; connect one, or set"
            f' media.audio = "{NULL_AUDIO}"'
        )
