# SPDX-License-Identifier: AGPL-3.0-or-later
"""A server behind a router: what others are told of it, and what is said where they are not."""

import json
from pathlib import Path

import pytest

from provisioning.asterisk.trunk import TrunkOptions, follow_router, write_trunk
from provisioning.server.answers import PRIVATE, AnswersError
from provisioning.server.checks import of_media, of_network
from provisioning.server.checks.check import State
from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine
from provisioning.server.site_files import own_address, site_options
from tests.unit.provisioning.server.machines import (
    ToldPrograms,
    machine_in,
    some_answers,
)

ROUTER, OWN = "203.0.113.9", "192.168.7.10"
BEHIND = some_answers(public_address=ROUTER)
LINE = TrunkOptions(host="sip.operator.example", caller_number="0323000000")


@pytest.fixture
def here(tmp_path: Path) -> tuple[Machine, ToldPrograms]:
    machine, programs = machine_in(tmp_path)
    programs.answer("ip -json route get", json.dumps([{"prefsrc": OWN}]))
    link = {"addr_info": [{"local": OWN}]}
    programs.answer("ip -json address", json.dumps([link]))
    machine.layout.etc.mkdir(parents=True)
    return machine, programs


def in_force(here: tuple[Machine, ToldPrograms], address: str) -> None:
    """Have Asterisk say so of the address that others are told, and its file have it."""
    machine, programs = here
    asked = f"/usr/sbin/guichet-asterisk -C {machine.layout.asterisk}/asterisk.conf -rx"
    shown = (
        f" external_media_address        : {address}\n external_signaling_port : 0\n"
    )
    programs.answer(f"{asked} pjsip show transport transport-tls", shown)
    (machine.layout.etc / "rtp.conf").write_text(
        f"[ice_host_candidates]\n{OWN} => {ROUTER},include_local_address\n"
    )


def said_by_kiosks(programs: ToldPrograms, **states: str | None) -> None:
    """Have each kiosk have found that of its media last; None: it has not tried."""
    lines = [
        {
            "kiosk": kiosk,
            "is_silent": state == "silent",
            "checks": {"media": "failed" if state == "silent" else state},
        }
        for kiosk, state in states.items()
    ]
    programs.answer("guichet-web", "".join(f"{json.dumps(each)}\n" for each in lines))


def test_a_server_that_no_router_stands_before_tells_its_own_address(here) -> None:
    options = site_options(here[0], some_answers())
    assert (options.public_address, options.own_address) == ("", "")


def test_a_router_s_address_is_told_but_to_who_comes_without_it(here) -> None:
    options = site_options(here[0], BEHIND)
    assert (options.public_address, options.own_address) == (ROUTER, OWN)
    assert options.local_networks == PRIVATE


@pytest.mark.parametrize("told", ["", "[]", "no JSON", '[{"dst": "203.0.113.9"}]'])
def test_a_machine_without_a_way_out_says_so(here, told: str) -> None:
    here[1].answer("ip -json route get", told)
    with pytest.raises(ServerError, match=f"no way leads to {ROUTER}"):
        own_address(here[0], ROUTER)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("public_address", "guichet.example.fr", "is no address such as"),
        ("public_address", "2001:db8::1", "is no address such as"),
        ("local_networks", ["192.168.1.7/24"], "is no network such as"),
        ("local_networks", ["everybody"], "is no network such as"),
    ],
)
def test_what_is_no_address_or_network_is_told(key: str, value: object, says) -> None:
    with pytest.raises(AnswersError, match=says):
        some_answers(**{key: value})


@pytest.mark.parametrize(
    ("is_own", "state", "says"),
    [
        # Many a router leads nobody back who is behind it.
        (None, State.OK, "lead to the router, 203.0.113.9"),
        (True, State.OK, "lead to the router, 203.0.113.9"),
        (False, State.FAILED, "203.0.113.9, which is not this machine"),
    ],
)
def test_a_name_may_lead_to_the_router_that_is_told_of(
    here, monkeypatch, is_own: bool | None, state: State, says: str
) -> None:
    leads_to(monkeypatch, ROUTER, is_own)
    found = of_network.names(here[0], BEHIND)
    assert found.state is state and says in found.says


def test_a_router_that_nobody_told_of_is_told_with_what_to_write(
    here, monkeypatch
) -> None:
    leads_to(monkeypatch, ROUTER, True)
    found = of_network.names(here[0], some_answers())
    assert found.state is State.FAILED and "hear and see nothing" in found.says
    assert f'public_address = "{ROUTER}"' in found.advice


def test_another_router_than_the_one_told_of_is_told(here, monkeypatch) -> None:
    leads_to(monkeypatch, "203.0.113.77", True)
    found = of_network.names(here[0], BEHIND)
    assert found.state is State.FAILED and "203.0.113.77" in found.advice


@pytest.mark.parametrize("answers", [some_answers(), BEHIND])
def test_a_name_of_the_file_of_hosts_tells_nothing_of_the_dns(
    here, monkeypatch, answers
) -> None:
    """Asterisk needs that line where the name is the machine's own, and Debian writes it."""
    leads_to(monkeypatch, "127.0.1.1", True)
    found = of_network.names(here[0], answers)
    assert found.state is State.ABSENT and "by /etc/hosts" in found.says


def test_of_several_addresses_one_is_named_that_can_be_written(
    here, monkeypatch
) -> None:
    found = {*map(of_network.ipaddress.ip_address, ("2001:db8::9", "203.0.113.77"))}
    monkeypatch.setattr(of_network, "_addresses", lambda name: found)
    monkeypatch.setattr(
        of_network, "_is_own_certificate_shown", lambda machine, name: None
    )
    told = of_network.names(here[0], some_answers())
    assert told.state is State.FAILED
    assert 'public_address = "203.0.113.77" in ' in told.advice
    assert of_network.router_before(here[0], "guichet.example.fr") == "203.0.113.77"


def leads_to(monkeypatch, address: str, is_own: bool | None) -> None:
    found = {of_network.ipaddress.ip_address(address)}
    monkeypatch.setattr(of_network, "_addresses", lambda name: found)
    monkeypatch.setattr(
        of_network, "_is_own_certificate_shown", lambda machine, name: is_own
    )


@pytest.mark.parametrize(
    ("address", "expected"),
    [(ROUTER, ROUTER), (OWN, None), ("127.0.1.1", None), ("2001:db8::9", None)],
)
def test_who_installs_is_proposed_the_router_to_which_the_name_leads(
    here, monkeypatch, address: str, expected: str | None
) -> None:
    leads_to(monkeypatch, address, None)
    assert of_network.router_before(here[0], "guichet.example.fr") == expected


@pytest.mark.parametrize(
    ("answers", "address", "says"),
    [
        (BEHIND, "", "does not tell others of the router yet"),
        (BEHIND, "203.0.113.1", "still tells others 203.0.113.1"),
        (some_answers(), ROUTER, f"still tells others {ROUTER}"),
    ],
)
def test_an_address_that_asterisk_has_not_taken_up_is_told(
    here, answers, address: str, says: str
) -> None:
    in_force(here, address)
    found = of_media.media(here[0], answers)
    assert found.state is State.FAILED and says in found.says
    assert "restarts Asterisk" in found.advice


def test_a_machine_that_got_another_address_behind_its_router_is_told(here) -> None:
    in_force(here, ROUTER)
    here[1].answer("ip -json route get", json.dumps([{"prefsrc": "192.168.7.11"}]))
    found = of_media.media(here[0], BEHIND)
    assert found.state is State.FAILED and "192.168.7.11" in found.says
    assert found.advice == "guichet-server install"


def test_a_file_of_asterisk_that_is_gone_is_told(here) -> None:
    in_force(here, ROUTER)
    (here[0].layout.etc / "rtp.conf").unlink()
    found = of_media.media(here[0], BEHIND)
    assert found.state is State.FAILED and "rtp.conf: No such file" in found.says


@pytest.mark.parametrize(
    ("kiosks", "state", "says"),
    [
        ({}, State.ABSENT, "no kiosk that is there has tried it"),
        ({"a": None, "b": "silent"}, State.ABSENT, "has tried it"),
        ({"a": "ok", "b": "ok", "c": None}, State.OK, "at 2 of 2 kiosks"),
        ({"a": "ok", "b": "failed"}, State.OK, "at 1 of 2 kiosks, not at b"),
        ({"a": "failed", "b": "silent"}, State.FAILED, "neither sound nor picture"),
        (
            dict.fromkeys("abcde", "failed"),
            State.FAILED,
            "neither sound nor picture at a, b, c and 2 more",
        ),
    ],
)
def test_what_the_kiosks_found_of_their_media_is_told(
    here, kiosks: dict[str, str | None], state: State, says: str
) -> None:
    in_force(here, ROUTER)
    said_by_kiosks(here[1], **kiosks)
    found = of_media.media(here[0], BEHIND)
    assert found.state is state and says in found.says


def test_kiosks_that_cannot_be_asked_about_are_no_fault_of_the_router(here) -> None:
    in_force(here, "")
    here[1].answer("guichet-web", exit_code=1)
    assert of_media.media(here[0], some_answers()).state is State.ABSENT


def test_an_asterisk_that_does_not_answer_is_told(here) -> None:
    here[1].answer("/usr/sbin/guichet-asterisk", exit_code=1)
    found = of_media.media(here[0], BEHIND)
    assert found.state is State.FAILED and "guichet-server logs" in found.advice


def routed(machine: Machine, address: str) -> None:
    """Have pjsip.conf say so of a router; empty: there is none."""
    told = f"external_media_address = {address}\nlocal_net = 10.0.0.0/8\n"
    text = f"[reached](!)\ntype = transport\n{told if address else ''}"
    (machine.layout.etc / "pjsip.conf").write_text(text)


def test_the_telephone_line_s_operator_is_told_of_the_router_as_all_others(
    here,
) -> None:
    machine, _ = here
    routed(machine, ROUTER)
    write_trunk(machine.layout, LINE)
    file = machine.layout.etc / "pjsip_trunk.conf"
    written = file.read_text()
    assert f"bind = 0.0.0.0:5070\nexternal_media_address = {ROUTER}\nlocal" in written
    assert follow_router(machine.layout) == []
    routed(machine, "203.0.113.1")
    assert follow_router(machine.layout) == [file]
    assert file.read_text() == written.replace(ROUTER, "203.0.113.1")
    routed(machine, "")
    assert follow_router(machine.layout) == [file]
    assert "external" not in file.read_text() and "local_net" not in file.read_text()
    write_trunk(machine.layout, LINE)
    assert follow_router(machine.layout) == []


def test_without_a_telephone_line_there_is_none_to_tell(here) -> None:
    routed(here[0], ROUTER)
    assert follow_router(here[0].layout) == []
