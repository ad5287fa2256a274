# SPDX-License-Identifier: AGPL-3.0-or-later
"""An inventory as tables of a spreadsheet: there and back, and what is wrong in one."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from provisioning.inventory.csv_tables import NotWritable, write_table
from provisioning.inventory.plan import Fields, Kind
from provisioning.inventory.reading import (
    TABLE_OF,
    InventoryError,
    parse_inventory,
    parse_tables,
    read_inventory,
)
from provisioning.inventory.writing import as_inventory

DEMO = Path(__file__).parents[4] / "script" / "demo-inventory.toml"
RELAY: Fields = {
    "name": "=2+3",
    "commune": 'L\'Haÿ; "les" Roses',
    "address": "-1, rue de l'Œuvre",
    "time_zone": "Indian/Reunion",
    "latitude": -20.9,
    "longitude": 55.0,
    "telephone": "+262262900000",
    "room": "'=salle",
}
HEAD = "slug;name;commune;latitude;longitude;telephone\r\n"
LINE = "guise;Relais de Guise;Guise;49,9;3.62;01 99 00 01 01\r\n"


def written(snapshot: Mapping[Kind, Mapping[str, Fields]]) -> dict[str, bytes]:
    return {
        f"{TABLE_OF[kind]}.csv": write_table(kind, snapshot[kind]) for kind in snapshot
    }


def complaints_about(files: Mapping[str, str]) -> list[str]:
    with pytest.raises(InventoryError) as caught:
        parse_tables({name: text.encode() for name, text in files.items()}, "folder")
    return caught.value.complaints


def test_what_is_written_is_read_back_as_it_was() -> None:
    demo = read_inventory(DEMO).snapshot
    assert parse_tables(written(demo), "folder").snapshot == demo
    assert parse_inventory(as_inventory(demo)).snapshot == demo
    # With the defaults left out, it is no longer than what somebody wrote by hand.
    assert tomllib.loads(as_inventory(demo))["kiosks"] == [
        {"slug": slug, "relay": fields["relay"]}
        for slug, fields in demo[Kind.KIOSK].items()
    ]


def test_nothing_is_calculated_by_a_spreadsheet_and_all_comes_back() -> None:
    table = write_table(Kind.RELAY, {"saint-denis": RELAY})
    assert table.startswith(b"\xef\xbb\xbfslug;name;commune;")
    line = table.decode().splitlines()[1]
    assert "'=2+3;" in line and "'-1, rue" in line and "''=salle" in line
    assert "-20,9;55,0;'+262 262 90 00 00" in line
    assert parse_tables({"relays.csv": table}, "x").snapshot[Kind.RELAY] == {
        "saint-denis": RELAY
    }


@pytest.mark.parametrize(
    "content",
    [
        (HEAD + LINE).encode("utf-8-sig"),
        (HEAD + LINE).encode("cp1252"),
        (HEAD + LINE).encode("utf-16"),
        (HEAD + LINE).replace(";", "\t").encode(),
        (HEAD + LINE).replace(",", ".").replace(";", ",").encode(),
        ("sep=;\r\n\r\n" + HEAD + ";;;;;\r\n" + LINE + ";;\r\n").encode(),
        (HEAD.upper() + LINE.replace("\r\n", ";;;;")).encode(),
    ],
)
def test_a_table_is_read_however_it_was_saved(content: bytes) -> None:
    relays = parse_tables({"Relays-2026.csv": content}, "x").snapshot[Kind.RELAY]
    assert relays["guise"]["name"] == "Relais de Guise"
    assert (relays["guise"]["latitude"], relays["guise"]["longitude"]) == (49.9, 3.62)
    assert relays["guise"]["telephone"] == "+33199000101"


def test_cells_are_of_the_type_that_the_key_takes() -> None:
    files = {
        "organisations.csv": "slug;name;appointment_minutes\n2024;MSA;45\n",
        "reasons.csv": "slug;organisation;name;minutes;papers\n"
        "rsa;2024;RSA;;Pièce d'identité [person-vcard] | Bail (copie) | \n",
        "counsellors.csv": "slug;organisation;name;softphone\n"
        "counsellor-2024-1;2024;Lise;Oui\ncounsellor-2024-2;2024;Paul;non\n",
    }
    read = parse_tables({name: text.encode() for name, text in files.items()}, "x")
    assert read.snapshot[Kind.ORGANISATION]["2024"]["appointment_minutes"] == 45
    reason = read.snapshot[Kind.REASON]["rsa"]
    assert reason["minutes"] is None
    assert reason["papers"] == [
        {"name": "Pièce d'identité", "pictogram": "person-vcard"},
        {"name": "Bail (copie)", "pictogram": ""},
    ]
    counsellors = read.snapshot[Kind.COUNSELLOR]
    assert [each["softphone"] for each in counsellors.values()] == [True, False]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "there is no CSV file in this folder; known names: relays.csv"),
        ({"bornes.csv": "slug\n"}, "bornes.csv: the name does not say of what"),
        (
            {"kiosks.csv": "slug;relay\n", "kiosks-2.csv": "slug;relay\n"},
            "kiosks-2.csv: kiosks.csv is a table of kiosks already",
        ),
        ({"kiosks.csv": " \n"}, "kiosks.csv: the file is empty"),
        (
            {"kiosks.csv": "\nslug;relais\n"},
            'kiosks.csv, line 2: the column "relais" is not known; known columns: slug,',
        ),
        ({"kiosks.csv": "slug;slug\n"}, 'the column "slug" is there twice'),
        (
            {"kiosks.csv": "slug;relay\n\nkiosk-a;a;b\n"},
            "kiosks.csv, line 3: there are more cells than columns",
        ),
        (
            {"kiosks.csv": 'slug;relay\nkiosk-a;"a"b\n'},
            "kiosks.csv, line 2: this is no row of a table",
        ),
        (
            {"kiosks.csv": "slug;relay\nkiosk-a;\n"},
            'kiosks.csv, line 2, column "relay": this column is missing or its cell is'
            " empty; fill it in.",
        ),
        (
            {"kiosks.csv": "slug;relay\nkiosk-a;a\n\nborne;a\n"},
            'kiosks.csv, line 4, column "slug": "borne" must begin with "kiosk-"',
        ),
        (
            {"relays.csv": "slug;name;commune;latitude\na;A;A;49,9\n"},
            'fill in the column "longitude"',
        ),
        (
            {"relays.csv": "slug;name;commune;latitude\na;A;A;nord\n"},
            'relays.csv, line 2, column "latitude": Input should be a valid number.',
        ),
        (
            {"kiosks.csv": "slug;relay\nkiosk-a;a\nkiosk-a;b\n"},
            'line 3: "kiosk-a" is there twice; the first is kiosks.csv, line 2.',
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    files: Mapping[str, str], said: str
) -> None:
    assert any(said in each for each in complaints_about(files)), complaints_about(
        files
    )


def test_a_paper_that_a_cell_cannot_hold_is_named() -> None:
    fields = {"papers": [{"name": "A | B", "pictogram": ""}], "organisation": "msa"}
    fields |= {"name": "RSA", "pictogram": "", "minutes": None, "position": 0}
    with pytest.raises(NotWritable, match="A | B"):
        write_table(Kind.REASON, {"rsa": fields})
