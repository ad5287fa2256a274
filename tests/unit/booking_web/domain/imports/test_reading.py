# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files as spreadsheets save them, and as people break them."""

from datetime import date, time

import pytest

from booking_web.domain.imports.clock_words import read_day, read_hour
from booking_web.domain.imports.reading import (
    MAX_LINES,
    Column,
    FileRefused,
    folded,
    read_lines,
)

HEAD = "Référence;Relais;Organisme;Date;Heure;Nom"
LINE = "A1;Wassigny;MSA;24/11/2026;9h05;Mme Lefèvre"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"], ids=str
)
@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_file_is_read_however_it_was_saved(encoding, end, delimiter) -> None:
    text = end.join([HEAD, LINE, ""]).replace(";", delimiter)
    [line] = read_lines(text.encode(encoding))
    assert line.number == 2
    assert line.cells[Column.NAME] == "Mme Lefèvre"
    assert line.cells[Column.HOUR] == "9h05"
    assert line.cells[Column.MINUTES] == ""


def test_a_broken_line_is_told_by_its_number_and_spoils_no_other() -> None:
    lines = [
        HEAD,
        LINE,
        'A2;Wassigny;MSA;24/11/2026;10h;"M. jamais fermé',
        LINE.replace("A1", "A3") + ";en trop;",
        "",
        ";;;;;",
        'A4;Wassigny;MSA;24/11/2026;11h;"M. ""Jo"" Petit"',
        "A5;Guise",
        'A6;"une cellule\nsur deux lignes";MSA;24/11/2026;12h;M. Long',
        LINE.replace("A1", "A7"),
    ]
    found = {each.number: each.cells for each in read_lines("\n".join(lines).encode())}
    assert [number for number, cells in found.items() if cells is None] == [3, 4]
    assert found[7][Column.NAME] == 'M. "Jo" Petit'
    assert (found[8][Column.RELAY], found[8][Column.NAME]) == ("Guise", "")
    assert found[9][Column.RELAY] == "une cellule\nsur deux lignes"
    assert found[11][Column.REFERENCE] == "A7"


@pytest.mark.parametrize(
    ("content", "code", "detail"),
    [
        (b"", "empty", ""),
        (b"\n;;\n", "empty", ""),
        (HEAD.encode(), "empty", ""),
        (b"%PDF-1.7\n\x00\x01", "no_text", ""),
        (b"PK\x03\x04\x00\x00", "no_text", ""),
        (b"\xff\xfea", "no_text", ""),
        (b"nom;date\nx;y", "missing_columns", "heure, organisme, reference, relais"),
        ((HEAD + ";Usager\n" + LINE).encode(), "double_column", "nom"),
        (
            "\n".join([HEAD, *[LINE] * (MAX_LINES + 1)]).encode(),
            "too_long",
            str(MAX_LINES),
        ),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_file_that_is_of_no_use_is_refused_with_its_cause(
    content, code, detail
) -> None:
    with pytest.raises(FileRefused) as refused:
        read_lines(content)
    assert (refused.value.code, refused.value.detail) == (code, detail)


def test_a_column_that_the_importer_needs_not_may_be_absent() -> None:
    content = b"ref,date,heure,nom\n1,2026-11-24,9:00,x"
    [line] = read_lines(content, [Column.RELAY, Column.ORGANISATION])
    assert line.cells[Column.REFERENCE] == "1"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("24/11/2026", date(2026, 11, 24)),
        ("4/1/26", date(2026, 1, 4)),
        ("24-11-2026", date(2026, 11, 24)),
        ("24.11.2026", date(2026, 11, 24)),
        ("2026-11-24", date(2026, 11, 24)),
        ("mardi 24 novembre 2026", date(2026, 11, 24)),
        ("1er février 2027", date(2027, 2, 1)),
        ("3 DÉC. 2026", date(2026, 12, 3)),
        ("29/02/2028", date(2028, 2, 29)),
        ("29/02/2027", None),
        ("11/24/2026", None),
        ("24/11", None),
        ("demain", None),
        ("", None),
        ("24 brumaire 2026", None),
        ("²4/11/2026", None),
    ],
)
def test_dates_are_read_as_they_are_written_in_france(text, day) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("9h", time(9)),
        ("9 h 05", time(9, 5)),
        ("09:05", time(9, 5)),
        ("09:05:00", time(9, 5)),
        ("14H30", time(14, 30)),
        ("9 heures", time(9)),
        ("9h05min", time(9, 5)),
        ("0:00", time(0)),
        ("24h", None),
        ("9h60", None),
        ("9:", None),
        ("9", None),
        ("midi", None),
        ("", None),
    ],
)
def test_hours_are_read_as_they_are_written_in_france(text, hour) -> None:
    assert read_hour(text) == hour


def test_accents_case_and_signs_do_not_count() -> None:
    assert folded("  Sous-Préfecture de VERVINS ") == "souspréfecturedevervins".replace(
        "é", "e"
    )
