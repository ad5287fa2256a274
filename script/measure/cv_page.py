# SPDX-License-Identifier: AGPL-3.0-or-later
"""cv.page: a CV's page with its picture, beside a bare hello page of WeasyPrint's."""

import time
from collections.abc import Callable, Collection

import weasyprint
from flask import Flask, render_template

from booking_web.domain.cv.content import CvContent, Section, with_entry, with_value
from booking_web.shell.languages import set_up_languages
from booking_web.telling.papers.cv import make_cv
from booking_web.telling.papers.paper_maker import Paper, PaperMaker
from booking_web.words.cv import LEVELS
from measure.rows import Figures

RUNS = 10
EXPERIENCES = 5
HELLO = '<html lang="fr"><title>Bonjour</title><p>Bonjour'
TASKS = "Accueillir et servir les clients\nTenir la caisse\nRecevoir les livraisons"


def measure() -> Figures:
    """Make both in turn, each with its library at hand; the first of each is not counted."""
    app = Flask("booking_web")
    set_up_languages(app)
    maker = PaperMaker()
    content = _cv()

    def page(later: Collection[int]) -> str:
        return render_template(
            "papers/cv.html",
            cv=content.keeping(lambda entry: entry.number not in later),
            later=CvContent(),
            Section=Section,
            levels=LEVELS,
        )

    def ours() -> Paper:
        with app.test_request_context():
            return make_cv(maker, page)

    def peer() -> bytes:
        return bytes(weasyprint.HTML(string=HELLO).write_pdf())

    try:
        paper = ours()
        peer()
        pairs = [(_seconds(ours), _seconds(peer)) for _ in range(RUNS)]
    finally:
        maker.close()
    note = f"{EXPERIENCES} experiences on {paper.pages} page at {paper.size} points"
    return Figures(
        tuple(each for each, _ in pairs), tuple(each for _, each in pairs), (note,)
    )


def _seconds(make: Callable[[], object]) -> float:
    begun = time.perf_counter()
    make()
    return time.perf_counter() - begun


def _cv() -> CvContent:
    content = CvContent(
        {
            "name": "Amélie Œuvrard",
            "title": "Vendeuse",
            "skills": TASKS,
            "town": "Guise",
        }
    )
    for number in range(1, EXPERIENCES + 1):
        content = with_entry(content, Section.EXPERIENCE)
        for name, value in (("title", f"Vendeuse {number}"), ("tasks", TASKS)):
            content = with_value(content, f"experience.{number}.{name}", value)
    return content
