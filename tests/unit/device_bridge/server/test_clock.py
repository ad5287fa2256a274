# SPDX-License-Identifier: AGPL-3.0-or-later
"""How wrong the kiosk's clock is, in the words of whoever sets it."""

import pytest

from device_bridge.server.clock import ClockState

HOUR = 3600
DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("seconds", "length"),
    [
        (121, "2 minutes"),
        (HOUR - 31, "59 minutes"),
        # An answer takes its time: what was an hour is measured as a second less.
        (HOUR - 1, "1 heure"),
        (HOUR, "1 heure"),
        (HOUR + 1, "1 heure"),
        (2 * HOUR - 1, "2 heures"),
        (DAY - 1, "1 jour"),
        (DAY, "1 jour"),
        (365 * DAY - 1, "365 jours"),
    ],
)
def test_a_length_is_said_in_the_unit_that_matters(seconds: int, length: str) -> None:
    assert ClockState(-seconds).sentence == (
        f"L'horloge de la borne retarde de {length}. Mettez-la à l'heure."
    )
    assert f"avance de {length}." in ClockState(seconds).sentence


@pytest.mark.parametrize("seconds", [-120, 0, 120, None])
def test_a_clock_that_is_right_is_not_spoken_of(seconds: int | None) -> None:
    assert not ClockState(seconds).is_wrong
    assert ClockState(seconds).sentence == ""
