# SPDX-License-Identifier: AGPL-3.0-or-later
"""A resident of the demo: signs the forms that come out, lays one page after the other down."""

from collections import deque

from PIL import Image

from stage.form_records import FormRecords
from stage.scanner import PaperScanner
from stage.signed_paper import blank_paper, signed_page
from stage.stack import Stage


class SigningResident:
    """Sits at a kiosk whose scanner takes paper; `act` is to be called again and again."""

    def __init__(self, stage: Stage, kiosk: str) -> None:
        self._records = FormRecords(stage)
        self._devices = stage.devices_of(kiosk)
        scanner = self._devices.scanner
        if not isinstance(scanner, PaperScanner):
            raise TypeError(f"the scanner of {kiosk} takes no paper")
        self._scanner = scanner
        self._kiosk = kiosk
        self._signed = 0
        self._scanned = 0
        # How many papers had come out when nothing was to be signed.
        self._sheets = 0
        self._in_hand: deque[Image.Image] = deque()
        self._scanner.lay(blank_paper())

    def act(self) -> None:
        """Sign the form that was printed last, or lay down its next page."""
        sheets = self._devices.printed_files()
        printed = self._records.printed_at(self._kiosk)
        if printed is None:
            self._sheets = len(sheets)
            return
        scanned = self._records.scans(printed.appointment_id)
        if printed.id != self._signed:
            if len(sheets) == self._sheets:
                # It is on its way to the printer.
                return
            self._signed = printed.id
            zones = self._records.zones(printed.edition_id)
            self._in_hand = deque(
                signed_page(sheets[-1], number, zones.get(number, ()))
                for number in range(1, printed.pages + 1)
            )
        elif scanned <= self._scanned:
            self._sheets = len(sheets)
            return
        self._scanned, self._sheets = scanned, len(sheets)
        self._scanner.lay(self._in_hand.popleft() if self._in_hand else blank_paper())
