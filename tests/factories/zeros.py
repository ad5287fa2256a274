# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the zeros of a PDF are drawn: its own fonts tell."""

import io
import re

import pikepdf
from fontTools.ttLib import TTFont

# The outline of a plain one: its rim and its hole. A slash parts the hole, a dot fills it.
_PLAIN_CONTOURS = 2
_SHOWN_AS_ZERO = re.compile(rb"<([0-9a-fA-F]{4})> <0030>")


def slashed_zeros(content: bytes) -> set[str]:
    """Give the names of the fonts whose zero, where the PDF has it, is not a plain one."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        fonts = [
            each
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font"
        ]
        return {
            str(font.BaseFont)
            for font in fonts
            for program, glyph in _zeros(font)
            if _contours(program, glyph) != _PLAIN_CONTOURS
        }


def _zeros(font: pikepdf.Dictionary) -> list[tuple[TTFont, str]]:
    """Give where the zero of a font lies: nowhere where the PDF does not have its letters."""
    inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
    descriptor = inner.get("/FontDescriptor", {})
    if "/FontFile2" not in descriptor or (
        inner is not font and "/ToUnicode" not in font
    ):
        return []
    program = TTFont(io.BytesIO(descriptor.FontFile2.read_bytes()))
    if inner is font:
        return [(program, program.getBestCmap()[ord("0")])]
    shown = _SHOWN_AS_ZERO.findall(font.ToUnicode.read_bytes())
    return [(program, program.getGlyphName(int(each, 16))) for each in shown]


def _contours(program: TTFont, glyph: str) -> int:
    glyphs = program["glyf"]
    return len(glyphs[glyph].getCoordinates(glyphs)[1])
