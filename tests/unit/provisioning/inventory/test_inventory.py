# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an inventory may hold, and what is said about each thing that it may not."""

import re
from pathlib import Path

import pytest

from provisioning.inventory.plan import Kind
from provisioning.inventory.reading import (
    InventoryError,
    check_references,
    parse_inventory,
    read_inventory,
)

DEMO = Path(__file__).parents[4] / "script" / "demo-inventory.toml"
RELAY = '[[relays]]\nslug = "guise"\nname = "Relais"\ncommune = "Guise"\n'
ORGANISATION = '[[organisations]]\nslug = "msa"\nname = "MSA"\n'
REASON = '[[reasons]]\nslug = "msa-rsa"\nname = "RSA"\norganisation = "msa"\n'
SPRITE = (
    Path(__file__).parents[4]
    / "booking_web/static/vendor/bootstrap-icons/pictograms.svg"
)


def complaints_about(text: str) -> list[str]:
    with pytest.raises(InventoryError) as caught:
        check_references(parse_inventory(text, "i.toml"), {})
    return caught.value.complaints


def test_the_demo_inventory_is_what_the_first_ground_needs():
    inventory = read_inventory(DEMO)
    check_references(inventory, {})
    assert list(inventory.snapshot[Kind.RELAY]) == ["wassigny", "guise", "marly-gomont"]
    assert inventory.snapshot[Kind.KIOSK]["kiosk-guise"] == {"relay": "guise"}
    assert list(inventory.snapshot[Kind.ORGANISATION]) == [
        "sous-prefecture-vervins",
        "mission-locale-thierache",
        "msa",
    ]
    assert inventory.snapshot[Kind.USER]["mairie@guise.example"] == {
        "name": "Mairie de Guise",
        "role": "secretary",
        "relay": "guise",
        "organisation": None,
        "counsellor": None,
    }
    for organisation in inventory.snapshot[Kind.ORGANISATION]:
        managers = [
            user
            for user in inventory.snapshot[Kind.USER].values()
            if (user["role"], user["organisation"]) == ("manager", organisation)
        ]
        assert len(managers) == 1, organisation


def test_every_pictogram_of_the_demo_inventory_can_be_drawn():
    reasons = read_inventory(DEMO).snapshot[Kind.REASON].values()
    used = {reason["pictogram"] for reason in reasons}
    used |= {paper["pictogram"] for reason in reasons for paper in reason["papers"]}
    drawn = set(re.findall(r'<symbol [^>]*id="([^"]+)"', SPRITE.read_text()))
    assert "car-front" in used
    assert used - {""} <= drawn


def test_what_is_left_out_gets_its_default():
    inventory = parse_inventory(RELAY + ORGANISATION + REASON)
    assert inventory.snapshot[Kind.RELAY]["guise"] == {
        "name": "Relais",
        "commune": "Guise",
        "address": "",
        "time_zone": "Europe/Paris",
        "latitude": None,
        "longitude": None,
        "telephone": "",
        "room": "",
    }
    assert inventory.snapshot[Kind.ORGANISATION]["msa"] == {
        "name": "MSA",
        "short_name": "MSA",
        "abandon_after_seconds": 300,
        "appointment_minutes": 30,
        "telephone": "",
        "time_zone": "Europe/Paris",
        "interprets": "",
        "wrap_up_seconds": 120,
        "missed_rings_allowed": 3,
    }
    assert inventory.snapshot[Kind.REASON]["msa-rsa"] == {
        "name": "RSA",
        "organisation": "msa",
        "pictogram": "",
        "minutes": None,
        "position": 0,
        "papers": [],
    }


@pytest.mark.parametrize(
    "written",
    ["01 99 00 10 02", "0199001002", "+33 1 99 00 10 02", "+33 (0)1.99.00.10.02"],
)
def test_every_way_to_write_a_telephone_number_is_the_same_number(written: str):
    inventory = parse_inventory(f'{RELAY}telephone = "{written}"\n')
    assert inventory.snapshot[Kind.RELAY]["guise"]["telephone"] == "+33199001002"


@pytest.mark.parametrize("written", ["3646", "36 46"])
def test_a_short_number_of_the_country_stays_its_digits(written: str):
    inventory = parse_inventory(f'{RELAY}telephone = "{written}"\n')
    assert inventory.snapshot[Kind.RELAY]["guise"]["telephone"] == "3646"


def test_a_paper_is_a_text_or_a_name_with_a_pictogram():
    papers = '"RIB", { name = "Carte Vitale", pictogram = "heart-pulse" }'
    inventory = parse_inventory(f"{REASON}papers = [{papers}]\n")
    assert inventory.snapshot[Kind.REASON]["msa-rsa"]["papers"] == [
        {"name": "RIB", "pictogram": ""},
        {"name": "Carte Vitale", "pictogram": "heart-pulse"},
    ]


def test_a_place_may_be_written_in_whole_degrees_on_either_side_of_zero():
    reunion = f"{RELAY}latitude = -21\nlongitude = 55.45\n"
    relay = parse_inventory(reunion).snapshot[Kind.RELAY]["guise"]
    assert (relay["latitude"], relay["longitude"]) == (-21.0, 55.45)


@pytest.mark.parametrize(
    "text, complaint",
    [
        pytest.param(
            "[[relays]\n",
            "i.toml: this is not TOML: Expected ']]' at the end of an array declaration"
            " (at line 1, column 9)",
            id="not TOML",
        ),
        pytest.param(
            '[[kiosk]]\nslug = "kiosk-guise"\n',
            'i.toml: the key or table "kiosk" is not known; known tables: [[relays]],'
            " [[organisations]], [[kiosks]], [[counters]], [[reasons]], [[counsellors]],"
            " [[users]], [sip], [web].",
            id="unknown table",
        ),
        pytest.param(
            '[relays]\nslug = "guise"\n',
            "i.toml: write each relay under a line [[relays]], with two brackets.",
            id="one bracket",
        ),
        pytest.param(
            '[[sip]]\nserver = "a"\n',
            "i.toml: write [sip] with one bracket, once.",
            id="two brackets",
        ),
        pytest.param(
            RELAY + 'colour = "blue"\n',
            'i.toml, line 5, [[relays]] number 1, key "colour": this key is not known;'
            " known keys: slug, name, commune, address, time_zone, latitude, longitude,"
            " telephone, room.",
            id="unknown key",
        ),
        pytest.param(
            '\n[[relays]]\nslug = "guise"\nname = "Relais"\n',
            'i.toml, line 2, [[relays]] number 1, key "commune": this key is missing; add'
            ' a line commune = "...".',
            id="missing key",
        ),
        pytest.param(
            RELAY.replace('"guise"', '"Guise_1"'),
            'i.toml, line 2, [[relays]] number 1, key "slug": "Guise_1" is no slug: use'
            " small letters without accents, digits and single hyphens between them, at"
            ' most 60, such as "marly-gomont".',
            id="no slug",
        ),
        pytest.param(
            RELAY + '[[kiosks]]\nslug = "guise-1"\nrelay = "guise"\n',
            'i.toml, line 6, [[kiosks]] number 1, key "slug": "guise-1" must begin with'
            ' "kiosk-": write "kiosk-guise-1".',
            id="kiosk without its prefix",
        ),
        pytest.param(
            ORGANISATION
            + '[[counsellors]]\nslug = "msa-1"\nname = "A"\norganisation = "msa"\n',
            'i.toml, line 5, [[counsellors]] number 1, key "slug": "msa-1" must begin'
            ' with "counsellor-": write "counsellor-msa-1".',
            id="counsellor without its prefix",
        ),
        pytest.param(
            RELAY + "\n" + RELAY,
            'i.toml, line 6, [[relays]] number 2: "guise" is there twice; the first is'
            " i.toml, line 1, [[relays]] number 1. Remove one of them or give it another"
            " slug.",
            id="duplicate",
        ),
        pytest.param(
            RELAY + '[[kiosks]]\nslug = "kiosk-guise"\nrelay = "gise"\n',
            'i.toml, line 5, [[kiosks]] number 1, key "relay": no relay has the slug'
            ' "gise"; known: guise. Correct it or add it under [[relays]].',
            id="unknown reference",
        ),
        pytest.param(
            RELAY + ORGANISATION.replace('"msa"', '"guise"'),
            'i.toml, line 5, [[organisations]] number 1: "guise" is already the slug of a'
            " relay; choose another one.",
            id="one slug for two things",
        ),
        pytest.param(
            RELAY + 'time_zone = "Europe/Guise"\n',
            'i.toml, line 5, [[relays]] number 1, key "time_zone": "Europe/Guise" is no'
            ' time zone: use a name such as "Europe/Paris" or "Indian/Reunion".',
            id="no time zone",
        ),
        pytest.param(
            RELAY.replace('"Relais"', '"Rel\\nais"'),
            'i.toml, line 3, [[relays]] number 1, key "name": the text holds a line break'
            " or a control character.",
            id="line break in a name",
        ),
        pytest.param(
            ORGANISATION + "appointment_minutes = 1\n",
            'i.toml, line 4, [[organisations]] number 1, key "appointment_minutes": Input'
            " should be greater than or equal to 5.",
            id="number out of range",
        ),
        pytest.param(
            ORGANISATION + 'abandon_after_seconds = "300"\n',
            "i.toml, line 4, [[organisations]] number 1, key"
            ' "abandon_after_seconds": Input should be a valid integer.',
            id="text for a number",
        ),
        pytest.param(
            RELAY + "latitude = 49.9\n",
            "i.toml, line 1, [[relays]] number 1: the latitude alone is no place: add a"
            " line longitude = ..., or remove the latitude.",
            id="half a place",
        ),
        pytest.param(
            RELAY + "latitude = 490.0\nlongitude = 3.6\n",
            'i.toml, line 5, [[relays]] number 1, key "latitude": Input should be less'
            " than or equal to 90.",
            id="a place off the globe",
        ),
        pytest.param(
            RELAY + "latitude = nan\nlongitude = 3.6\n",
            'i.toml, line 5, [[relays]] number 1, key "latitude": Input should be less'
            " than or equal to 90.",
            id="a place that is no number",
        ),
        pytest.param(
            ORGANISATION + 'telephone = "9999"\n',
            'i.toml, line 4, [[organisations]] number 1, key "telephone": "9999" is no'
            ' telephone number: write all of it, such as "01 99 00 01 01" or, overseas'
            ' and abroad, "+262 262 90 00 00", or a short number such as "3646"; no'
            " extension.",
            id="no short number of the country",
        ),
        pytest.param(
            ORGANISATION + REASON + 'pictogram = "Carte grise"\n',
            'i.toml, line 8, [[reasons]] number 1, key "pictogram": "Carte grise" is no'
            ' pictogram: use the name of an icon of bootstrap-icons, such as "car-front".',
            id="no pictogram",
        ),
        pytest.param(
            ORGANISATION
            + REASON
            + 'papers = ["RIB", { name = "CV", colour = "red" }]\n',
            'i.toml, line 8, [[reasons]] number 1, key "papers": paper number 2,'
            ' "colour": this key is not known; known keys: name, pictogram.',
            id="unknown key of a paper",
        ),
        pytest.param(
            ORGANISATION + REASON + 'papers = [{ pictogram = "bank" }]\n',
            'i.toml, line 8, [[reasons]] number 1, key "papers": paper number 1, "name":'
            ' this key is missing; add name = "...".',
            id="a paper without a name",
        ),
        pytest.param(
            ORGANISATION + REASON + "papers = [3]\n",
            'i.toml, line 8, [[reasons]] number 1, key "papers": paper number 1: write a'
            ' paper as a text or as { name = "...", pictogram = "..." }.',
            id="a number for a paper",
        ),
        pytest.param(
            REASON,
            'i.toml, line 1, [[reasons]] number 1, key "organisation": no organisation'
            ' has the slug "msa"; known: none. Correct it or add it under'
            " [[organisations]].",
            id="a reason of nobody",
        ),
        pytest.param(
            '[[users]]\nemail = "a"\nname = "A"\nrole = "administrator"\n',
            'i.toml, line 2, [[users]] number 1, key "email": "a" is no e-mail address.',
            id="no e-mail",
        ),
        pytest.param(
            '[[users]]\nemail = "a@b.fr"\nname = "A"\nrole = "boss"\n',
            "i.toml, line 4, [[users]] number 1, key \"role\": Input should be 'secretary',"
            " 'manager', 'counsellor', 'supervisor', 'officer' or 'administrator'.",
            id="unknown role",
        ),
        pytest.param(
            '[[users]]\nemail = "a@b.fr"\nname = "A"\nrole = "secretary"\n',
            "i.toml, line 1, [[users]] number 1: the role secretary needs a relay: add a"
            ' line relay = "...".',
            id="secretary of nowhere",
        ),
        pytest.param(
            RELAY
            + '[[users]]\nemail = "a@b.fr"\nname = "A"\nrole = "administrator"\n'
            + 'relay = "guise"\n',
            "i.toml, line 5, [[users]] number 1: the role administrator takes no key"
            ' "relay": remove it.',
            id="administrator of one relay",
        ),
        pytest.param(
            '[[users]]\nemail = "a@b.fr"\nname = "A"\nrole = "administrator"\n'
            + 'counsellor = "counsellor-msa-1"\n',
            "i.toml, line 1, [[users]] number 1: the role administrator takes no key"
            ' "counsellor": remove it.',
            id="administrator with a counsellor's telephone",
        ),
        pytest.param(
            '[sip]\nserver = "sip.example"\nport = 70000\n',
            'i.toml, line 3, [sip], key "port": Input should be less than or equal to'
            " 65535.",
            id="impossible port",
        ),
        pytest.param(
            'relays = [{slug = "guise", name = "Relais"}]\n',
            'i.toml, [[relays]] number 1, key "commune": this key is missing; add a line'
            ' commune = "...".',
            id="inline tables have no line of their own",
        ),
    ],
)
def test_a_fault_is_told_with_its_place_and_its_remedy(text: str, complaint: str):
    assert complaints_about(text) == [complaint]


def test_every_fault_is_told_at_once():
    faulty = (
        RELAY.replace('"guise"', '"Guise"') + 'x = 1\n[[kiosks]]\nrelay = "guise"\n'
    )
    places = [complaint.split(":")[0] for complaint in complaints_about(faulty)]
    assert places == [
        'i.toml, line 2, [[relays]] number 1, key "slug"',
        'i.toml, line 5, [[relays]] number 1, key "x"',
        'i.toml, line 6, [[kiosks]] number 1, key "slug"',
    ]


def test_a_part_may_refer_to_what_the_database_holds():
    part = parse_inventory('[[kiosks]]\nslug = "kiosk-guise-2"\nrelay = "guise"\n')
    check_references(part, {Kind.RELAY: {"guise": {}}})
    with pytest.raises(InventoryError, match='no relay has the slug "guise"'):
        check_references(part, {Kind.RELAY: {"wassigny": {}}})


def test_an_email_address_is_kept_in_small_letters():
    text = '[[users]]\nemail = "Admin@B.fr"\nname = "A"\nrole = "administrator"\n'
    assert list(parse_inventory(text).snapshot[Kind.USER]) == ["admin@b.fr"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    with pytest.raises(InventoryError, match="absent.toml: cannot be read"):
        read_inventory(tmp_path / "absent.toml")
    (tmp_path / "latin1.toml").write_bytes('name = "é"'.encode("latin-1"))
    with pytest.raises(InventoryError, match="latin1.toml: cannot be read"):
        read_inventory(tmp_path / "latin1.toml")
