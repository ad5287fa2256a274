# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk with neither printer nor scanner: it says so, and proves its wipes all the same."""

from stage.waiting import wait_for


def test_it_proves_that_nothing_of_the_call_is_left(make_kiosk):
    kiosk = make_kiosk(printer="none", scanner="none")
    kiosk.start()
    beat = wait_for(lambda: kiosk.server.heartbeats, "a heartbeat")[0]
    for device in ("printer", "scanner"):
        assert (beat[device]["state"], beat[device]["reasons"]) == ("absent", [])

    kiosk.leave_call()

    proof = kiosk.wait_wiped()
    assert proof["appointment"] == 41
    assert proof["looked_at"] == {
        "telephone": 0,
        "print": 0,
        "spool": 0,
        "temporary": 0,
    }


def test_who_keys_a_code_reads_that_there_is_none(make_kiosk, pdf):
    kiosk = make_kiosk(printer="none", scanner="none")
    kiosk.server.documents = {1: pdf("Formulaire")}
    kiosk.start()
    kiosk.phone.key("*9#")
    kiosk.phone.wait_heard(
        "Imprimante : pas à cette borne. Scanner : pas à cette borne."
    )
    kiosk.phone.key("*11#")
    kiosk.phone.wait_heard("Cette imprimante n'est pas installée sur la borne.")
    kiosk.phone.key("*21#")
    kiosk.phone.wait_heard("Aucun scanner n'est installé sur la borne.")
    kiosk.wait_ended(jobs=2)
    # Each device tells by itself.
    assert sorted(kiosk.reasons()) == ["printer_unknown", "scanner_missing"]
