# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor for a browser's camera: drawn as the kiosk draws people, and talking."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from booking_web.telling.posters.drawing_style import drawing_style
from stage.film.templates import page_of

SIZE = {"width": 640, "height": 360}
# The mouth, from picture to picture, at the ten a second that a browser takes of a file.
SAYS = (False, True, True, False, True, False, False, False, True, True, False, False)


def write_camera(browser: Any, file: Path) -> None:
    """Write what the camera sees as a motion JPEG, which begins anew at its end."""
    page = browser.new_page(viewport=SIZE)
    pictures = {}
    for says in (False, True):
        html = page_of("counsellor.html", says=says, drawing_style=drawing_style())
        page.set_content(html)
        drawn = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        jpeg = io.BytesIO()
        drawn.save(jpeg, "JPEG", quality=90)
        pictures[says] = jpeg.getvalue()
    page.close()
    file.write_bytes(b"".join(pictures[says] for says in SAYS))
