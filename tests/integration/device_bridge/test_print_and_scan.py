# SPDX-License-Identifier: AGPL-3.0-or-later
"""The story without faults: a code in a call prints, scans and copies for real."""

import hashlib

import pypdfium2 as pdfium

from device_bridge.call.link import Audience
from stage.waiting import wait_for


def test_a_code_prints_the_document_and_says_so_to_both(printing_kiosk):
    kiosk = printing_kiosk

    kiosk.phone.key("*12#")
    kiosk.phone.wait_heard("Impression terminée, 3 pages.")
    report = kiosk.wait_ended()

    assert report["state"] == "completed"
    assert (report["operation"], report["document"]) == ("print", 2)
    assert (report["page"], report["pages"]) == (3, 3)
    assert kiosk.printed() == [
        ["Attestation page 1", "Attestation page 2", "Attestation page 3"]
    ]
    assert kiosk.phone.heard()[0] == "Impression du document 2 en cours (3 pages)."
    assert kiosk.phone.heard(Audience.RESIDENT) == [
        "Impression en cours.",
        "Votre document est imprimé. Prenez vos feuilles.",
    ]


def test_ten_sheets_of_the_feeder_become_a_document_with_the_same_hash(scanning_kiosk):
    kiosk = scanning_kiosk

    kiosk.phone.key("*2#")
    kiosk.phone.wait_heard("Numérisation reçue : document 1, 10 pages.")
    scan = kiosk.wait_scan()

    assert hashlib.sha256(scan.data).hexdigest() == scan.announced["sha256"]
    assert scan.announced["pages"] == 10
    assert kiosk.wait_ended()["state"] == "completed"
    wait_for(lambda: kiosk.wait_ended()["document"] == 1, "its number is known")
    assert kiosk.wait_ended()["state"] == "completed"


def test_both_sides_of_a_card_become_one_page(scanning_kiosk, pages_of):
    kiosk = scanning_kiosk

    kiosk.phone.key("*22#")
    scan = kiosk.wait_scan()

    assert len(pages_of(bytes(scan.data))) == 1
    heard = kiosk.phone.heard()
    assert "Recto numérisé : faites retourner la carte." in heard
    assert "Retournez la carte sur la vitre." in kiosk.phone.heard(Audience.RESIDENT)


def test_a_copy_is_scanned_and_printed_and_leaves_no_document(make_kiosk, cups):
    kiosk = make_kiosk(cups)
    kiosk.start()

    kiosk.phone.key("*32#")
    kiosk.phone.wait_heard("Impression terminée, 20 pages.")
    report = kiosk.wait_ended()

    assert (report["operation"], report["state"]) == ("copy", "completed")
    assert [len(pages) for pages in kiosk.printed()] == [10, 10]
    assert kiosk.server.uploads == {}


def test_a_prepared_job_runs_with_its_parameters(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.server.prepared[5] = {
        "operation": "print",
        "document": 1,
        "copies": 2,
        "duplex": True,
        "colour": False,
    }

    kiosk.phone.key("*75#")
    report = kiosk.wait_ended()

    assert (report["number"], report["state"]) == (5, "completed")
    assert kiosk.printed() == [["Formulaire page 1"], ["Formulaire page 1"]]
    assert kiosk.cups.options_used() == ["two-sided-long-edge monochrome"]


def test_a_print_comes_out_on_a4(printing_kiosk):
    kiosk = printing_kiosk

    kiosk.phone.key("*12#")
    kiosk.wait_ended()

    [file] = kiosk.cups.printed_files()
    sizes = [tuple(map(round, page.get_size())) for page in pdfium.PdfDocument(file)]
    assert sizes and set(sizes) == {(595, 842)}


def test_the_state_of_both_devices_is_said(printing_kiosk):
    kiosk = printing_kiosk

    kiosk.phone.key("*9#")

    kiosk.phone.wait_heard("Imprimante : prête. Scanner : prêt.")


def test_the_resident_sees_what_the_devices_do(printing_kiosk):
    kiosk = printing_kiosk
    wait_for(lambda: kiosk.server.cues, "what a former bridge left is cleared")

    kiosk.phone.key("*12#")
    kiosk.wait_ended()
    told = {"cue": "take_print", "page": 0, "pages": 0}
    wait_for(lambda: told in kiosk.server.cues, "the resident may take the sheets")
    kiosk.phone.key("*23#")
    kiosk.wait_scan()
    taken = {"cue": "scan_good", "page": 0, "pages": 0}
    wait_for(lambda: taken in kiosk.server.cues, "the resident may take the papers")

    cues = [each["cue"] for each in kiosk.server.cues]
    assert cues[0] == ""
    assert "printing" in cues and "scanning" in cues
    pages = [e["page"] for e in kiosk.server.cues if e["cue"] == "scanning"]
    assert pages == sorted(pages) and pages[-1] <= 10


def test_when_the_call_is_over_nothing_is_left_and_the_server_has_the_proof(
    printing_kiosk,
):
    kiosk = printing_kiosk
    kiosk.phone.key("*11#")
    kiosk.wait_ended()
    kiosk.phone.key("*21#")
    kiosk.wait_scan()

    kiosk.leave_call()
    proof = kiosk.wait_wiped()

    assert proof["appointment"] == 41
    assert proof["files"] >= 2
    assert proof["bytes"] > 1000


def test_a_heartbeat_tells_the_devices_states(printing_kiosk):
    beat = wait_for(lambda: printing_kiosk.server.heartbeats, "a heartbeat")[0]

    assert beat["printer"]["state"] == "idle"
    assert beat["scanner"] == {
        "name": "test:0",
        "state": "idle",
        "reasons": [],
        "sentence": "Scanner : prêt.",
    }
    assert beat["line"] is None
    printing_kiosk.phone.tell_line("coarse", "no word")
    printing_kiosk.phone.tell_line("coarse", "good")
    line = {"from_kiosk": "coarse", "to_kiosk": "good"}
    beats = printing_kiosk.server.heartbeats
    wait_for(lambda: beats[-1]["line"] == line, "the server hears of the line")
    assert beat["volume"] is None
    for code, level in (("*84#", 4), ("*81#", 1)):
        printing_kiosk.phone.key(code)
        printing_kiosk.phone.wait_heard(f"{level} sur 5")
        wait_for(
            lambda level=level: printing_kiosk.server.heartbeats[-1]["volume"] == level,
            "the server is told at once",
        )
    printing_kiosk.phone.key("*86#")
    printing_kiosk.phone.wait_heard("Le volume va de 1 à 5.")
