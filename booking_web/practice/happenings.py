# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a trainee may have happen, so that they see it once before it happens to them."""

from enum import StrEnum


class Happening(StrEnum):
    """Something that goes on until the trainee puts it right."""

    # The printer has no paper left: what is printed waits.
    NO_PAPER = "no-paper"
    # The kiosk is switched off: nobody can be called.
    KIOSK_OFF = "kiosk-off"
