# SPDX-License-Identifier: AGPL-3.0-or-later
"""Routers (NAT): before the server, as in most DMZs, and before the kiosk, as in town halls.

The hosts stay behind them: the story after the fault is lived there, and they are on the
network itself again as soon as they begin again.
"""

import re
from collections.abc import Sequence

from stage.hosts.faults.ground import Ground
from stage.hosts.faults.kiosk_says import failed_checks as failed_at_kiosk
from stage.hosts.faults.server_says import failed_checks as failed_at_server
from stage.hosts.hardware import PRINTER
from stage.hosts.installing import await_telephones
from stage.hosts.router import LedIn

SERVER_LAN, KIOSK_LAN = "192.168.77", "192.168.78"
ANSWERS = "/etc/guichet/server.toml"
RTP = "/etc/guichet/asterisk/etc/rtp.conf"
# Those of docs/operate.md; the last one is of sound and picture.
TCP_PORTS = ("80", "443", "5061")
INSTALL_SECONDS = 300.0
# A kiosk tells the server of its self-test within the minute.
WELL_SECONDS = 120.0
NO_MEDIA = {"media: media_not_arriving", "media: no_media"}


def server_behind_router(ground: Ground) -> None:
    """The server is put behind a router: kiosk and server say so, until its address is told."""
    _put_server_behind(ground)
    with ground.timed("told_seconds"):
        ground.seen["self_test"] = ground.wait(
            lambda: sorted(NO_MEDIA & set(failed_at_kiosk(ground.kiosk))),
            "the kiosk's self-test says that no sound and picture arrive",
            WELL_SECONDS,
        )
    ground.seen["server_says"] = said = failed_at_server(ground.server)
    ground.expect(
        "names" in said, f"guichet-server check finds the names right: {said}"
    )
    _tell_of_router(ground)
    _see_well(ground)


def kiosk_behind_router(ground: Ground) -> None:
    """Kiosk and server each stand behind a router; the kiosk's printer is on its side."""
    _put_server_behind(ground)
    _tell_of_router(ground)
    _put_behind(ground, "kiosk", PRINTER, lan=KIOSK_LAN)
    _see_well(ground)


def with_public_address(answers: str, address: str) -> str:
    """Give the server's answers with that of its router: above all tables, as TOML wants it."""
    return f'public_address = "{address}"\n{answers}'


def media_ports(rtp: str) -> str:
    """Give the range of ports that an rtp.conf names, as nft writes it."""
    ends = dict(re.findall(r"(?m)^(rtpstart|rtpend)\s*=\s*(\d+)", rtp))
    return f"{ends['rtpstart']}-{ends['rtpend']}"


def _put_server_behind(ground: Ground) -> None:
    media = media_ports(ground.server.read(RTP).decode())
    led_in = [LedIn("tcp", port) for port in TCP_PORTS] + [LedIn("udp", media)]
    _put_behind(ground, "server", lan=SERVER_LAN, led_in=led_in)


def _put_behind(
    ground: Ground, *names: str, lan: str, led_in: Sequence[LedIn] = ()
) -> None:
    """Switch hosts off, carry them behind a router, and have all telephones come back."""
    for name in names:
        ground.hosts.host(name).shut_down()
    ground.hosts.put_behind_router(*names, lan=lan, led_in=led_in)
    with ground.timed(f"{names[0]}_back_seconds"):
        for name in names:
            ground.hosts.host(name).boot()
        await_telephones(ground.hosts)


def _tell_of_router(ground: Ground) -> None:
    """Do what docs/install.md says of a router: its address into the answers, and install."""
    server = ground.server
    address = ground.hosts.network.address(ground.hosts.number("server"))
    answers = server.read(ANSWERS).decode()
    server.write(ANSWERS, with_public_address(answers, address).encode(), "600")
    with ground.timed("install_seconds"):
        server.run("guichet-server", "install", timeout_seconds=INSTALL_SECONDS)
    await_telephones(ground.hosts)


def _see_well(ground: Ground) -> None:
    """Have the self-test and the check find nothing, and a call whose both ends see each other."""
    with ground.timed("well_seconds"):
        ground.wait(
            lambda: not failed_at_kiosk(ground.kiosk),
            "the kiosk's self-test finds sound and picture arrive",
            WELL_SECONDS,
        )
        ground.wait(
            lambda: not failed_at_server(ground.server),
            "guichet-server check finds nothing wrong",
            WELL_SECONDS,
        )
    with ground.timed("booked_to_call_seconds"):
        appointment = ground.begin_call()
    ground.expect_pictures()
    ground.end_call(appointment)
