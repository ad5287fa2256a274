# SPDX-License-Identifier: AGPL-3.0-or-later
"""The port to the manager interface, on a real one."""

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from booking_web.base.settings import load_settings
from booking_web.dispatcher.manager.ami import (
    AmiEvent,
    AmiRefused,
    AmiUnavailable,
    AmiValueRefused,
    Connected,
    Notice,
    Originate,
)
from booking_web.dispatcher.manager.panoramisk_ami import PanoramiskAmi
from booking_web.dispatcher.manager.panoramisk_connection import AmiAddress
from stage.ami import BareAmi
from stage.endpoint import Endpoint
from stage.sip_probe import SipProbe
from stage.stack import Stage
from stage.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.real

KIOSK, OTHER = "kiosk-wassigny", "kiosk-guise"
DEADLINE_SECONDS = 10.0 * PATIENCE
# As Asterisk logs it.
REFUSED = "failed to authenticate"
Story = Callable[[PanoramiskAmi, asyncio.Queue[Notice]], Awaitable[None]]


def address(stage: Stage, **changed: str) -> AmiAddress:
    settings = load_settings(stage.settings_file, environment={})
    return AmiAddress(
        settings.ami_host,
        settings.ami_port,
        settings.ami_username,
        changed.get("secret") or settings.ami_secret or "",
    )


def run(at: AmiAddress, story: Story) -> None:
    async def go() -> None:
        port = PanoramiskAmi(at)
        heard: asyncio.Queue[Notice] = asyncio.Queue()

        async def listen() -> None:
            async for notice in port.notices():
                heard.put_nowait(notice)

        listening = asyncio.create_task(listen())
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await story(port, heard)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    asyncio.run(go())


def order(call: str, **variables: str) -> Originate:
    return Originate(
        call=call,
        channel=f"PJSIP/{KIOSK}",
        context="guichet-queue",
        extension="start",
        caller_id='"MSA" <guichet>',
        codecs="opus,ulaw",
        timeout_ms=12000,
        variables={
            "__GUICHET_CALL": call,
            "__GUICHET_KIOSK": KIOSK,
            "__GUICHET_ORGANISATION": "caf",
            "PJSIP_HEADER(add,Call-Info)": "<sip:guichet>;answer-after=0",
            **variables,
        },
    )


async def event(heard: asyncio.Queue[Notice], name: str) -> AmiEvent:
    while True:
        notice = await heard.get()
        if isinstance(notice, AmiEvent) and notice.name == name:
            return notice


@pytest.mark.parametrize(
    "name",
    [
        "Dupont, Jean (Guise)",
        'Jean "Jo" \\ [Roi] ((x',
        "Zoé; Łucja 😀 | $1",
        "a=b,__GUICHET_KIOSK=kiosk-guise",
    ],
)
def test_a_variable_arrives_as_it_was_given(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint, name: str
) -> None:
    async def story(port: PanoramiskAmi, heard: asyncio.Queue[Notice]) -> None:
        assert isinstance(await heard.get(), Connected)
        await port.originate(order("gv-900-1", __GUICHET_CALLER_NAME=name))
        await event(heard, "OriginateResponse")

    run(address(asterisk_stage), story)
    answer = ami.action("Getvar", Channel="gv-900-1", Variable="GUICHET_CALLER_NAME")
    assert answer["Value"] == name
    answer = ami.action("Getvar", Channel="gv-900-1", Variable="GUICHET_KIOSK")
    assert answer["Value"] == KIOSK


# The last two are the same to a SIP stack, and not to who looks for the word.
@pytest.mark.parametrize("parameter", ["maddr", "MADDR", "m%61ddr"])
def test_a_kiosk_whose_contact_leads_elsewhere_is_not_called(
    asterisk_stage: Stage, ami: BareAmi, parameter: str
) -> None:
    """`maddr` (RFC 3261, 19.1.1) names an operator's machine, and the user a number."""
    ca_file = asterisk_stage.directory / "tls" / "ca.pem"

    async def story(port: PanoramiskAmi, heard: asyncio.Queue[Notice]) -> None:
        assert isinstance(await heard.get(), Connected)
        with pytest.raises(AmiRefused, match="leads elsewhere"):
            await port.originate(replace(order("gv-900-1"), channel=f"PJSIP/{OTHER}"))

    bundle = tomllib.loads((asterisk_stage.bundles / f"{OTHER}.toml").read_text())
    contact = f"sip:0899701239@127.0.0.1;transport=tls;{parameter}=127.0.0.1"
    with SipProbe("tls", asterisk_stage.ports.sip_tls, ca_file) as tls:
        secret = str(bundle["sip"]["secret"])
        assert tls.register(OTHER, secret, contact=contact).code == 200
        run(address(asterisk_stage), story)


def test_channels_and_their_variables_are_listed(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint
) -> None:
    async def look(port: PanoramiskAmi, heard: asyncio.Queue[Notice]) -> None:
        assert isinstance(await heard.get(), Connected)
        (channel,) = await port.channels()
        assert channel.uniqueid == channel.linkedid == "gv-901-1"
        assert channel.name.startswith(f"PJSIP/{KIOSK}-")
        assert channel.is_up
        assert channel.variables["GUICHET_CALL"] == "gv-901-1"
        await port.hang_up("gv-901-1")
        with pytest.raises(AmiRefused, match="No such channel"):
            await port.hang_up("gv-901-2")

    # Nobody of this one takes it: the call is the kiosk's channel alone.
    ami.place_call(KIOSK, "sous-prefecture-vervins", "gv-901-1")
    ami.wait_event("QueueCallerJoin")
    run(address(asterisk_stage), look)


def test_what_asterisk_remembers_is_read_and_what_it_does_not_is_nothing(
    asterisk_stage: Stage, ami: BareAmi
) -> None:
    async def story(port: PanoramiskAmi, heard: asyncio.Queue[Notice]) -> None:
        assert isinstance(await heard.get(), Connected)
        family = await port.remembered("guichet-trial")
        assert family == {"kiosk-a": "gv-1-1|done", "kiosk-b": "gv-2-1|left"}
        one = await port.remembered_one("guichet-trial", "kiosk-b")
        assert one == "gv-2-1|left"
        assert await port.remembered_one("guichet-trial", "kiosk-c") is None
        assert await port.remembered("guichet-nothing") == {}

    cli = asterisk_stage.asterisk.cli
    cli('database put guichet-trial kiosk-a "gv-1-1|done"')
    cli('database put guichet-trial kiosk-b "gv-2-1|left"')
    try:
        run(address(asterisk_stage), story)
    finally:
        cli("database deltree guichet-trial")


@pytest.mark.parametrize("injected", ["a\r\nAction: Logoff", "a\nb", "a\rb"])
def test_a_line_break_is_refused_before_it_is_sent(
    asterisk_stage: Stage, ami: BareAmi, injected: str
) -> None:
    async def story(port: PanoramiskAmi, heard: asyncio.Queue[Notice]) -> None:
        assert isinstance(await heard.get(), Connected)
        with pytest.raises(AmiValueRefused):
            await port.originate(order("gv-902-1", __GUICHET_CALLER_NAME=injected))
        with pytest.raises(AmiValueRefused):
            await port.hang_up(injected)
        assert await port.channels() == []

    run(address(asterisk_stage), story)


def test_a_wrong_secret_is_never_a_connection(
    asterisk_stage: Stage, ami: BareAmi
) -> None:
    log = asterisk_stage.asterisk.messages
    before = log.read_text(errors="replace").count(REFUSED)

    def is_refused_again() -> bool:
        return log.read_text(errors="replace").count(REFUSED) >= before + 2

    async def story(port: PanoramiskAmi, heard: asyncio.Queue[Notice]) -> None:
        # Whoever asks again has heard what came of the time before.
        await asyncio.to_thread(wait_for, is_refused_again, "it asks again", 8.0)
        assert heard.empty()
        with pytest.raises(AmiUnavailable):
            await port.channels()

    run(address(asterisk_stage, secret="wrong"), story)


def test_an_address_never_shows_its_secret() -> None:
    at = AmiAddress("127.0.0.1", 5038, "guichet", "hush")
    assert "hush" not in f"{at} {at!r}"
