# SPDX-License-Identifier: AGPL-3.0-or-later
"""The DNS is away: no name is looked up to place a call."""

import pytest

from stage.dns_away import run_without_dns
from stage.silent_dns import MACHINE
from stage.stack import ASTERISK_FILE

pytestmark = pytest.mark.real

LOOPBACK = "127.0.0.1 localhost\n"


@pytest.fixture(autouse=True)
def with_asterisk() -> None:
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")


def test_a_site_that_would_ask_the_dns_for_each_call_is_refused() -> None:
    told = run_without_dns(LOOPBACK)
    assert told["refused"], f"called: {told['connected']}, asked: {told['names']}"
    assert f'add the line "127.0.1.1 {MACHINE}" to /etc/hosts' in told["refused"]


def test_a_call_is_placed_at_once_and_asks_for_no_name() -> None:
    told = run_without_dns(f"{LOOPBACK}127.0.1.1 {MACHINE}\n")
    assert told == {"refused": "", "connected": True, "names": []}
