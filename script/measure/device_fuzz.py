# SPDX-License-Identifier: AGPL-3.0-or-later
"""device.fuzz: 10,000 broken and hostile codes at a running bridge, none obeyed wrongly.

They come the way that the counsellor's digits come from the kiosk's telephone: over the
bridge's socket, from `sip_endpoints`' own link. What each sequence asks for is told by a
second reader here, which shares nothing with the product's.
"""

import json
import random
import re
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from device_bridge.call.link import LinkClient, LinkError, Say, ToTelephone, ask_bridge
from measure.rows import Figures
from stage.bridge import BridgeProgram
from stage.kiosk_server import TOKEN, KioskServer
from stage.papers import form_pdf
from stage.waiting import wait_for

SEQUENCES = 10_000
# Fewer than the socket holds: nothing is to be lost on the way.
BATCH = 10
# The bench tells it, so that a failure can be had again.
SEED = 20261124
CALL, APPOINTMENT = "fuzz", 41
OTHER_CALL = "somebody-else"
HANG_SECONDS = 20.0
# What makes the devices work: print, scan, copy, and a prepared job.
_WORK = re.compile(r"\*(1[0-9]+|2[0-9]*|3[0-9]*|7[0-9]+)#")
_ALPHABET = "0123456789*#"
_STRANGE = ["A", "D", "", "²", "٣", "10", "*1", "\x00", "é" * 50, "\n", "a" * 5000]


def measure() -> Figures:
    """Send the sequences and compare what the bridge did with what they asked."""
    chance = random.Random(SEED)
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="guichet-"))
        )
        server = stack.enter_context(KioskServer())
        server.appointment, server.documents = APPOINTMENT, {1: form_pdf("Formulaire")}
        settings = {"server_url": server.url, "token": TOKEN, "min_free_bytes": 0}
        devices = {"printer": "virtual", "scanner": "virtual"}
        bridge = BridgeProgram(folder, {**settings, **devices})
        stack.callback(bridge.stop)
        bridge.start()
        pid = bridge.program.pid
        client = LinkClient(bridge.socket)
        stack.callback(client.close)
        wait_for(lambda: client.poll() or client.is_connected, "the bridge listens", 10)
        client.confirm_call(CALL, APPOINTMENT, "counsellor-fuzz")
        began = time.monotonic()
        for _ in range(SEQUENCES // BATCH):
            for _ in range(BATCH):
                _send(client, _hostile(chance), chance)
            _check_alive(client, bridge)
        took = time.monotonic() - began
        told = _print_once(client)
        _check_only_that_was_done(bridge, server, pid)
    return Figures((took,), (), (f"seed {SEED}; afterwards *11# is obeyed: {told!r}",))


def _hostile(chance: random.Random) -> list[str]:
    """Give digits that ask for no work of a device, by this file's own reading."""
    while True:
        length = chance.choice((1, 3, 5, 8, 40))
        digits = [chance.choice(_ALPHABET) for _ in range(length)]
        if chance.random() < 0.6:
            digits = ["*", *digits]
        if chance.random() < 0.6:
            digits.append("#")
        if chance.random() < 0.3:
            digits.insert(chance.randrange(len(digits) + 1), chance.choice(_STRANGE))
        # A doubled INFO; whether it makes another code of it is looked at below.
        digits = [digit for digit in digits for _ in range(1 + _is_doubled(chance))]
        # Each sequence begins where none is open, as the last one is closed.
        if not _WORK.search("".join(digits)):
            return digits


def _is_doubled(chance: random.Random) -> bool:
    return chance.random() < 0.02


def _send(client: LinkClient, digits: list[str], chance: random.Random) -> None:
    call = OTHER_CALL if chance.random() < 0.05 else CALL
    if call == OTHER_CALL:
        # In a call that is not up, even a whole code asks for nothing.
        digits = list(chance.choice(("*11#", "*2#", "*31#", "*71#")))
    for digit in digits:
        client.send_digit(call, digit)
    # A star given up: what follows cannot complete this one.
    client.send_digit(CALL, "*")
    client.send_digit(CALL, "#")
    client.poll()


def _check_alive(client: LinkClient, bridge: BridgeProgram) -> None:
    """Return once the bridge took everything in; raise where it hangs or cut us off."""
    client.poll()
    try:
        ask_bridge(bridge.socket, "status", HANG_SECONDS)
    except LinkError as error:
        raise RuntimeError(f"the bridge hangs: {bridge.program.log_tail()}") from error
    if not client.is_connected:
        raise RuntimeError("the bridge cut the telephone off")


def _print_once(client: LinkClient) -> str:
    """Key a right code after all that; return what the counsellor reads."""
    for digit in "*11#":
        client.send_digit(CALL, digit)
    said: list[ToTelephone] = []

    def printed() -> str | None:
        said.extend(client.poll())
        texts = [each.text for each in said if isinstance(each, Say)]
        return next((text for text in texts if "terminée" in text), None)

    return wait_for(printed, "a right code is obeyed afterwards", HANG_SECONDS)


def _check_only_that_was_done(
    bridge: BridgeProgram, server: KioskServer, pid: int
) -> None:
    """Raise unless the one right code is all that the devices did."""
    log = [json.loads(line) for line in bridge.program.log_text().splitlines()]
    broken = [line for line in log if line["level"] in ("error", "critical")]
    opened = [line for line in log if line["event"] == "job opened"]
    # More than one: the link was lost on the way, and digits with it.
    confirmed = [line for line in log if line["event"] == "call confirmed"]
    sheets = list((bridge.data / "virtual-printer" / "printed").glob("*.pdf"))
    if broken:
        raise RuntimeError(f"the bridge met an error: {broken[0]}")
    if len(confirmed) != 1:
        raise RuntimeError("the link was lost on the way")
    if len(opened) != 1 or len(sheets) != 1 or server.scans():
        raise RuntimeError(f"done without being asked: {opened[:3]}")
    if bridge.program.pid != pid:
        raise RuntimeError("the bridge was restarted")
