# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes scans of printed pages as a relay's scanner gives them, good and bad."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageDraw, ImageFilter


@dataclass(frozen=True)
class Glass:
    """How a page lay on the glass, and how it was scanned."""

    dpi: int = 200
    turned: float = 0.0
    # The shade of white paper, and of black ink.
    paper: int = 245
    ink: int = 25
    noise: float = 0.0
    blur: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    seed: int = 1


def bad_glass(chance: random.Random) -> Glass:
    """Give a page that lies badly, on a bad scanner."""
    return Glass(
        dpi=chance.choice((150, 200, 300)),
        turned=chance.choice((0, 180)) + chance.uniform(-10, 10),
        paper=chance.randint(190, 250),
        ink=chance.randint(10, 80),
        noise=chance.uniform(0, 25),
        blur=chance.uniform(0, 0.6),
        shift=(chance.uniform(-9, 9), chance.uniform(-9, 9)),
        seed=chance.randrange(1 << 30),
    )


def drawn_pages(pdf: bytes, dpi: int = 300) -> list[Image.Image]:
    """Give the pages as they leave the printer."""
    with pypdfium2.PdfDocument(pdf) as opened:
        return [
            page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
            for page in opened
        ]


def signed(page: Image.Image, zone: Sequence[float], seed: int = 1) -> Image.Image:
    """Write a signature into a zone (left, top, width, height in points)."""
    chance = random.Random(seed)
    scale = page.height / 842
    left, top, width, height = (each * scale for each in zone)
    written = page.copy()
    points = [
        (
            left + width * (0.15 + 0.06 * step + chance.uniform(-0.02, 0.02)),
            top + height * chance.uniform(0.15, 0.85),
        )
        for step in range(10)
    ]
    pen = max(round(1.2 * scale), 1)
    ImageDraw.Draw(written).line(points, fill=40, width=pen, joint="curve")
    return written


def laid_on(page: Image.Image, glass: Glass) -> Image.Image:
    """Give what a scanner makes of a page that was drawn at 300 dots per inch."""
    scale = glass.dpi / 300
    flat = page
    if scale != 1:
        size = (round(page.width * scale), round(page.height * scale))
        flat = page.resize(size, Image.Resampling.BOX)
    across, down = (round(each * glass.dpi / 72) for each in glass.shift)
    flat = flat.rotate(
        glass.turned, Image.Resampling.BICUBIC, translate=(across, down), fillcolor=255
    )
    if glass.blur:
        flat = flat.filter(ImageFilter.GaussianBlur(glass.blur * glass.dpi / 150))
    span = (glass.paper - glass.ink) / 255
    flat = flat.point(lambda shade: round(glass.ink + shade * span))
    if not glass.noise:
        return flat
    grain = _grain(flat.size, glass.noise, glass.seed)
    return Image.blend(flat, grain, 0.5).point(lambda shade: max(0, 2 * shade - 128))


def _grain(size: tuple[int, int], noise: float, seed: int) -> Image.Image:
    """Give grey grain around 128, the same for the same seed."""
    tile = 512
    grains = random.Random(seed)
    content = bytes(
        min(max(round(grains.gauss(128, noise)), 0), 255) for _ in range(tile * tile)
    )
    small = Image.frombytes("L", (tile, tile), content)
    whole = Image.new("L", size)
    for x in range(0, size[0], tile):
        for y in range(0, size[1], tile):
            whole.paste(small, (x, y))
    return whole


def one_scan(pages: Sequence[Image.Image], dpi: int = 200) -> bytes:
    """Give pages as one PDF, as a scanner makes it."""
    content = io.BytesIO()
    pages[0].save(
        content,
        "PDF",
        save_all=True,
        append_images=pages[1:],
        resolution=dpi,
        quality=85,
    )
    return content.getvalue()


def one_picture(page: Image.Image, kind: str = "PNG") -> bytes:
    """Give a page as a picture."""
    content = io.BytesIO()
    page.save(content, kind)
    return content.getvalue()
