# SPDX-License-Identifier: AGPL-3.0-or-later
"""What peers write into the manager's bytes is nobody's event."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import structlog

from booking_web.dispatcher.command import _configure_log
from booking_web.dispatcher.manager.ami import AmiEvent, Connected, Notice
from booking_web.dispatcher.manager.panoramisk_ami import PanoramiskAmi
from booking_web.dispatcher.manager.panoramisk_connection import AmiAddress

TRACES = Path(__file__).parents[3] / "fixtures" / "ami"
SYSTEM_NAME = "guichet-8f14e45fceea167a"
DEADLINE_SECONDS = 90.0
HANGUP = "Event: Hangup\r\nUniqueid: gv-1-1\r\nLinkedid: gv-1-1\r\nCause: 16"
# What Asterisk began with "Exten: " when these were dialled.
DIALLED = {
    "an event": f"x\r\n\r\n{HANGUP}\r\n\r\n",
    "an event that looks whole": "x\r\n\r\nEvent: Hangup\r\nPrivilege: call,all\r\n"
    "SystemName: guichet\r\nUniqueid: gv-1-1\r\nLinkedid: gv-1-1\r\n\r\n",
    "a header in its own event": "x\r\nUniqueid: gv-1-1",
    "a header in other letters": "x\r\nUNIQUEID: gv-1-1\r\nLINKEDID: gv-1-1",
    "another event's name": "x\r\nEvent: Hangup",
    "the end of Asterisk": "x\r\n\r\nEvent: Shutdown\r\nShutdown: Cleanly\r\n\r\n",
    "an answer": "x\r\n\r\nResponse: Error\r\nActionID: guichet/gv-1-1\r\n\r\n",
    "another beginning": "x\r\n\r\nEvent: FullyBooted\r\nUptime: 0\r\n\r\n",
    "half a line break": f"x\n\n{HANGUP}\n\n",
    "no header at all": "x\r\nnonsense",
}


class Manager:
    """Asterisk's end of the manager connections: it signs in and answers pings."""

    def __init__(self) -> None:
        self.listeners: list[asyncio.StreamWriter] = []

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        while True:
            try:
                block = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                writer.close()
                return
            asked = dict(
                line.split(": ", 1) for line in block.decode().split("\r\n") if line
            )
            answer = f"Response: Success\r\nActionID: {asked['ActionID']}\r\n"
            if asked["Action"] == "CoreSettings":
                answer += f"SystemName: {SYSTEM_NAME}\r\n"
            writer.write(f"{answer}\r\n".encode())
            if asked["Action"] == "Login" and asked["Events"] != "off":
                booted = (
                    "Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 9\r\n\r\n"
                )
                writer.write(booted.encode())
                self.listeners.append(writer)

    def tell(self, text: str) -> None:
        for writer in self.listeners:
            writer.write(text.encode())


Story = Callable[[Manager, "asyncio.Queue[Notice]"], Awaitable[None]]


def run(story: Story) -> None:
    async def go() -> None:
        manager = Manager()
        server = await asyncio.start_server(manager.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        ami = PanoramiskAmi(AmiAddress("127.0.0.1", port, "guichet", "secret"))
        heard: asyncio.Queue[Notice] = asyncio.Queue()

        async def listen() -> None:
            async for notice in ami.notices():
                heard.put_nowait(notice)

        listening = asyncio.create_task(listen())
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await story(manager, heard)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            server.close()

    asyncio.run(go())


def recorded(name: str) -> str:
    text = (TRACES / f"{name}.txt").read_text().strip("\n")
    # Some were recorded where the system had no name.
    text = text.replace("SystemName: guichet\n", "")
    text = re.sub("(?m)^(Privilege: .*)$", rf"\1\nSystemName: {SYSTEM_NAME}", text)
    return text.replace("\n", "\r\n") + "\r\n\r\n"


async def told_until(heard: "asyncio.Queue[Notice]", name: str) -> list[str]:
    """Give what is told of channels, until the event of that name: `Hangup gv-1-1`."""
    told = []
    while not told or told[-1] != f"{name} ":
        notice = await heard.get()
        if isinstance(notice, AmiEvent):
            told.append(f"{notice.name} {notice.get('Uniqueid')}")
        else:
            told.append(type(notice).__name__)
    return told


def uniqueids(text: str) -> list[str]:
    blocks = text.strip("\r\n").split("\r\n\r\n")
    told = (dict(line.split(": ", 1) for line in b.split("\r\n")) for b in blocks)
    return [f"{each['Event']} {each.get('Uniqueid', '')}" for each in told]


@pytest.mark.parametrize("dialled", DIALLED.values(), ids=DIALLED)
def test_a_value_with_line_breaks_is_no_event(dialled: str) -> None:
    async def story(manager: Manager, heard: "asyncio.Queue[Notice]") -> None:
        assert isinstance(await heard.get(), Connected)
        first, _, rest = recorded("direct_call").partition("\r\n\r\n")
        assert "Exten: kiosk-wassigny" in first
        forged = first.replace("Exten: kiosk-wassigny", f"Exten: {dialled}")
        manager.tell(f"{forged}\r\n\r\n{rest}{end}")
        told = await told_until(heard, "Reload")
        # Of the event itself the beginning may be heard: no channel is named in it.
        assert [each for each in told if each != "Newchannel "] == [
            *uniqueids(rest),
            "Reload ",
        ]

    end = f"Event: Reload\r\nPrivilege: system,all\r\nSystemName: {SYSTEM_NAME}\r\n\r\n"
    run(story)


@pytest.mark.parametrize("trace", sorted(path.stem for path in TRACES.glob("*.txt")))
def test_each_event_of_asterisks_own_is_heard(trace: str) -> None:
    async def story(manager: Manager, heard: "asyncio.Queue[Notice]") -> None:
        assert isinstance(await heard.get(), Connected)
        text = recorded(trace)
        manager.tell(text)
        for block in text.strip().split("\r\n\r\n"):
            notice = await heard.get()
            assert isinstance(notice, AmiEvent)
            lines = [line.split(": ", 1) for line in block.split("\r\n")]
            told = {k: v for k, v in lines if "Variable" not in k}
            assert {k: notice.get(k) for k in told} == told

    run(story)


def test_a_message_in_pieces_is_heard_whole() -> None:
    async def story(manager: Manager, heard: "asyncio.Queue[Notice]") -> None:
        assert isinstance(await heard.get(), Connected)
        for piece in recorded("kiosk_not_registered"):
            manager.tell(piece)
            await asyncio.sleep(0)
        notice = await heard.get()
        assert isinstance(notice, AmiEvent)
        assert notice.get("Uniqueid") == "gv-3-1"

    run(story)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_value_in_the_dispatchers_log_begins_no_line(
    as_json: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    _configure_log(as_json)
    try:
        logger = structlog.get_logger("booking_web.dispatcher.anything")
        logger.warning("code not keyed", error="no\r\nForged: yes\nForged\x85Forged")
    finally:
        structlog.reset_defaults()
    lines = capfd.readouterr().err.split("\n")
    assert len(lines) == 2 and lines[1] == ""
    assert "Forged: yes" in lines[0]
    if as_json:
        assert json.loads(lines[0])["event"] == "code not keyed"
