# SPDX-License-Identifier: AGPL-3.0-or-later
"""A wish for help is kept from one page, and one program, to the next, and not for ever."""

from pathlib import Path

from sip_endpoints.machine.session.help_wish import KEPT_SECONDS, HelpWish
from tests.unit.sip_endpoints.conftest import Clock

PAGE = "https://guichet.example.fr/borne"


def test_it_is_given_to_each_page_until_one_has_told_it(
    tmp_path: Path, clock: Clock
) -> None:
    wish = HelpWish(tmp_path / "wanted", clock)
    wish.hear(None)
    assert wish.to(PAGE) == PAGE
    wish.hear(True)
    assert wish.to(PAGE) == f"{PAGE}#aide"
    assert wish.to(f"{PAGE}#sous-titres=1/x") == f"{PAGE}#sous-titres=1/x&aide"
    wish.hear(None)
    # The program of the screen begins anew with its browser.
    again = HelpWish(tmp_path / "wanted", clock)
    assert again.to(PAGE) == f"{PAGE}#aide"
    again.hear(False)
    assert again.to(PAGE) == PAGE
    assert HelpWish(tmp_path / "wanted", clock).to(PAGE) == PAGE


def test_whoever_asked_long_ago_is_gone(tmp_path: Path, clock: Clock) -> None:
    wish = HelpWish(tmp_path / "wanted", clock)
    wish.hear(True)
    clock.now += KEPT_SECONDS
    assert wish.to(PAGE) == PAGE


def test_a_file_that_says_nothing_is_no_wish(tmp_path: Path, clock: Clock) -> None:
    for text in ("", "soon", "inf nan"):
        (tmp_path / "wanted").write_text(text)
        assert HelpWish(tmp_path / "wanted", clock).to(PAGE) == PAGE
