# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page that a CV becomes: its words, whether it fits, printed once, told where it is late."""

import html
import os
import re
import signal

from sqlalchemy import text

from booking_web.shell.paper_maker import PAPERS_EXTENSION
from booking_web.tables.cv import CvChange
from booking_web.tables.documents import DeviceJob, Document
from booking_web.telling.papers.paper_maker import PaperMaker
from stage.kiosk_ground import (
    acts_of,
)
from tests.factories.cv_desk import (
    address,
    form_of,
    press,
    preview,
    send_key,
)
from tests.factories.paper_words import words_of
from tests.factories.rows import rows

WRITTEN = "Boulangerie Petit-Œuvrard"


def test_a_cv_is_written_printed_and_told_of_without_a_word_of_it(
    counsellor, database, archive, begun
) -> None:
    press(counsellor, begun, "add:experience", title="Vendeuse")
    press(
        counsellor,
        begun,
        experience__1__employer=WRITTEN,
        experience__1__tasks="Tenir la caisse\r\nAccueillir",
    )
    answer = press(counsellor, begun, "print", layout="columns", town="Guise")
    page = html.unescape(counsellor.client.get(answer.location).text)
    assert "Le CV s'imprime à la borne. C'est le document 1." in page
    [document] = rows(database, Document)
    words = words_of(archive, document)
    for said in ("Dupont", "Vendeuse", WRITTEN, "• Tenir la caisse", "Me joindre"):
        assert said in words
    # The town hall calls him that; his CV does not.
    assert "M. Dupont" not in words
    [job] = rows(database, DeviceJob)
    assert (job.document, job.colour) == (1, True)
    told = " ".join(f"{a} {b} {c}" for a, b, c in acts_of(database, begun))
    assert "cv_begun" in told and "cv_made" in told and "print_requested" in told
    assert [each.field for each in rows(database, CvChange)] == [
        "title",
        "structure",
        "experience.1.employer",
        "experience.1.tasks",
        "town",
        "layout",
    ]
    # Neither the journal nor the database tells what was written.
    database.dispose()
    with database.read() as session:
        for table in ("journal", "cv", "cv_change", "document", "live_event"):
            for row in session.execute(text(f"SELECT * FROM {table}")):
                assert WRITTEN not in str(row) and "Tenir la caisse" not in str(row)


def test_the_latest_experience_comes_first_and_no_title_before_the_name(
    counsellor, database, archive, begun
) -> None:
    for number, (start, end) in enumerate(
        [("2019", "aujourd'hui"), ("2005", "2012"), ("2012", "2019")], start=1
    ):
        press(counsellor, begun, "add:experience")
        for name, value in (
            ("title", f"Poste {start}"),
            ("start", start),
            ("end", end),
        ):
            send_key(counsellor, begun, f"experience.{number}.{name}", value)
    page = html.unescape(counsellor.client.get(address(begun)).text)
    assert "Sur la feuille, la plus récente vient d'abord" in page
    assert page.count('value="up:experience:') == 3
    for number in (1, 2, 3):
        [button] = re.findall(rf'value="up:experience:{number}"[^>]*>', page)
        assert "disabled" in button
    press(counsellor, begun, "print", name="Mme Zoé Petit")
    words = words_of(archive, rows(database, Document)[0])
    assert "Zoé Petit" in words and "Mme" not in words
    assert [
        words.index(f"Poste {year}") for year in ("2019", "2012", "2005")
    ] == sorted(words.index(f"Poste {year}") for year in ("2019", "2012", "2005"))


def test_thirty_experiences_are_told_to_be_too_many_for_two_pages_and_all_are_printed(
    counsellor, database, archive, begun
) -> None:
    for number in range(1, 31):
        key = f"experience.{number}.title"
        press(counsellor, begun, "add:experience")
        send_key(counsellor, begun, key, f"Poste {number}")
        tasks = "Tenir la caisse\nAccueillir les clients\nRanger"
        send_key(counsellor, begun, f"experience.{number}.tasks", tasks)
    told = preview(counsellor, begun)
    assert not told["fits"]
    assert "Le CV dépasse deux pages" in told["words"][0]
    assert "Raccourcissez d'abord : Expérience « Poste" in told["words"][1]
    press(counsellor, begun, "print")
    words = words_of(archive, rows(database, Document)[-1])
    assert all(f"Poste {number}" in words for number in range(1, 31))


def test_long_names_arabic_and_emoji_are_drawn_or_told(
    counsellor, database, archive, begun
) -> None:
    press(counsellor, begun, name="محمد " + "Œ" * 120, title="Vendeur 😀")
    told = preview(counsellor, begun)
    assert told["fits"]
    assert told["words"][-1].endswith("les remplace : 😀") or "😀" in told["words"][-1]
    press(counsellor, begun, "print")
    words = words_of(archive, rows(database, Document)[-1])
    assert "Vendeur ?" in words and "Œ" * 20 in words


def test_an_empty_cv_is_a_page(counsellor, database, begun) -> None:
    press(counsellor, begun, name="")
    assert preview(counsellor, begun)["words"] == ["Tout tient sur une page."]
    picture = counsellor.client.get(address(begun, "/page.png"))
    assert picture.data.startswith(b"\x89PNG")


def test_a_page_that_takes_too_long_is_told_and_what_is_written_is_kept(
    app, counsellor, database, begun
) -> None:
    press(counsellor, begun, title="Vendeuse")
    maker = app.extensions[PAPERS_EXTENSION] = PaperMaker(timeout_seconds=0.6)
    press(counsellor, begun, town="Guise")
    maker.get_ready()
    os.kill(maker.pid, signal.SIGSTOP)
    told = preview(counsellor, begun)
    assert not told["fits"] and "à temps" in told["words"][0]
    assert rows(database, Document) == []
    values = form_of(counsellor, begun)
    assert (values["f.title"], values["f.town"]) == ("Vendeuse", "Guise")
    app.extensions[PAPERS_EXTENSION] = PaperMaker()
    assert preview(counsellor, begun)["fits"]


def test_printing_twice_prints_one_document_once(counsellor, database, begun) -> None:
    press(counsellor, begun, "print")
    press(counsellor, begun, "print")
    assert len(rows(database, Document)) == 1
    assert len(rows(database, DeviceJob)) == 1
