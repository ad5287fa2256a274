# SPDX-License-Identifier: AGPL-3.0-or-later
"""A browser that was let in for the first time writes down what lets it in, once."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from sip_endpoints.machine.session.browsing import Browser
from sip_endpoints.machine.session.let_in import LetIn
from sip_endpoints.machine.session.profile import COOKIES, KEPT_COOKIE, Profile
from tests.unit.sip_endpoints.machine.test_screen_wipe import (
    Browser as BrowserWithProfile,
)

ENTRANCE = "https://guichet.example.fr/borne/rattacher?code=AB-CD"
INSIDE = "https://guichet.example.fr/borne"


@dataclass
class Shown:
    """A browser that shows an address; closed, it has written its cookie."""

    address: str = ""
    profile: BrowserWithProfile | None = None
    stopped: list[str] = field(default_factory=list)

    def stop(self) -> None:
        self.stopped.append(self.address)
        if self.profile is not None:
            self.profile.fill()

    def turned(self, let_in: LetIn, address: str) -> bool:
        self.address = address
        return let_in.turn(cast(Browser, self))


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """Give the profile of a kiosk that was never let in."""
    return Profile(tmp_path / "screen", tmp_path / "tmp")


@pytest.mark.parametrize(
    "address",
    [
        "",
        ENTRANCE,
        ENTRANCE.partition("?")[0],
        "file:///run/guichet/start.html",
        "chrome-error://chromewebdata/",
        "https://elsewhere.example.fr/borne",
    ],
)
def test_who_is_not_inside_is_left_alone(profile: Profile, address: str) -> None:
    browser = Shown()
    assert not browser.turned(LetIn(profile, ENTRANCE), address)
    assert browser.stopped == []


def test_one_that_was_let_in_is_closed_once_and_its_cookie_kept(
    tmp_path: Path,
) -> None:
    with_profile = BrowserWithProfile(tmp_path)
    browser = Shown(profile=with_profile)
    let_in = LetIn(with_profile.profile, ENTRANCE)
    assert browser.turned(let_in, INSIDE)
    assert not browser.turned(let_in, INSIDE)
    assert browser.stopped == [INSIDE]
    # Whatever a browser that is killed leaves of its own file.
    (with_profile.folder / COOKIES).write_bytes(b"")
    with_profile.wipe.wipe()
    assert set(with_profile.cookies()) == {KEPT_COOKIE}


def test_one_whose_cookie_was_kept_before_is_never_closed(tmp_path: Path) -> None:
    with_profile = BrowserWithProfile(tmp_path)
    with_profile.wipe.wipe()
    browser = Shown()
    assert not browser.turned(LetIn(with_profile.profile, ENTRANCE), INSIDE)
    assert browser.stopped == []


def test_one_that_keeps_no_cookie_is_not_closed_for_ever(profile: Profile) -> None:
    browser = Shown()
    let_in = LetIn(profile, ENTRANCE)
    assert browser.turned(let_in, INSIDE)
    assert not browser.turned(let_in, INSIDE)
    assert not profile.is_kept
