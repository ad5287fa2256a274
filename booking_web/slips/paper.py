# SPDX-License-Identifier: AGPL-3.0-or-later
"""Turns the slip's page into a tagged PDF; the only importer of `weasyprint`."""

from pathlib import Path
from typing import Any

from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

FONTS = Path(__file__).parents[1] / "static/vendor/atkinson-hyperlegible"
# WeasyPrint writes the structure, language and title that this variant asks for.
VARIANT = "pdf/ua-1"


class _FontsOnly(URLFetcher):
    """Lets a page have our fonts and what it carries itself, and nothing else."""

    def fetch(
        self, url: str, headers: dict[str, str] | None = None
    ) -> URLFetcherResponse:
        """Give the file; a page that asks for anything else is an error of ours."""
        if url.startswith("data:") or url.startswith(FONTS.as_uri() + "/"):
            return super().fetch(url, headers)
        raise ValueError("a slip may load its fonts only")


def pages_of(page: str) -> Any:
    """Lay the page out; gives WeasyPrint's document."""
    fetcher = _FontsOnly(allowed_protocols=("data", "file"))
    return HTML(string=page, base_url=FONTS.as_uri() + "/", url_fetcher=fetcher).render(
        pdf_variant=VARIANT
    )


def fits_one_page(document: Any) -> bool:
    """Tell whether all of it is on one sheet."""
    return len(document.pages) == 1


def pdf_of(document: Any) -> bytes:
    """Write the document."""
    return bytes(document.write_pdf(pdf_variant=VARIANT))
