# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scanned pages become one PDF; the only importer of img2pdf.

The JPEG of a page goes into the PDF as it is, with no second loss.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import img2pdf
from PIL import Image

from device_bridge.scanning.pages import JPEG_QUALITY

A4_MM = (210.0, 297.0)
MM_PER_INCH = 25.4
OCR_PROGRAM = "ocrmypdf"
OCR_LIMIT_SECONDS = 120.0


def write_pdf(pages: Sequence[Path], target: Path) -> None:
    """Write one PDF page for each JPEG, in its own size."""
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        img2pdf.convert([str(page) for page in pages], outputstream=file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)


def join_card(sides: Sequence[Path], target: Path, resolution_dpi: int) -> None:
    """Lay the sides of a card under each other on one A4 page, in their true size."""
    sheet = Image.new("RGB", _pixels(A4_MM, resolution_dpi), "white")
    share = sheet.height // (len(sides) + 1)
    for number, side in enumerate(sides, start=1):
        with Image.open(side) as opened:
            card = opened.convert("RGB")
        left = (sheet.width - card.width) // 2
        sheet.paste(card, (max(0, left), max(0, share * number - card.height // 2)))
    dpi = (resolution_dpi, resolution_dpi)
    sheet.save(target, "JPEG", quality=JPEG_QUALITY, dpi=dpi)


def has_ocr() -> bool:
    """Tell whether a text layer can be added here."""
    return shutil.which(OCR_PROGRAM) is not None


def add_text_layer(file: Path, language: str = "fra") -> bool:
    """Put a layer of recognised text under the pages; tell whether it was done.

    A scan without text is better than none: whatever goes wrong leaves the file as is.
    """
    part = file.with_suffix(".ocr")
    command = [OCR_PROGRAM, "--quiet", "--skip-text", "--output-type", "pdf"]
    try:
        done = subprocess.run(
            [*command, "-l", language, str(file), str(part)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=OCR_LIMIT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        part.unlink(missing_ok=True)
        return False
    if done.returncode != 0 or not part.exists():
        part.unlink(missing_ok=True)
        return False
    part.replace(file)
    return True


def hash_file(file: Path) -> str:
    """Give the SHA-256 of a file in hex."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _pixels(size_mm: tuple[float, float], resolution_dpi: int) -> tuple[int, int]:
    width, height = (round(side / MM_PER_INCH * resolution_dpi) for side in size_mm)
    return width, height
