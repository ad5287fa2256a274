# SPDX-License-Identifier: AGPL-3.0-or-later
"""Refuse a pjsua2 that lacks what Guichet virtuel needs of it.

Runs in the environment that the wheel was just built in, before it is cached.
"""

import pjsua2


def missing_parts() -> list[str]:
    """Return what this build cannot do, in words."""
    missing = []
    endpoint = pjsua2.Endpoint()
    endpoint.libCreate()
    configuration = pjsua2.EpConfig()
    configuration.logConfig.level = 1
    configuration.uaConfig.threadCnt = 0
    endpoint.libInit(configuration)
    codecs = " ".join(
        codec.codecId for codec in (*endpoint.codecEnum2(), *endpoint.videoCodecEnum2())
    )
    missing += [name for name in ("opus", "PCMU", "VP8", "H264") if name not in codecs]
    devices = [device.name for device in endpoint.vidDevManager().enumDev2()]
    missing += [
        name
        for name in ("SDL renderer", "Null renderer", "Colorbar generator")
        if name not in devices
    ]
    try:
        endpoint.transportCreate(pjsua2.PJSIP_TRANSPORT_TLS, pjsua2.TransportConfig())
    except pjsua2.Error:
        missing.append("TLS")
    if not endpoint.srtpCryptoEnum():
        missing.append("SRTP")
    if not hasattr(pjsua2.StreamStat, "vidDecFrames"):
        missing.append("the count of decoded pictures")
    endpoint.libDestroy()
    return missing


if __name__ == "__main__":
    parts = missing_parts()
    if parts:
        raise SystemExit("pjsua2 lacks: " + ", ".join(parts))
