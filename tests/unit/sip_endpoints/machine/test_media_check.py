# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the self-test makes of sound and picture that were sent to the server and back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sip_endpoints.control import ControlError
from sip_endpoints.machine.checks import self_test
from sip_endpoints.machine.checks.check import CheckName, CheckReason, CheckState
from sip_endpoints.machine.checks.media import check_media
from sip_endpoints.machine.checks.self_test import SelfTest
from sip_endpoints.machine.system.choices import Choices
from sip_endpoints.machine.system.errors import InCall
from sip_endpoints.machine.system.places import Places
from sip_endpoints.media_test import (
    CALL_CAME,
    CALL_UP,
    HELD,
    NOT_REGISTERED,
    UNDER_WAY,
)

REGISTERED = {"registered": True}


def found(**changes: int | None) -> Callable[[], dict[str, Any]]:
    """Give a telephone that counted 250 everywhere, but where a test asks so."""

    def give() -> dict[str, Any]:
        return {
            name: {
                count: changes.get(f"{name}_{count}", 250)
                for count in ("sent", "received", "at_server")
            }
            for name in ("sound", "picture")
        }

    return give


def fails(why: str) -> Callable[[], dict[str, Any]]:
    def give() -> dict[str, Any]:
        raise ControlError(why)

    return give


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({}, ""),
        # The server's word is late, or it has none: what came back went both ways.
        ({"sound_at_server": None, "picture_at_server": None}, ""),
        # A few that are lost are another check's.
        ({"sound_at_server": 3, "sound_received": 1}, ""),
        ({"sound_at_server": 0, "sound_received": 0}, "media_not_arriving"),
        ({"picture_at_server": 0, "picture_received": 0}, "media_not_arriving"),
        ({"sound_received": 0, "picture_received": 0}, "media_not_returning"),
        ({"picture_received": 0}, "media_not_returning"),
        (
            {
                "sound_at_server": None,
                "picture_at_server": None,
                "sound_received": 0,
                "picture_received": 0,
            },
            "no_media",
        ),
    ],
    ids=str,
)
def test_each_way_is_judged_by_what_came(
    changes: dict[str, int | None], cause: str
) -> None:
    check = check_media(REGISTERED, found(**changes))
    assert (check.name, check.cause) == (CheckName.MEDIA, cause)
    assert check.state is (CheckState.FAILED if cause else CheckState.OK)
    counted = {"sound_sent": 250, "sound_received": 250, "sound_at_server": 250}
    counted |= {"picture_sent": 250, "picture_received": 250, "picture_at_server": 250}
    assert check.details == counted | changes


@pytest.mark.parametrize("status", [None, {}, {"registered": False}], ids=str)
def test_without_a_registration_the_other_check_says_it(
    status: dict[str, Any] | None,
) -> None:
    check = check_media(status, fails("must not be asked"))
    assert check.state is CheckState.ABSENT


@pytest.mark.parametrize(
    "give_order",
    [
        lambda: {"refused": 404},
        fails("unknown order 'media-test'"),
        fails(NOT_REGISTERED),
        fails(HELD),
        fails(UNDER_WAY),
    ],
    ids=["older server", "older telephone", "lost", "held", "another test"],
)
def test_what_cannot_be_looked_at_is_no_fault(
    give_order: Callable[[], dict[str, Any]],
) -> None:
    assert check_media(REGISTERED, give_order).state is CheckState.ABSENT


@pytest.mark.parametrize(
    ("give_order", "details"),
    [
        (lambda: {"refused": 503}, {"code": 503}),
        (fails("no result in time"), {"why": "no result in time"}),
    ],
    ids=["by the server", "by nobody"],
)
def test_another_refusal_is_a_fault(
    give_order: Callable[[], dict[str, Any]], details: dict[str, Any]
) -> None:
    check = check_media(REGISTERED, give_order)
    assert (check.cause, check.details) == ("media_refused", details)


@pytest.mark.parametrize("why", [CALL_UP, CALL_CAME])
def test_a_call_that_comes_first_makes_the_self_test_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    with pytest.raises(InCall):
        check_media(REGISTERED, fails(why))

    # The whole of it is made after the call: what breaks a check otherwise hides no other's.
    places = Places(tmp_path)
    places.bundle.parent.mkdir(parents=True)
    places.bundle.write_text(
        '[sip]\nserver = "guichet.fr"\n[kiosk]\nscreen_url = "https://guichet.fr/ecran"\n'
    )
    told: list[str] = []

    def order(socket: Path, name: str, argument: str, seconds: float) -> dict[str, Any]:
        told.append(name)
        if name == "status":
            return {"registered": True, "call": None}
        raise ControlError(why)

    monkeypatch.setattr(self_test, "send_order", order)
    monkeypatch.setattr(SelfTest, "_first_checks", lambda _: {})
    monkeypatch.setattr(SelfTest, "_server_checks", lambda _: [])
    last = SelfTest._last_checks
    wanted = (CheckName.PHONE, CheckName.MEDIA)
    monkeypatch.setattr(
        SelfTest,
        "_last_checks",
        lambda test: {k: v for k, v in last(test).items() if k in wanted},
    )
    with pytest.raises(InCall):
        SelfTest(places, Choices()).make(CheckReason.ASKED)
    # Last of all: the telephone may be wanted at any moment.
    assert told[-1] == "media-test"
