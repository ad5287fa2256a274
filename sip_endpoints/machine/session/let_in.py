# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has the browser write at once what lets it in, as it is let in for the first time.

Chromium writes a cookie to the disk half a minute after it came, or as its window is closed. The
code that it was exchanged for is good once: a browser that is killed in between, or a plug that is
pulled, would leave a screen that nobody lets in any more. So its window is closed once, before
anybody sits there, and the cookie is kept beside the profile as well.
"""

from typing import Protocol
from urllib.parse import urlsplit

from sip_endpoints.log import Log
from sip_endpoints.machine.session.browsing import Browser

log = Log(__name__)


class KeptCookie(Protocol):
    """The profile, and the copy of the cookie beside it."""

    @property
    def is_kept(self) -> bool:
        """Tell whether the copy is there."""

    def keep(self) -> bool:
        """Copy it while no browser runs; tell whether there was one."""


class LetIn:
    """Looks where the browser is, until the cookie is kept; then it does nothing more."""

    def __init__(self, profile: KeptCookie, entrance: str) -> None:
        """Take the address at which a screen is let in."""
        self._profile = profile
        self._entrance = urlsplit(entrance)
        self._is_done = profile.is_kept

    def turn(self, browser: Browser) -> bool:
        """Close a browser that has just been let in; tell whether it is to be opened anew."""
        if self._is_done or not self._is_inside(browser.address):
            return False
        # Once, whatever comes of it: a browser that keeps no cookie is not closed for ever.
        self._is_done = True
        browser.stop()
        log.info("the screen was let in", is_kept=self._profile.keep())
        return True

    def _is_inside(self, address: str) -> bool:
        """Tell it of a page of the site; who was not let in stays at the entrance."""
        there, entrance = urlsplit(address), self._entrance
        is_ours = (there.scheme, there.netloc) == (entrance.scheme, entrance.netloc)
        return is_ours and there.path != entrance.path
