# SPDX-License-Identifier: AGPL-3.0-or-later
"""kiosk.toml: what was chosen on this machine."""

from pathlib import Path

import pytest

from sip_endpoints.machine.system.choices import (
    ChoiceRefused,
    Choices,
    Devices,
    Line,
    Network,
    Screens,
    read_choices,
    write_choices,
)
from sip_endpoints.machine.system.firewall import firewall_text


def test_without_a_file_everything_is_found_by_itself(tmp_path: Path) -> None:
    assert read_choices(tmp_path / "kiosk.toml") == Choices()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    choices = Choices(
        language="en",
        devices=Devices(printer='Printer "at the window"', scanner="none"),
        screens=Screens(call="HDMI-A-1", pages="DP-1"),
        network=Network(("10.2.0.0/16", "fd00::/8")),
        line=Line(up_kbps=400),
    )
    write_choices(tmp_path / "kiosk.toml", choices)
    assert read_choices(tmp_path / "kiosk.toml") == choices


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("langage = 1", "langage est inconnu"),
        ('language = "de"', "fr"),
        ("[devices]\nwebcam = 'x'", "devices.webcam est inconnu"),
        ("[devices]\ncamera = 7", "devices.camera n'est pas un texte"),
        ('[devices]\ncamera = "a\\u0007"', "devices.camera n'est pas un texte"),
        ("[screens]\ncount = 3", "screens.count est 1 ou 2"),
        ("[screens]\ncount = true", "screens.count est 1 ou 2"),
        ('[network]\nssh_from = "10.0.0.0/8"', "liste"),
        ('[network]\nssh_from = ["10.0.0.0/8 accept"]', "network.ssh_from"),
        ('[network]\nssh_from = ["10.0.0.1/8"]', "network.ssh_from"),
        ('[captions]\nfolder = "models"', "captions.folder commence par /"),
        ("[line]\nup_kbps = 63", "line.up_kbps est 0, ou un nombre de kbit/s entre 64"),
        ("[line]\ndown_kbps = 2.5", "line.down_kbps est 0, ou un nombre de kbit/s"),
        ("[line]\ndown_kbps = true", "line.down_kbps est 0, ou un nombre de kbit/s"),
        ("devices = 1", "devices est inconnu"),
        ("[", "n'est pas lisible"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(text)
    with pytest.raises(ChoiceRefused, match=said):
        read_choices(file)


def test_nothing_comes_in_unless_a_network_of_administrators_is_named() -> None:
    closed = firewall_text([])
    assert "policy drop" in closed and "dport 22" not in closed
    for protocol in ("icmp", "icmpv6"):
        assert f"{protocol} type echo-request limit rate" in closed
    opened = firewall_text(["10.2.0.0/16", "fd00::/8"])
    assert "ip saddr 10.2.0.0/16 tcp dport 22 accept" in opened
    assert "ip6 saddr fd00::/8 tcp dport 22 accept" in opened
