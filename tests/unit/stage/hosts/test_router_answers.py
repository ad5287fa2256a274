# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is read from, and written into, the files of a server that is put behind a router."""

import tomllib

from stage.hosts.faults.routers import media_ports, with_public_address

ANSWERS = """\
# The answers, as they were given.
name = "guichet.example.fr"

[administrator]
name = "Camille Martin"
"""


def test_a_routers_address_is_an_answer_of_its_own_beside_the_others() -> None:
    told = tomllib.loads(with_public_address(ANSWERS, "203.0.113.10"))
    assert told == tomllib.loads(ANSWERS) | {"public_address": "203.0.113.10"}


def test_the_ports_of_sound_and_picture_are_those_of_rtp_conf() -> None:
    text = (
        "[general]\n; rtpstart = 5\nrtpstart = 10000\nrtpend=10199\nstrictrtp = yes\n"
    )
    assert media_ports(text) == "10000-10199"
