# SPDX-License-Identifier: AGPL-3.0-or-later
"""python-sane raises whatever its backend can answer."""

import pytest


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("DEVICE_BUSY", "scanner_busy"),
        ("INVAL", "scanner_fault"),
        ("NO_MEM", "scanner_fault"),
        ("ACCESS_DENIED", "scanner_fault"),
        ("UNSUPPORTED", "scanner_fault"),
    ],
)
def test_every_error_becomes_a_reason_that_the_counsellor_reads(
    scanning_kiosk, status, reason
):
    kiosk = scanning_kiosk
    kiosk.scanner.break_with(status, at_page=2)

    kiosk.phone.key("*23#")
    report = kiosk.wait_ended()

    assert (report["state"], report["reason"]) == ("aborted", reason)
    kiosk.phone.wait_heard("Numérisation arrêtée à la page 2.")
    assert kiosk.wait_scan().announced["pages"] == 1
