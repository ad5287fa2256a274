# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision enrolment-sheets`: a page for each kiosk, and codes that are good."""

import json
import stat

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner
from sqlalchemy import select

from provisioning.cli import main
from provisioning.database.access import KioskEnrolment
from provisioning.directory.enrolment import Machine
from provisioning.directory.machine_access import MachineAccess
from stage.papers import page_texts

URL = "https://guichet.example.fr/"


@pytest.fixture
def run(ground, tmp_path, monkeypatch):
    """Give a function that runs the command in an empty folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def invoke(*arguments):
        given = ["--database-url", ground.url, "enrolment-sheets", *arguments]
        return CliRunner().invoke(main, given)

    return invoke


def codes_kept(database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(KioskEnrolment.code_digest)))


def read_squares(pdf: bytes) -> list[str]:
    """Read the square of each page, as a reader in somebody's hand does."""
    read = []
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            [square] = zxingcpp.read_barcodes(page.render(scale=2).to_pil())
            read.append(square.text)
    return read


def test_a_page_for_each_kiosk_has_its_place_and_a_good_code(
    run, database, tmp_path
) -> None:
    result = run("--without-machine", "--web-url", URL, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    file = tmp_path / "here" / told["file"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    pages, squares = page_texts(file), read_squares(file.read_bytes())
    assert len(pages) == len(squares) == len(told["kiosks"]) > 1
    # By the relays' names, as they are handed out.
    assert [page.splitlines()[0] for page in pages] == [
        "kiosk-guise",
        "kiosk-marly-gomont",
        "kiosk-wassigny",
    ]
    assert "Relais de Wassigny" in pages[-1]
    access = MachineAccess(database)
    for number, (page, typed) in enumerate(zip(pages, squares, strict=True)):
        assert typed.startswith("guichet-kiosk enrol guichet.example.fr ")
        assert typed in page.replace("\r\n", "\n").replace("\n", " ")
        access.enrol(typed.split()[-1], "0" * 32, Machine(f"{number:064x}", "pc"))
    assert access.without_machine() == []


def test_what_cannot_be_written_makes_no_code(run, database, tmp_path) -> None:
    (tmp_path / "here" / "bornes.pdf").write_bytes(b"somebody's")
    for arguments, said in (
        (["kiosk-guise", "--web-url", URL], "is there already"),
        (["kiosk-guise", "--output", "x.pdf"], "--web-url"),
        (["kiosk-gise", "--output", "x.pdf", "--web-url", URL], "nothing is called"),
        (["--web-url", URL], "--without-machine"),
    ):
        result = run(*arguments)
        assert result.exit_code in (1, 2), result.output
        assert said in result.stderr
    assert codes_kept(database) == []
    assert [each.name for each in (tmp_path / "here").iterdir()] == ["bornes.pdf"]
