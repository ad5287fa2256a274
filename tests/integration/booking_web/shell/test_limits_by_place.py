# SPDX-License-Identifier: AGPL-3.0-or-later
"""Limits count who asks by the line that they have, not by its 2**64 addresses (IPv6)."""

import re
from pathlib import Path

import pytest

import booking_web
from booking_web.api.kiosk import access as of_kiosks
from booking_web.api.public import access as of_clients

SOURCES = Path(booking_web.__file__).parent
FRONT = SOURCES / "commands/front/nginx.conf.jinja"
WRONG = {"Authorization": "Bearer guessed"}
# Who is told an address, or has the place found by whoever counts.
TOLD = {
    "api/kiosk/secret_views.py",
    "shell/asking_place.py",
    "shell/journal_origin.py",
    "api/kiosk/machine_views.py",
    "shell/sign_in/pages.py",
    "shell/sign_in/given_codes.py",
}


@pytest.mark.parametrize(
    ("address", "headers", "refused", "allowed"),
    [
        ("/api/kiosk/v1/call", WRONG, 401, of_kiosks.REFUSALS_PER_WINDOW),
        ("/api/v1/appointments", WRONG, 401, of_clients.REFUSALS_PER_WINDOW),
        ("/mur/lien/guessed-{0}", {}, 404, 20),
        ("/invite/guessed-{0}", {}, 404, 20),
    ],
)
def test_another_address_of_the_same_line_is_the_same_guest(
    app, address: str, headers: dict[str, str], refused: int, allowed: int
) -> None:
    """Each of them could guess anew."""
    client = app.test_client()

    def ask(number: int, line: str = "2001:db8:7:1") -> int:
        return client.get(
            address.format(number),
            headers=headers,
            environ_overrides={"REMOTE_ADDR": f"{line}::{number:x}"},
        ).status_code

    assert {ask(number) for number in range(1, allowed + 1)} == {refused}
    assert ask(allowed + 1) == 429
    # Somebody else's line is not theirs.
    assert ask(1, "2001:db8:7:2") == refused


def test_no_limit_counts_by_a_whole_address() -> None:
    found = {
        str(file.relative_to(SOURCES))
        for file in SOURCES.rglob("*.py")
        if "request.remote_addr" in file.read_text()
    }
    assert found == TOLD


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("192.0.2.7", None),
        ("2001:db8:7:1:aaaa:bbbb:cccc:dddd", "2001:db8:7:1:"),
        ("2001:db8:7:1::5", "2001:db8:7:1:"),
        ("2001:db8:7::5", "2001:db8:7:"),
        ("2001:db8::", "2001:db8:"),
        ("::ffff:192.0.2.7", None),
        ("::1", None),
    ],
)
def test_the_front_counts_by_the_same_line(address: str, line: str | None) -> None:
    text = FRONT.read_text()
    [pattern] = re.findall(r'"~(\^\(\?<network>.*)" \$network;', text)
    found = re.match(pattern.replace("?<", "?P<"), address)
    assert (found["network"] if found else None) == line
    zones = re.findall(r"limit_\w+_zone (\S+)", text)
    assert zones and set(zones) == {"$line"}
