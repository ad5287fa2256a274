# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk that was off in the hours of updates makes them by day, while nobody is expected."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sip_endpoints.machine.packages.debian import security_signed_at
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.units import Units
from sip_endpoints.machine.system.window import read_window
from sip_endpoints.machine.updates.missed_night import (
    FREE_SECONDS,
    MissedNight,
    note_lists_read,
)
from tests.unit.sip_endpoints.machine.running import Programs, said

MORNING = datetime(2026, 11, 24, 9, 0)
DEBIAN = [
    "systemctl start --no-block apt-daily.service",
    "systemctl start --no-block apt-daily-upgrade.service",
]
OURS = ["systemctl start --no-block guichet-update.service"]


class Kiosk:
    """A kiosk of which somebody looks, each minute, what it has missed."""

    def __init__(self, root: Path) -> None:
        self.places = Places(root)
        self.programs = Programs()
        self.is_in_call = False
        self.now = MORNING
        self.anew()

    def anew(self) -> None:
        """Have the agent begin anew, as a new version does."""
        self._night = MissedNight(
            self.places,
            Units(self.programs),
            lambda: self.is_in_call,
            lambda: self.now,
        )

    def look(self, free_seconds: int = FREE_SECONDS) -> list[str]:
        """Look once, a minute later; give what was begun."""
        self.now += timedelta(minutes=1)
        before = len(self.programs.ran)
        self._night.look(free_seconds)
        ran = self.programs.ran[before:]
        return [line for line in ran if line.startswith("systemctl start")]

    def read_at(self, moment: datetime) -> None:
        """Have it have read the server's lists at this moment."""
        note_lists_read(self.places)
        os.utime(self.places.lists_read, (moment.timestamp(),) * 2)

    def debian_is(self, state: str) -> None:
        """Have Debian's own update be at it, or not."""
        self.programs.answers = {"systemctl show": said(f"{state}\n")}


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.read_at(MORNING - timedelta(days=2))
    return made


@pytest.mark.parametrize(
    ("now", "began"),
    [
        (datetime(2026, 11, 24, 9, 0), datetime(2026, 11, 23, 23, 0)),
        # The night that goes on is not missed yet.
        (datetime(2026, 11, 24, 1, 59), datetime(2026, 11, 22, 23, 0)),
        (datetime(2026, 11, 24, 2, 0), datetime(2026, 11, 23, 23, 0)),
        (datetime(2026, 11, 24, 23, 30), datetime(2026, 11, 23, 23, 0)),
    ],
)
def test_the_last_night_is_the_last_one_that_is_over(
    now: datetime, began: datetime
) -> None:
    assert read_window("23:00-02:00").last_began(now) == began


def test_debian_s_updates_come_first_and_ours_once_they_are_done(kiosk: Kiosk) -> None:
    assert kiosk.look() == DEBIAN
    kiosk.debian_is("activating")
    assert kiosk.look() == []
    kiosk.debian_is("inactive")
    assert kiosk.look() == OURS
    # However that ended: once a night is enough.
    assert kiosk.look() == []
    kiosk.now += timedelta(days=1)
    assert kiosk.look() == DEBIAN


def test_a_kiosk_that_was_on_by_night_begins_nothing(kiosk: Kiosk) -> None:
    kiosk.read_at(datetime(2026, 11, 24, 2, 20))
    assert kiosk.look() == []


def test_a_line_that_was_down_by_night_is_a_night_missed(kiosk: Kiosk) -> None:
    """The mark is of lists that were read, not of an attempt."""
    kiosk.read_at(datetime(2026, 11, 23, 2, 20))
    assert kiosk.look() == DEBIAN


def test_nothing_begins_while_somebody_is_expected_or_talks(kiosk: Kiosk) -> None:
    assert kiosk.look(FREE_SECONDS - 1) == []
    kiosk.is_in_call = True
    assert kiosk.look() == []
    kiosk.is_in_call = False
    assert kiosk.look() == DEBIAN
    assert kiosk.look(0) == []
    assert kiosk.look() == OURS


def test_a_new_version_s_agent_goes_on_where_the_former_was(kiosk: Kiosk) -> None:
    assert kiosk.look() + kiosk.look() == DEBIAN + OURS
    kiosk.read_at(kiosk.now)
    kiosk.anew()
    assert kiosk.look() == []


def test_a_machine_that_became_a_kiosk_this_morning_has_missed_nothing(
    tmp_path: Path,
) -> None:
    kiosk = Kiosk(tmp_path)
    assert kiosk.look() == []
    kiosk.places.grant.parent.mkdir(parents=True)
    kiosk.places.grant.touch()
    os.utime(kiosk.places.grant, (MORNING.timestamp(),) * 2)
    assert kiosk.look() == []
    kiosk.now += timedelta(days=1)
    assert kiosk.look() == DEBIAN


LIST = "Origin: Debian\nLabel: {}\nSuite: stable-security\nDate: {}\nValid-Until: x\n"


def test_of_debian_s_security_updates_the_newest_list_counts(tmp_path: Path) -> None:
    places = Places(tmp_path)
    assert security_signed_at(places) is None
    places.apt_lists.mkdir(parents=True)
    signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
    for name, label, date in (
        ("a_dists_trixie_InRelease", "Debian", "Sat, 28 Nov 2026 09:00:00 UTC"),
        (
            "b_trixie-security_InRelease",
            "Debian-Security",
            "Fri, 27 Nov 2026 08:07:06 UTC",
        ),
        (
            "c_trixie-security_Release",
            "Debian-Security",
            "Mon, 02 Nov 2026 08:00:00 UTC",
        ),
        ("d_trixie-security_InRelease", "Debian-Security", "nonsense"),
        (
            "e_trixie-security_Packages",
            "Debian-Security",
            "Sun, 29 Nov 2026 08:00:00 UTC",
        ),
    ):
        (places.apt_lists / name).write_text(signed + LIST.format(label, date))
    (places.apt_lists / "partial_InRelease").mkdir()
    found = security_signed_at(places)
    assert found is not None
    assert found.isoformat() == "2026-11-27T08:07:06+00:00"
