# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a row of `live_event` may be about."""

from enum import StrEnum


class Kind(StrEnum):
    """What a change is about."""

    APPOINTMENT = "appointment"
    DOCUMENT = "document"
    DEVICE = "device"
    # What a kiosk's second screen shows.
    SCREEN = "screen"
    # Who fills in a draft of a form, and that it went on.
    DRAFT = "draft"
    # A key, a pointer's move: what the screen follows many times a second.
    MIRROR = "mirror"
    # Whether kiosks and counsellors are there, or somebody asks for help.
    READINESS = "readiness"
    # Whether a counsellor is available, paused or writes up a call.
    DUTY = "duty"
    # The clock alone; never a row of `live_event`.
    CLOCK = "clock"
