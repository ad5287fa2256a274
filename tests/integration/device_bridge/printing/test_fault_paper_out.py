# SPDX-License-Identifier: AGPL-3.0-or-later
"""The printer runs out of paper: the counsellor reads it, the print goes on afterwards."""


def test_the_counsellor_reads_it_and_the_print_goes_on_once_it_is_mended(
    see_mended,
):
    see_mended("media-empty", "paper_out", "L'imprimante n'a plus de papier.")


def test_a_print_that_gets_no_paper_in_time_is_given_up_and_never_comes_out(
    make_kiosk, cups, pdf
):
    kiosk = make_kiosk(cups, print_limit_seconds=5)
    kiosk.server.documents = {1: pdf("Formulaire")}
    kiosk.start()
    cups.set_faults("media-empty")

    kiosk.phone.key("*11#")
    report = kiosk.wait_ended()
    cups.set_faults()
    cups.wait_idle()

    assert (report["state"], report["reason"]) == ("aborted", "paper_out")
    assert "n'a pas abouti à temps" in kiosk.phone.wait_heard("plus de papier. L'impr")
    assert kiosk.printed() == []


def test_a_cancel_while_it_waits_for_paper_prints_nothing(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.cups.set_faults("media-empty")
    kiosk.phone.key("*12#")
    kiosk.phone.wait_heard("L'imprimante n'a plus de papier.")

    kiosk.phone.key("*0#")
    kiosk.phone.wait_heard("Impression annulée")
    kiosk.cups.set_faults()
    kiosk.cups.wait_idle()

    assert kiosk.wait_ended()["state"] == "canceled"
    assert kiosk.printed() == []
