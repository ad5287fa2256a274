# SPDX-License-Identifier: AGPL-3.0-or-later
"""What makes papers for the application that answers a request, and why it did not."""

from flask import Flask, current_app
from flask_babel import gettext

from booking_web.telling.papers.paper_maker import (
    PaperError,
    PaperMaker,
    PaperTooSlow,
)

PAPERS_EXTENSION = "guichet_papers"


def set_up_paper_maker(app: Flask) -> None:
    """Give the application what makes its papers; no process starts before the first."""
    app.extensions[PAPERS_EXTENSION] = PaperMaker()


def paper_maker() -> PaperMaker:
    """Give what makes the papers of the application that answers this request."""
    found: PaperMaker = current_app.extensions[PAPERS_EXTENSION]
    return found


def paper_trouble(error: PaperError) -> str:
    """Say why a page was not made and what to do."""
    if isinstance(error, PaperTooSlow):
        return gettext(
            "La page n'a pas pu être faite à temps. Rien n'est perdu : réessayez, ou "
            "raccourcissez les textes."
        )
    return gettext(
        "La page n'a pas pu être faite. Rien n'est perdu : réessayez dans un instant, "
        "puis prévenez l'administrateur."
    )
