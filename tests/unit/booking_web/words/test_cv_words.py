# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a section of a CV is called, and what is written in it, for the second screen."""

from flask import Flask
from flask_babel import Babel

from booking_web.domain.cv.content import CvContent, Entry, Section
from booking_web.words.cv import words_of_section

CV = CvContent(
    {"name": "Anne Lefèvre", "town": "Guise", "summary": "Un emploi près de chez moi."},
    {
        Section.EXPERIENCE: (
            Entry(3, {"title": "Vendeuse", "employer": "Boulangerie Petit"}),
            Entry(4, {"title": "Caissière"}),
        ),
        Section.LANGUAGE: (Entry(5, {"name": "Picard", "level": "native"}), Entry(6)),
    },
)


def words(section: str) -> tuple[str, str]:
    """Give them in French."""
    app = Flask(__name__)
    Babel(app, default_locale="fr")
    with app.test_request_context():
        return words_of_section(CV, section)


def test_a_section_is_told_with_all_that_is_written_in_it() -> None:
    assert words("experience-3") == ("Expérience", "Vendeuse, Boulangerie Petit")
    assert words("experience") == (
        "Expériences",
        "Vendeuse, Boulangerie Petit\nCaissière",
    )
    assert words("name") == ("Nom et prénom", "Anne Lefèvre, Guise")
    assert words("summary")[1] == "Un emploi près de chez moi."
    assert words("language-5") == ("Langue", "Picard, langue maternelle")


def test_what_is_not_there_has_no_words() -> None:
    assert words("experience-99")[1] == words("nothing")[1] == ""
    assert words("language-6")[1] == ""
