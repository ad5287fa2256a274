# SPDX-License-Identifier: AGPL-3.0-or-later
"""Turns a page into a tagged PDF, for slips and papers; the only importer of `weasyprint`.

It is imported with the first slip: that takes a second of processor, which each command and
each worker would pay at its start.
"""

from functools import cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parents[2] / "static/vendor/atkinson-hyperlegible"
# The same letters, but for a zero that nobody takes for an 8 or a Ø.
PLAIN_ZERO = FONTS.parent / "atkinson-plain-zero"
# Beside them, for names that are written in Arabic.
ARABIC_FONTS = FONTS.parent / "noto-sans-arabic"
# WeasyPrint writes the structure, language and title that this variant asks for.
VARIANT = "pdf/ua-1"


# The ranges that each file draws, so that no other font of the machine does.
_LATIN = "U+0000-00FF, U+0131, U+0152-0153, U+2000-206F, U+20AC"
_LATIN_EXTENDED = "U+0100-0130, U+0132-0151, U+0154-02BA, U+1E00-1E9F"
_ATKINSON = "Atkinson Hyperlegible"
# What somebody types from paper: there a zero must not be taken for an O.
_FOR_CODES = "Atkinson Hyperlegible for codes"
_LATIN_FILE = FONTS / "atkinson-hyperlegible-latin-{weight}-normal.woff2"
_EXTENDED_FILE = FONTS / "atkinson-hyperlegible-latin-ext-{weight}-normal.woff2"
_FACES = (
    (_ATKINSON, PLAIN_ZERO / "atkinson-plain-zero-latin-{weight}-normal.woff2", _LATIN),
    (_ATKINSON, _EXTENDED_FILE, _LATIN_EXTENDED),
    (_FOR_CODES, _LATIN_FILE, _LATIN),
    (_FOR_CODES, _EXTENDED_FILE, _LATIN_EXTENDED),
    (
        "Noto Sans Arabic",
        ARABIC_FONTS / "noto-sans-arabic-arabic-{weight}-normal.woff2",
        "U+0600-06FF, U+0750-077F, U+08A0-08FF, U+FB50-FDFF, U+FE70-FEFC",
    ),
)


@cache
def _weasyprint() -> tuple[Any, Any]:
    """Give WeasyPrint's HTML, and a fetcher that lets a page have our fonts alone."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    allowed = (
        "data:",
        *(f"{each.as_uri()}/" for each in (FONTS, PLAIN_ZERO, ARABIC_FONTS)),
    )

    class FontsOnly(URLFetcher):
        """Lets a page have our fonts and what it carries itself, and nothing else."""

        def fetch(
            self, url: str, headers: dict[str, str] | None = None
        ) -> URLFetcherResponse:
            """Give the file; a page that asks for anything else is an error of ours."""
            if url.startswith(allowed):
                return super().fetch(url, headers)
            raise ValueError("a paper may load its fonts only")

    return HTML, FontsOnly


def pages_of(page: str) -> Any:
    """Lay the page out in our typefaces; gives WeasyPrint's document."""
    return _laid_out(page, *_letters_of(page))


def pages_in_our_letters(page: str) -> Any:
    """Lay the page out by the only thread of its process.

    The typefaces are unpacked with the first one: that takes four times as long as a page.
    """
    return _laid_out(page, *_our_letters(_FACES))


def _laid_out(page: str, fonts: Any, faces: Any) -> Any:
    return _source(page).render(
        stylesheets=[faces], font_config=fonts, pdf_variant=VARIANT
    )


def _source(page: str) -> Any:
    html, fonts_only = _weasyprint()
    return html(string=page, url_fetcher=fonts_only(allowed_protocols=("data",)))


def _letters_of(page: str) -> tuple[Any, Any]:
    """Unpack the typefaces that the page names, and no others: each takes 60 ms."""
    return _unpacked(tuple(each for each in _FACES if f'"{each[0]}"' in page))


def _unpacked(wanted: tuple[tuple[str, Path, str], ...]) -> tuple[Any, Any]:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    _, fonts_only = _weasyprint()
    fonts = FontConfiguration()
    rules = [
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
        f'src: url("{Path(str(file).format(weight=weight)).as_uri()}"); '
        f"unicode-range: {letters}; }}"
        for family, file, letters in wanted
        for weight in (400, 700)
    ]
    fetcher = fonts_only(allowed_protocols=("file",))
    faces = CSS(string="".join(rules), font_config=fonts, url_fetcher=fetcher)
    return fonts, faces


_our_letters = cache(_unpacked)


def fits_one_page(document: Any) -> bool:
    """Tell whether all of it is on one sheet."""
    return len(document.pages) == 1


def pdf_of(document: Any) -> bytes:
    """Write the document."""
    return bytes(document.write_pdf(pdf_variant=VARIANT))


def pdf_with_fields(page: str) -> bytes:
    """Write the page, each of its inputs as a field that can be filled in."""
    fonts, faces = _letters_of(page)
    return bytes(
        _source(page).write_pdf(
            stylesheets=[faces],
            font_config=fonts,
            pdf_variant=VARIANT,
            pdf_forms=True,
        )
    )
