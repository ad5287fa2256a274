# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-web forms` puts PDFs, our own forms and handed-on libraries into libraries."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from booking_web.commands.main import main
from stage.kiosk_ground import documents_settings
from tests.factories import pdf_forms
from tests.factories.handed_on import a_library
from tests.integration.booking_web.conftest import SECRET_KEY


@pytest.fixture
def run(ground, tmp_path: Path):
    """Give a function that runs the command on the test's ground."""
    settings = documents_settings(tmp_path) | {"secret_key": SECRET_KEY}
    environment = {
        f"GUICHET_{key.upper()}": str(each) for key, each in settings.items()
    }

    def run_it(*arguments: str) -> Result:
        words = ["--database-url", ground.url, "forms", *arguments]
        return CliRunner().invoke(main, words, env=environment)

    return run_it


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "une_demande.pdf"
    path.write_bytes(pdf_forms.request_for_a_home().saved())
    return path


def titles(run, slug: str = "msa") -> list[str]:
    listed = run("list", "--organisation", slug, "--json")
    return [json.loads(line)["title"] for line in listed.output.splitlines()]


def test_our_forms_come_into_each_library_once(run) -> None:
    asked = ["--ours", "rappel", "--ours", "procuration"]
    asked += ["--organisation", "msa", "--organisation", "sous-prefecture-vervins"]
    first = run("add", *asked)
    assert first.exit_code == 0, first.output
    assert first.output.count(": added ") == 4
    assert run("add", *asked).output.count(": kept ") == 4
    for slug in ("msa", "sous-prefecture-vervins"):
        assert titles(run, slug) == [
            "Demande de rappel",
            "Procuration pour une démarche",
        ]


def test_a_pdf_and_a_library_are_added_under_their_titles(run, pdf, tmp_path) -> None:
    library = tmp_path / "formulaires.zip"
    library.write_bytes(a_library("Une", "Deux"))
    dry = run("add", str(pdf), str(library), "--organisation", "msa", "--dry-run")
    assert dry.output.count("would add") == 3 and titles(run) == []
    assert run("add", str(pdf), str(library), "--organisation", "msa").exit_code == 0
    assert titles(run) == ["une demande", "Une", "Deux"]


def test_what_is_no_form_is_refused_in_the_pages_words(run, tmp_path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(b"nothing")
    result = run("add", str(path), "--organisation", "msa")
    assert result.exit_code == 1 and "n'est pas un PDF" in result.output
    assert titles(run) == []


def test_what_is_named_wrongly_is_told(run, pdf) -> None:
    assert "no organisation caf" in run("add", str(pdf), "--organisation", "caf").output
    assert run("add", "--organisation", "msa").exit_code == 2
    asked = ("add", "--ours", "rappel", "--title", "x", "--organisation", "msa")
    assert run(*asked).exit_code == 2
