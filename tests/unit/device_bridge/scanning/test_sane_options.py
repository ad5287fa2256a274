# SPDX-License-Identifier: AGPL-3.0-or-later
"""The options of real scanners, by the names that their vendors gave them."""

import pytest

from device_bridge.jobs.reasons import Reason
from device_bridge.scanning.sane_options import (
    UNIT_MM,
    Offered,
    choose_area,
    choose_mode,
    choose_resolution,
    choose_sources,
    choose_values,
)
from device_bridge.scanning.scanner import ScannerError, ScanRequest, Source

# What `scanimage -A` lists for these, as published with their backends.
AIRSCAN = ["Flatbed", "ADF", "ADF Duplex"]
BROTHER = [
    "FlatBed",
    "Automatic Document Feeder(left aligned)",
    "Automatic Document Feeder(left aligned,Duplex)",
]
EPSON = ["Flatbed", "Automatic Document Feeder"]
FUJITSU = ["ADF Front", "ADF Back", "ADF Duplex"]
HP = ["Auto", "Flatbed", "ADF", "Duplex"]
TEST = ["Flatbed", "Automatic Document Feeder"]


def sources(names, **request):
    found = choose_sources({"source": Offered(list(names))}, ScanRequest(**request))
    return [word for _, word in found]


@pytest.mark.parametrize(
    ("names", "one_side", "two_sides", "glass"),
    [
        (AIRSCAN, "ADF", "ADF Duplex", "Flatbed"),
        (BROTHER, BROTHER[1], BROTHER[2], "FlatBed"),
        (EPSON, EPSON[1], EPSON[1], "Flatbed"),
        (HP, "ADF", "Duplex", "Flatbed"),
        (TEST, TEST[1], TEST[1], "Flatbed"),
    ],
)
def test_feeder_and_glass_are_found_by_every_vendors_words(
    names, one_side, two_sides, glass
):
    assert sources(names, source=Source.FEEDER) == [one_side]
    assert sources(names, source=Source.FEEDER, duplex=True) == [two_sides]
    assert sources(names, source=Source.FLATBED) == [glass]
    assert sources(names) == [one_side, glass]


def test_a_sheet_scanner_scans_the_front_unless_both_sides_are_wanted():
    assert sources(FUJITSU, source=Source.FEEDER) == ["ADF Front"]
    assert sources(FUJITSU, source=Source.FEEDER, duplex=True) == ["ADF Duplex"]


def test_a_scanner_without_feeder_says_so_when_only_a_feeder_would_do():
    with pytest.raises(ScannerError) as caught:
        sources(["Flatbed"], source=Source.FEEDER)

    assert caught.value.reason is Reason.NO_FEEDER


def test_a_scanner_without_a_source_option_is_used_as_it_comes():
    assert choose_sources({}, ScanRequest()) == [(Source.AUTO, "")]


@pytest.mark.parametrize(
    ("modes", "colour", "gray"),
    [
        (["Lineart", "Gray", "Color"], "Color", "Gray"),
        (["Black & White", "True Gray", "24bit Color"], "24bit Color", "True Gray"),
        (["Lineart", "Halftone", "Gray"], "Gray", "Gray"),
        (["Color"], "Color", "Color"),
        ([], None, None),
    ],
)
def test_the_mode_is_the_vendors_word_for_it(modes, colour, gray):
    options = {"mode": Offered(modes)}

    assert choose_mode(options, True) == colour
    assert choose_mode(options, False) == gray


@pytest.mark.parametrize(
    ("constraint", "wanted", "chosen"),
    [
        ([75, 150, 300, 600], 300, 300),
        ([100, 200, 400], 300, 400),
        ([200], 300, 200),
        ((50, 1200, 1), 300, 300),
        ((50, 200, 1), 300, 200),
    ],
)
def test_the_nearest_resolution_is_chosen_the_finer_of_two(constraint, wanted, chosen):
    assert choose_resolution({"resolution": Offered(constraint)}, wanted) == chosen


def corners(width, height):
    return {
        "tl_x": Offered((0, width, 0), UNIT_MM),
        "tl_y": Offered((0, height, 0), UNIT_MM),
        "br_x": Offered((0, width, 0), UNIT_MM),
        "br_y": Offered((0, height, 0), UNIT_MM),
    }


def test_a_card_takes_its_corner_of_the_glass_and_never_more_than_there_is():
    request = ScanRequest(source=Source.FLATBED, area_mm=(105.0, 74.0))

    big = choose_area(corners(216, 297), request, Source.FLATBED)
    small = choose_area(corners(100, 50), request, Source.FLATBED)

    assert (big["br_x"], big["br_y"]) == (105.0, 74.0)
    assert (small["br_x"], small["br_y"]) == (100.0, 50.0)


def test_a_feeder_takes_a4_and_the_whole_glass_is_all_of_it():
    request = ScanRequest()

    fed = choose_area(corners(216, 356), request, Source.FEEDER)
    glass = choose_area(corners(216, 297), request, Source.FLATBED)

    assert (fed["br_x"], fed["br_y"]) == (210.0, 297.0)
    assert (glass["br_x"], glass["br_y"]) == (216.0, 297.0)


def test_both_sides_by_an_option_apart_from_the_source():
    options = {"adf_mode": Offered(["Simplex", "Duplex"])}

    values = choose_values(options, ScanRequest(duplex=True), Source.FEEDER)

    assert values["adf_mode"] == "Duplex"
