# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the bench tells its peers, and what it reads from them."""

import pytest

from measure.bare_ami import AmiMessage, parse_fields
from measure.baresip import parse_rates
from measure.call_rate import CROWD, kiosk_of
from measure.inventory import Crowd, burst_organisation, inventory
from measure.sipp_kiosks import injection_file
from provisioning.inventory.plan import Kind
from provisioning.inventory.reading import check_references, parse_inventory


@pytest.mark.parametrize("crowd", [Crowd(0), Crowd(2), CROWD])
def test_the_bench_inventory_is_one_that_provisioning_takes(crowd: Crowd) -> None:
    """No unknown key, no reference to what is not there."""
    check_references(parse_inventory(inventory(crowd)), {})


def test_every_kiosk_of_a_burst_finds_a_counter_at_the_same_hour() -> None:
    """Else the burst would be refused at its booking."""
    snapshot = parse_inventory(inventory(CROWD)).snapshot
    for organisation in {burst_organisation(n) for n in range(CROWD.count)}:
        called = [
            number
            for number in range(CROWD.count)
            if burst_organisation(number) == organisation
        ]
        counters = [
            fields
            for fields in snapshot[Kind.COUNTER].values()
            if fields["organisation"] == organisation
        ]
        assert len(counters) >= len(called)


def test_a_bench_without_a_crowd_has_only_the_two_kiosks() -> None:
    """The rows about endpoints provision no more than they use."""
    snapshot = parse_inventory(inventory(Crowd(0))).snapshot
    assert set(snapshot[Kind.KIOSK]) == {"kiosk-bench-ours", "kiosk-bench-peer"}


def test_sipp_gets_one_line_of_credentials_a_kiosk() -> None:
    """In the order given, under the line that says how to take them."""
    assert injection_file({"kiosk-a": "x1", "kiosk-b": "x2"}).splitlines() == [
        "SEQUENTIAL",
        "kiosk-a;[authentication username=kiosk-a password=x1]",
        "kiosk-b;[authentication username=kiosk-b password=x2]",
    ]


def test_the_kiosk_of_a_channel_is_its_name_without_the_number() -> None:
    """A slug has hyphens of its own."""
    assert kiosk_of("PJSIP/kiosk-crowd-001-0000001f") == "kiosk-crowd-001"


def test_the_last_rates_that_baresip_printed_count() -> None:
    """It prints them again and again on one line."""
    log = b"[0:00:01] efps=0.0/0.0\r[0:00:09] video=44/44 (bit/s) efps=20.0/19.8\r"
    assert parse_rates(log) == (20.0, 19.8)
    assert parse_rates(b"baresip is ready.\n") == (0.0, 0.0)


def test_an_event_is_recognised_by_its_name_and_fields() -> None:
    """The greeting on the first line has no colon; of a repeated field the first counts."""
    block = "Event: Hangup\r\nUniqueid: bench-1\r\nVariable: a=1\r\nVariable: b=2"
    message = AmiMessage(1.0, parse_fields(block))
    assert message.is_event("Hangup", Uniqueid="bench-1")
    assert not message.is_event("Hangup", Uniqueid="bench-2")
    assert not message.is_event("Newchannel")
    assert message.fields["Variable"] == "a=1"
    assert parse_fields("Asterisk Call Manager/11.0.0\r\nResponse: Success") == {
        "Response": "Success"
    }
