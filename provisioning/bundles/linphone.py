# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes what Linphone fetches or is given as a file: its remote provisioning. Pure.

Its namespace and elements are liblinphone's own. Of the secret it holds the digest only.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from provisioning.asterisk.realtime_rows import REALM
from provisioning.bundles.softphone import (
    KNOWN_AUTHORITIES,
    REGISTER_SECONDS,
    SoftphoneSettings,
)
from provisioning.database.models import SipTransport

NAMESPACE = "http://www.linphone.org/xsds/lpconfig.xsd"
MEDIA_TYPE = "application/xml"
FILE_NAME = "linphone.xml"
# Every Linphone that fetches its settings says so by this header (liblinphone 5).
REQUEST_HEADER = "X-Linphone-Provisioning"
# 0: closed; -1: any port. What comes by itself from the network is not listened to.
CLOSED, ANY_PORT = "0", "-1"
KILOBITS = "1024"

Sections = Mapping[str, Mapping[str, str]]


def linphone_xml(settings: SoftphoneSettings) -> bytes:
    """Give the document that sets Linphone up for this counsellor."""
    root = ET.Element("config", xmlns=NAMESPACE)
    for name, entries in _sections(settings).items():
        section = ET.SubElement(root, "section", name=name)
        for key, value in entries.items():
            entry = ET.SubElement(section, "entry", name=key, overwrite="true")
            entry.text = value
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _sections(settings: SoftphoneSettings) -> Sections:
    return {
        # The link is good once: it is forgotten as soon as it was read.
        "misc": {"transient_provisioning": "1"},
        "sip": {"default_proxy": "0", **_sip(settings)},
        "net": {"upload_bw": KILOBITS, "download_bw": KILOBITS},
        "video": {
            "capture": "1",
            "display": "1",
            "automatically_initiate": "1",
            "automatically_accept": "1",
            # 16:9, as the kiosk's screen.
            "size": "720p",
        },
        "audio_codec_0": _codec("opus", "48000", "2"),
        # Its clock is 8000 by mistake for ever (RFC 3551, 4.5.2); the sound is 7 kHz wide.
        "audio_codec_1": _codec("G722", "8000", "1"),
        "audio_codec_2": _codec("PCMU", "8000", "1"),
        "video_codec_0": _codec("VP8", "90000"),
        "video_codec_1": _codec("H264", "90000"),
        "proxy_0": _account(settings),
        "auth_info_0": {
            "username": settings.user,
            "userid": settings.user,
            "ha1": settings.ha1,
            "realm": REALM,
            "domain": settings.server.host,
            "algorithm": "MD5",
        },
    }


def _sip(settings: SoftphoneSettings) -> dict[str, str]:
    used = settings.transport
    ports = {
        "sip_port": ANY_PORT if used is SipTransport.UDP else CLOSED,
        "sip_tcp_port": ANY_PORT if used is SipTransport.TCP else CLOSED,
        "sip_tls_port": ANY_PORT if used is SipTransport.TLS else CLOSED,
    }
    trust = {}
    if settings.server.authority is not None:
        # It can be given no authority. Where there is no such file, as on Windows and on
        # telephones, it falls back to its own list.
        trust = {"root_ca": KNOWN_AUTHORITIES}
    return {
        **ports,
        "verify_server_certs": "1",
        "verify_server_cn": "1",
        **trust,
        # Codes for printer and scanner travel as SIP INFO.
        "use_info": "1",
        "use_rfc2833": "0",
        "media_encryption": "srtp" if settings.is_encrypted else "none",
        # To who may come in clear Asterisk offers plain RTP with a key, which Linphone would
        # refuse if it had to encrypt.
        "media_encryption_mandatory": "1" if settings.must_encrypt else "0",
    }


def _account(settings: SoftphoneSettings) -> dict[str, str]:
    return {
        "reg_proxy": f"<{settings.address}>",
        "reg_route": f"<{settings.address}>",
        "reg_identity": (
            f'"{settings.quoted_name}" <sip:{settings.user}@{settings.server.host}>'
        ),
        "realm": REALM,
        "reg_sendregister": "1",
        "reg_expires": str(REGISTER_SECONDS),
        "publish": "0",
        # RTP/AVPF, which our Asterisk does not speak with softphones.
        "avpf": "0",
    }


def _codec(mime: str, rate: str, channels: str | None = None) -> dict[str, str]:
    told = {"mime": mime, "rate": rate}
    if channels is not None:
        told["channels"] = channels
    return {**told, "enabled": "1"}
