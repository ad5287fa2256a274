# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures of a browser and of a kiosk's two screens, side by side, one after the other."""

import base64
import io
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page

from booking_web.telling.slips.paper import PLAIN_ZERO
from stage.film.templates import page_of

WIDTH, HEIGHT = 1280, 644
# Of WebP: letters stay sharp, and a minute is lighter than one photo.
QUALITY = 72
_LETTERS = "atkinson-plain-zero-latin-{weight}-normal.woff2"


class MovingPicture:
    """Frames, each with what is said of it and how long it stays."""

    def __init__(self, browser: Any) -> None:
        self._page: Page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        self._frames: list[Image.Image] = []
        self._milliseconds: list[int] = []

    @property
    def seconds(self) -> float:
        """Give how long it lasts."""
        return sum(self._milliseconds) / 1000

    def add(
        self,
        words: str,
        who: str,
        acts: bytes,
        screens: tuple[Path, Path],
        seconds: float,
    ) -> None:
        """Add a frame: a picture of whose browser it is, and of the kiosk's screens."""
        call, papers = (_address(each.read_bytes()) for each in screens)
        html = page_of(
            "frame.html",
            words=words,
            who=who,
            acts=_address(acts),
            call=call,
            papers=papers,
            letters=_letters(400),
            bold_letters=_letters(700),
        )
        self._page.set_content(html)
        self._page.evaluate("document.fonts.ready")
        drawn = Image.open(io.BytesIO(self._page.screenshot()))
        self._frames.append(drawn.convert("RGB"))
        self._milliseconds.append(round(seconds * 1000))

    def save(self, file: Path) -> None:
        """Write it as an animated WebP that begins anew at its end."""
        first, *others = self._frames
        first.save(
            file,
            save_all=True,
            append_images=others,
            duration=self._milliseconds,
            loop=0,
            quality=QUALITY,
            method=6,
        )


def _address(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def _letters(weight: int) -> str:
    content = (PLAIN_ZERO / _LETTERS.format(weight=weight)).read_bytes()
    return f"data:font/woff2;base64,{base64.b64encode(content).decode()}"
