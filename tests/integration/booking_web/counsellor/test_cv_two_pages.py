# SPDX-License-Identifier: AGPL-3.0-or-later
"""A CV of two pages: each legible, nothing cut in half, and seen where it is written."""

import re
import subprocess

import pytest

from booking_web.domain.cv.content import CvContent, Section, with_entry, with_value
from booking_web.shell.cv_services import _page
from booking_web.telling.papers.cv import SIZES, make_cv, page_written
from booking_web.telling.papers.paper_maker import Paper, PaperMaker
from tests.factories.cv_desk import address, press, preview, send_key

TASKS = "Accueillir les clients\nTenir la caisse\nRecevoir et ranger les livraisons"


@pytest.fixture(scope="module")
def maker():
    made = PaperMaker()
    yield made
    made.close()


@pytest.fixture
def laid_out(app, maker):
    """Give a function that lays out a CV with so many experiences."""

    def make(experiences: int, layout: str) -> Paper:
        content = CvContent({"name": "Zoé Petit", "layout": layout, "skills": TASKS})
        for number in range(1, experiences + 1):
            content = with_entry(content, Section.EXPERIENCE)
            for name, value in (("title", f"Poste {number}"), ("tasks", TASKS)):
                content = with_value(content, f"experience.{number}.{name}", value)
        # An empty one is being begun: it is not on paper.
        content = with_entry(content, Section.EXPERIENCE)
        with app.test_request_context():
            return make_cv(maker, lambda later: _page(content, later))

    return make


def pages_of(paper: Paper) -> list[list[str]]:
    run = subprocess.run(
        ["pdftotext", "-layout", "-", "-"],
        input=paper.pdf,
        capture_output=True,
        check=True,
    )
    pages = run.stdout.decode().split("\f")[:-1]
    return [[line for line in page.splitlines() if line.strip()] for page in pages]


@pytest.mark.parametrize("layout", ["sober", "columns"])
def test_one_page_is_enough_as_long_as_it_is_legible(laid_out, layout) -> None:
    sizes = []
    for experiences in range(1, 20):
        paper = laid_out(experiences, layout)
        if paper.pages > 1:
            break
        sizes.append(paper.size)
    assert sizes[0] == SIZES[0] and sizes[-1] < SIZES[0]
    assert min(sizes) >= 9.5
    assert (paper.pages, paper.size) == (2, SIZES[0])


@pytest.mark.parametrize("layout", ["sober", "columns"])
@pytest.mark.parametrize("experiences", [13, 15, 17])
def test_no_entry_is_cut_in_half_and_no_heading_stands_alone(
    laid_out, layout, experiences
) -> None:
    paper = laid_out(experiences, layout)
    assert paper.pages == len(paper.pictures) == 2
    first, second = pages_of(paper)
    both = "\n".join([*first, *second])
    for number in range(1, experiences + 1):
        assert re.search(rf"Poste {number}\b", both)
    assert first[-1].strip().endswith("Recevoir et ranger les livraisons")
    assert "".join(second[-1].split()) == "ZoéPetit2/2"
    if layout == "columns":
        # What is there stands over the whole width.
        assert second[0].startswith("Expérience professionnelle (suite)")
    else:
        assert any(each in second[0] for each in ("Poste", "Compétences"))


def test_the_page_of_what_is_written_is_known(laid_out) -> None:
    paper = laid_out(12, "sober")
    assert page_written(paper, "name") == 1
    assert page_written(paper, "skills") == 2
    # The latest entry has no date: it stands where it was put.
    pages = [page_written(paper, f"experience-{number}") for number in range(12, 0, -1)]
    assert pages == sorted(pages) and set(pages) == {1, 2}
    # One that is begun, without a word yet: where its section begins.
    assert page_written(paper, "experience-13") == 1
    assert page_written(paper, "interests") == 0


def test_the_counsellor_sees_both_pages_and_is_told(
    counsellor, database, begun
) -> None:
    for number in range(1, 17):
        press(counsellor, begun, "add:experience")
        send_key(counsellor, begun, f"experience.{number}.title", f"Poste {number}")
        send_key(counsellor, begun, f"experience.{number}.tasks", TASKS)
    told = preview(counsellor, begun)
    assert told["fits"] and told["words"] == ["Le CV fait deux pages."]
    assert len(told["pictures"]) == 2 and told["page"] == 1
    drawn = [counsellor.client.get(each).data for each in told["pictures"]]
    assert all(each.startswith(b"\x89PNG") for each in drawn)
    assert drawn[0] != drawn[1]
    assert counsellor.client.get(address(begun, "/page.png?page=3")).status_code == 404
    # Without scripts both stand there as well.
    page = counsellor.client.get(address(begun, "?relu=1")).text
    assert page.count('class="cv-picture"') == 2
