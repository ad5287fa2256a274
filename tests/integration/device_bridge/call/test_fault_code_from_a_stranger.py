# SPDX-License-Identifier: AGPL-3.0-or-later
"""Codes that do not come from this call's counsellor, or from no call at all."""


def test_digits_of_another_call_do_nothing(printing_kiosk):
    kiosk = printing_kiosk

    kiosk.phone.key("*12#", call="gv-99-1")
    kiosk.phone.key("*9#")
    kiosk.phone.wait_heard("Imprimante : prête.")

    assert kiosk.bridge.status()["jobs"] == []
    assert kiosk.server.reports == []
    assert kiosk.printed() == []


def test_digits_after_the_call_do_nothing(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.leave_call()

    kiosk.phone.key("*12#")
    kiosk.enter_call(42, "gv-42-1")
    kiosk.phone.key("*9#")
    kiosk.phone.wait_heard("Imprimante : prête.")

    assert kiosk.server.reports == []
    assert kiosk.printed() == []


def test_a_document_of_an_appointment_that_the_server_does_not_see_in_call_is_refused(
    printing_kiosk,
):
    kiosk = printing_kiosk
    kiosk.server.appointment = 42

    kiosk.phone.key("*12#")
    report = kiosk.wait_ended()

    assert (report["state"], report["reason"]) == ("aborted", "call_over")
    assert kiosk.printed() == []


def test_a_scan_for_an_appointment_that_the_server_does_not_see_in_call_is_refused(
    scanning_kiosk,
):
    kiosk = scanning_kiosk
    kiosk.server.appointment = 42

    kiosk.phone.key("*23#")
    report = kiosk.wait_ended()

    assert (report["state"], report["reason"]) == ("aborted", "call_over")
    assert kiosk.server.uploads == {}


def test_nonsense_on_the_socket_does_not_stop_the_bridge(printing_kiosk):
    import socket

    kiosk = printing_kiosk
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(kiosk.bridge.socket))
        stranger.sendall(b"\xff\x00 nonsense\n[1]\n{}\n" + b'{"event":"digit"}\n')
        stranger.sendall(b'{"event":"call_confirmed","call":"x","appointment":"y"}\n')
        stranger.sendall(b"x" * 20000)

    kiosk.phone.key("*11#")

    kiosk.phone.wait_heard("Impression terminée, 1 page.")
    assert kiosk.bridge.socket.stat().st_mode & 0o777 == 0o600
