# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives a form the one typeface that its fields are filled in with: Atkinson Hyperlegible.

Its zero is a plain one. It is made for people who see badly, lies in the PDF itself (no
printer's font stands in for it), and is measured and drawn alike on the screen and on
paper. An importer of fontTools and pikepdf.
"""

import io
import re
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import pikepdf
from fontTools import agl, merge, subset
from fontTools.ttLib import TTFont

from booking_web.domain.forms.repertoire import LETTERS, RESOURCE

DEFAULT_SIZE = 0.0
LARGEST_SIZE = 144.0
_FOLDER = "static/vendor"
_PARTS = (
    "atkinson-plain-zero/atkinson-plain-zero-latin-400-normal.woff2",
    "atkinson-hyperlegible/atkinson-hyperlegible-latin-ext-400-normal.woff2",
)
_NAME = pikepdf.Name("/GuichetPlainZero")
_FORMER_NAME = pikepdf.Name("/GuichetAtkinson")
_SIZE = re.compile(rb"/\S*\s+(-?\d*\.?\d+)\s+Tf")
# Not symbolic: the letters are found by their names.
_NON_SYMBOLIC = 32


def install(pdf: pikepdf.Pdf, form: pikepdf.Dictionary) -> None:
    """Put the typeface where the fields of `form` find it."""
    resources = form.get("/DR")
    if not isinstance(resources, pikepdf.Dictionary):
        resources = form["/DR"] = pikepdf.Dictionary()
    fonts = resources.get("/Font")
    if not isinstance(fonts, pikepdf.Dictionary):
        fonts = resources["/Font"] = pikepdf.Dictionary()
    fonts[RESOURCE] = _font(pdf)
    form["/DA"] = pikepdf.String(appearance(b""))


def renewed(content: bytes) -> bytes:
    """Give a form that was taken in earlier as `install` makes it now.

    Its letters were as wide, and its zero had a slash.
    """
    with pikepdf.open(io.BytesIO(content)) as pdf:
        try:
            font = pdf.Root.AcroForm.DR.Font[RESOURCE]
            descriptor = font.FontDescriptor
        except (AttributeError, KeyError, TypeError, ValueError):
            return content
        if font.get("/BaseFont") != _FORMER_NAME:
            return content
        font["/BaseFont"] = descriptor["/FontName"] = _NAME
        descriptor["/FontFile2"] = _program(pdf)
        target = io.BytesIO()
        pdf.save(target, linearize=False)
        return target.getvalue()


def appearance(given: bytes) -> str:
    """Give a default appearance with our typeface, in the size and colour of `given`."""
    found = _SIZE.search(given)
    size = float(found.group(1)) if found else DEFAULT_SIZE
    size = size if 0 < size <= LARGEST_SIZE else DEFAULT_SIZE
    colour = re.search(rb"(?:[\d.]+\s+){1,4}(?:g|rg|k)(?=\s|$)", given)
    painted = colour.group(0).decode("ascii") if colour else "0 g"
    return f"{RESOURCE} {size:g} Tf {painted}"


def _font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    _, widths, measures = _typeface()
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name("/FontDescriptor"),
        FontName=_NAME,
        Flags=_NON_SYMBOLIC,
        ItalicAngle=0,
        StemV=80,
        FontFile2=_program(pdf),
        **measures,
    )
    named: list[object] = []
    for code, letter in sorted(LETTERS.items()):
        named += [code, pikepdf.Name(f"/{_glyph_name(letter)}")]
    encoding = pikepdf.Dictionary(
        Type=pikepdf.Name("/Encoding"), Differences=pikepdf.Array(named)
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name("/Font"),
            Subtype=pikepdf.Name("/TrueType"),
            BaseFont=_NAME,
            FirstChar=0,
            LastChar=255,
            Widths=pikepdf.Array(widths),
            FontDescriptor=pdf.make_indirect(descriptor),
            Encoding=encoding,
        )
    )


def _program(pdf: pikepdf.Pdf) -> pikepdf.Object:
    content, _, _ = _typeface()
    program = pdf.make_stream(content)
    program["/Length1"] = len(content)
    return program


def _glyph_name(letter: str) -> str:
    name: str = agl.UV2AGL.get(ord(letter), f"uni{ord(letter):04X}")
    return name


@cache
def _typeface() -> tuple[bytes, list[int], dict[str, Any]]:
    """Give the font program of our letters, their widths, and its measures."""
    font = _merged()
    options = subset.Options(
        layout_features=[], hinting=False, notdef_outline=True, name_IDs=[1, 2, 6]
    )
    ours = subset.Subsetter(options)
    ours.populate(unicodes=[ord(each) for each in LETTERS.values()])
    ours.subset(font)
    font.flavor = None
    content = io.BytesIO()
    font.save(content)
    scale = 1000 / font["head"].unitsPerEm
    glyphs, advances = font.getBestCmap(), font["hmtx"]
    widths = [
        (
            round(advances[glyphs[ord(LETTERS[code])]][0] * scale)
            if code in LETTERS and ord(LETTERS[code]) in glyphs
            else 0
        )
        for code in range(256)
    ]
    head, across = font["head"], font["hhea"]
    box = (head.xMin, head.yMin, head.xMax, head.yMax)
    measures: dict[str, Any] = {
        "FontBBox": pikepdf.Array([round(each * scale) for each in box]),
        "Ascent": round(across.ascent * scale),
        "Descent": round(across.descent * scale),
        "CapHeight": round(font["OS/2"].sCapHeight * scale),
    }
    return content.getvalue(), widths, measures


def _merged() -> TTFont:
    folder = files("booking_web").joinpath(_FOLDER)
    with as_file(folder) as path:
        return merge.Merger().merge([str(path / part) for part in _PARTS])
