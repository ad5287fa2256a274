# SPDX-License-Identifier: AGPL-3.0-or-later
"""The filter for fail2ban of the server's package, on lines as Asterisk writes them."""

import json
import re
from pathlib import Path

import pytest

FILTER = (
    Path(__file__).parents[2] / "debian/server/fail2ban/filter.d/guichet-asterisk.conf"
)
REFUSED = [
    "ChallengeResponseFailed",
    "InvalidPassword",
    "InvalidAccountID",
    "FailedACL",
]


def line(event: str, account: str, address: str) -> str:
    # Asterisk escapes the quotes of a value, then the whole message for JSON.
    quoted = account.replace("\\", "\\\\").replace('"', '\\"')
    message = (
        f'SecurityEvent="{event}",EventTV="2026-11-26T19:35:06.778+0000",'
        f'Severity="Error",Service="PJSIP",EventVersion="1",AccountID="{quoted}",'
        'SessionID="ada6",LocalAddress="IPV4/UDP/192.0.2.1/5060",'
        f'RemoteAddress="IPV4/UDP/{address}/53068",Challenge="1795/57ca"\n'
    )
    told = {
        "hostname": "guichet",
        "timestamp": "2026-11-26 19:35:06.778",
        "logmsg": {"level": "SECURITY", "message": message},
    }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def banned(text: str) -> list[str]:
    [expression] = re.findall(r"failregex = (.*)", FILTER.read_text())
    return re.findall(expression.replace("<HOST>", "([0-9a-f.:]+)"), text)


@pytest.mark.parametrize("event", REFUSED)
@pytest.mark.parametrize(
    "account",
    [
        "kiosk-guise",
        '","RemoteAddress="IPV4/UDP/203.0.113.9/1","',
        'x",RemoteAddress="IPV4/UDP/203.0.113.9/1"',
        'x\\",RemoteAddress=\\"IPV4/UDP/203.0.113.9/1\\"',
        f"x\n{line('InvalidPassword', 'y', '203.0.113.9')}",
    ],
)
def test_who_was_refused_is_found_and_nobody_whom_they_name(
    event: str, account: str
) -> None:
    assert banned(line(event, account, "198.51.100.7")) == ["198.51.100.7"]


@pytest.mark.parametrize("event", ["SuccessfulAuth", "ChallengeSent"])
def test_who_was_not_refused_is_not_found(event: str) -> None:
    assert banned(line(event, "kiosk-guise", "198.51.100.7")) == []
