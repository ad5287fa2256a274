# SPDX-License-Identifier: AGPL-3.0-or-later
"""When somebody is told what is wrong with a machine: once when it begins, once when it is over."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking_web.domain.fleet.alerts.raising import raised_alerts
from booking_web.domain.fleet.machines import note_misused_token, note_stranger
from booking_web.domain.fleet.nodes import TellsOfNode, take_node_report
from booking_web.domain.fleet.updates import TellsOfUpdate, take_update
from booking_web.domain.kiosks.presence import end_watch, write_presence
from booking_web.domain.kiosks.wipes import WipeReport, take_wipe_report
from booking_web.tables.fleet import MachineReport, UpdateState
from booking_web.words.alerts import details_of
from provisioning.database.access import EndpointCut, FormerSecret
from provisioning.database.models import Kiosk
from provisioning.directory.kiosk_secrets import note_new_token_shown

NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WASSIGNY = 1


def test_one_red_self_test_is_seen_on_the_page_two_in_a_row_are_told(
    watch, tested, session
) -> None:
    tested(("camera", "black_picture"))
    assert watch.look() == []
    tested()
    tested(("camera", "black_picture"))
    assert watch.look() == []
    tested(("screens", "one_screen"), ("camera", "black_picture"))
    assert watch.look() == ["self_test_failed kiosk-wassigny begins"]
    [alert] = raised_alerts(session)
    assert alert.detail == "screens:one_screen camera:black_picture"
    tested(("screens", "one_screen"))
    assert watch.look() == []
    tested()
    assert watch.look() == ["self_test_failed kiosk-wassigny over"]


GB = 1_000_000_000


def test_a_disk_that_swings_around_the_bound_is_told_once(watch, heard) -> None:
    told = []
    for free in (1.9, 2.1, 1.9, 2.5, 1.8, 2.9):
        heard(disk_free_bytes=int(free * GB), disk_bytes=64 * GB)
        told += watch.look_for(15 * MINUTE, 5 * MINUTE)
    assert told == ["disk_low kiosk-wassigny begins"]
    heard(disk_free_bytes=20 * GB, disk_bytes=64 * GB)
    assert watch.look_for(15 * MINUTE) == ["disk_low kiosk-wassigny over"]


def test_a_small_disk_is_judged_by_its_share(watch, heard) -> None:
    heard(disk_free_bytes=int(1.2 * GB), disk_bytes=8 * GB)
    assert watch.look_for(15 * MINUTE) == []
    heard(disk_free_bytes=int(0.7 * GB), disk_bytes=8 * GB)
    assert watch.look_for(15 * MINUTE) == ["disk_low kiosk-wassigny begins"]


def test_a_certificate_is_told_two_weeks_before_its_end(watch, heard) -> None:
    heard(certificate_ends=NOW + 15 * DAY)
    assert watch.look() == []
    assert watch.look(DAY + MINUTE) == ["certificate_ends kiosk-wassigny begins"]
    heard(certificate_ends=NOW + 90 * DAY)
    assert watch.look(MINUTE) == ["certificate_ends kiosk-wassigny over"]


def test_a_clock_that_is_wrong_for_ten_minutes_is_told(watch, heard) -> None:
    heard(clock=NOW - HOUR)
    assert watch.look_for(5 * MINUTE) == []
    assert watch.look_for(6 * MINUTE) == ["clock_wrong kiosk-wassigny begins"]
    heard()
    assert watch.look_for(12 * MINUTE) == ["clock_wrong kiosk-wassigny over"]


def tells_of_update(session, watch, state, to="2", cause="no_tone") -> None:
    told = TellsOfUpdate(
        state=state, from_version="1", to_version=to, tried_at=watch.now, cause=cause
    )
    take_update(session, WASSIGNY, told, watch.now)


def test_a_version_that_was_taken_back_is_told_until_a_later_one_is_in(
    watch, heard, session
) -> None:
    heard()
    tells_of_update(session, watch, UpdateState.ROLLED_BACK)
    assert watch.look() == ["update_failed kiosk-wassigny begins"]
    [alert] = raised_alerts(session)
    assert alert.detail == "rolled_back 2 no_tone"
    assert watch.look_for(2 * DAY) == []
    tells_of_update(session, watch, UpdateState.DONE, "3", "")
    assert watch.look() == ["update_failed kiosk-wassigny over"]


def test_what_could_not_be_installed_is_told_when_the_next_night_was_no_better(
    watch, session
) -> None:
    tells_of_update(session, watch, UpdateState.FAILED, cause="no_download")
    assert watch.look_for(20 * HOUR) == []
    tells_of_update(session, watch, UpdateState.DONE, cause="")
    assert watch.look_for(10 * HOUR) == []
    tells_of_update(session, watch, UpdateState.FAILED, "3", "disk_full")
    assert watch.look_for(30 * HOUR) == ["update_failed kiosk-wassigny begins"]


@pytest.mark.parametrize("given_out", [None, frozenset({"1"})])
def test_who_cannot_read_what_is_offered_is_told_whatever_it_is(
    watch, session, given_out
) -> None:
    """Nobody was told: the version that a kiosk lacks was not known."""
    watch.given_out = given_out
    tells_of_update(session, watch, UpdateState.FAILED, "", "list_old")
    assert watch.look_for(30 * HOUR) == ["update_failed kiosk-wassigny begins"]
    [alert] = raised_alerts(session)
    words = details_of(alert, ZoneInfo("Europe/Paris"))
    assert words.startswith("Les mises à jour ne se lisent pas : ce que le dépôt")
    take_update(session, WASSIGNY, None, watch.now)
    assert watch.look() == ["update_failed kiosk-wassigny over"]


@pytest.mark.parametrize(
    ("signed_at", "detail"),
    [(None, ""), (NOW - 15 * DAY, "2026-11-09T09:02+00:00")],
)
def test_who_reads_no_security_updates_of_debian_is_told_of_after_a_day(
    watch, heard, session, signed_at, detail
) -> None:
    heard(tells_security=True, security_signed_at=signed_at)
    assert watch.look_for(20 * HOUR) == []
    assert watch.look_for(10 * HOUR) == ["security_old kiosk-wassigny begins"]
    [alert] = raised_alerts(session)
    assert alert.detail == detail
    heard(tells_security=True, security_signed_at=watch.now - DAY)
    assert watch.look() == ["security_old kiosk-wassigny over"]


def test_a_kiosk_that_is_off_over_the_summer_lacks_no_security_updates(
    watch, heard
) -> None:
    heard(tells_security=True, security_signed_at=NOW - DAY)
    kinds = {told.split()[0] for told in watch.look_for(60 * DAY)}
    assert "security_old" not in kinds
    # Back again, it has read them before anybody is told.
    heard(tells_security=True, security_signed_at=NOW - DAY)
    assert watch.look_for(HOUR) == []
    heard(tells_security=True, security_signed_at=watch.now - DAY)
    assert watch.look_for(2 * DAY) == []


def test_a_kiosk_that_does_not_tell_of_security_updates_is_no_news(
    watch, heard
) -> None:
    heard()
    assert watch.look_for(3 * DAY) == []


def test_of_a_version_that_nobody_is_given_any_more_nothing_is_told(
    watch, session
) -> None:
    tells_of_update(session, watch, UpdateState.ROLLED_BACK)
    watch.given_out = frozenset({"1", "2"})
    assert watch.look() == ["update_failed kiosk-wassigny begins"]
    # It is withdrawn.
    watch.given_out = frozenset({"1"})
    assert watch.look() == ["update_failed kiosk-wassigny over"]


def test_a_version_that_somebody_installed_by_hand_afterwards_is_no_failure(
    watch, heard, session
) -> None:
    heard(packages={"guichet-kiosk": "2"})
    tells_of_update(session, watch, UpdateState.FAILED)
    assert watch.look_for(2 * DAY) == []


def test_another_machine_is_told_at_once_and_over_when_it_stays_away(
    watch, heard, session
) -> None:
    heard()
    note_stranger(session, WASSIGNY, "b" * 64, "198.51.100.9", watch.now)
    assert watch.look() == ["other_machine kiosk-wassigny begins"]
    assert watch.look_for(HOUR) == []
    assert watch.look_for(HOUR) == ["other_machine kiosk-wassigny over"]


def test_a_token_in_other_hands_is_told_until_it_opens_nothing(
    watch, heard, session
) -> None:
    heard()
    kiosk = session.get_one(Kiosk, WASSIGNY)
    token = kiosk.token_digest
    note_misused_token(session, WASSIGNY, token, "198.51.100.9", watch.now)
    assert watch.look() == ["token_misused kiosk-wassigny begins"]
    assert watch.look_for(2 * DAY) == []
    former = FormerSecret(
        kiosk_id=WASSIGNY,
        token_digest=token,
        rotated_at=watch.now,
        ends_at=watch.now + DAY,
    )
    session.add(former)
    kiosk.token_digest = "e" * 64
    session.flush()
    assert watch.look() == []
    note_new_token_shown(session, WASSIGNY, watch.now)
    assert watch.look() == ["token_misused kiosk-wassigny over"]


def test_a_machine_that_is_enrolled_is_no_stranger_any_more(
    watch, heard, session
) -> None:
    heard()
    note_stranger(session, WASSIGNY, "b" * 64, "198.51.100.9", watch.now)
    heard(machine_id="b" * 64)
    assert watch.look() == []
    assert session.get_one(MachineReport, WASSIGNY).stranger_id == ""


def test_a_kiosk_that_was_shut_out_is_nobodys_alarm(
    watch, heard, booked, session
) -> None:
    heard(NOW - HOUR, certificate_ends=NOW)
    booked(NOW + 58 * MINUTE)
    cut = EndpointCut(slug="kiosk-wassigny", asked_at=NOW, is_revoked=True)
    session.add(cut)
    assert watch.look_for(30 * MINUTE) == []
    session.delete(cut)
    assert sorted(watch.look_for(30 * MINUTE)) == [
        "certificate_ends kiosk-wassigny begins",
        "kiosk_silent kiosk-wassigny begins",
    ]


def test_a_dispatcher_that_was_never_there_or_restarts_is_no_alarm(
    watch, session
) -> None:
    assert watch.look_for(10 * MINUTE) == []
    write_presence(session, {}, {}, watch.now, is_all=True)
    assert watch.look() == []
    assert watch.look_for(MINUTE) == []
    write_presence(session, {}, {}, watch.now, is_all=True)
    assert watch.look_for(MINUTE) == []


def test_a_dispatcher_that_hears_nothing_is_told(watch, session) -> None:
    write_presence(session, {}, {}, watch.now, is_all=True)
    end_watch(session, watch.now)
    assert watch.look_for(5 * MINUTE) == ["dispatcher_silent  begins"]
    told = []
    for _ in range(8):
        write_presence(session, {}, {}, watch.now + MINUTE, is_all=True)
        told += watch.look_for(MINUTE)
    assert told == ["dispatcher_silent  over"]


def test_a_backup_that_is_too_old_is_told_and_a_new_server_has_its_first_night(
    watch, session
) -> None:
    def told_by_node(**told):
        node = TellsOfNode(name="host", version="1", is_backup_watched=True, **told)
        take_node_report(session, node, watch.now)

    told_by_node()
    assert watch.look_for(35 * HOUR, HOUR) == []
    assert watch.look_for(2 * HOUR, HOUR) == ["backup_old host begins"]
    told_by_node(backed_up_at=watch.now)
    assert watch.look(MINUTE) == ["backup_old host over"]
    assert watch.look_for(35 * HOUR, HOUR) == []
    assert watch.look_for(3 * HOUR, HOUR) == ["backup_old host begins"]


def test_what_the_server_finds_of_itself_is_told_at_once_and_that_nobody_looks_later(
    watch, session
) -> None:
    def told_by_node(*failing: str):
        node = TellsOfNode(name="host", version="1", failing=failing)
        take_node_report(session, node, watch.now)

    told_by_node()
    assert watch.look() == []
    # It has seen it twice already.
    told_by_node("database", "units")
    assert watch.look() == ["server_failing host begins"]
    [alert] = raised_alerts(session)
    assert alert.detail == "database units"
    told_by_node()
    assert watch.look() == ["server_failing host over"]
    told_by_node("watch")
    assert watch.look_for(14 * MINUTE) == []
    assert watch.look_for(3 * MINUTE) == ["server_failing host begins"]


def test_a_kiosk_that_cannot_be_wiped_is_told_and_is_over_once_it_is(
    watch, heard, session
) -> None:
    heard()
    told = WipeReport("failed", None, ("spool:read_only",))
    take_wipe_report(session, WASSIGNY, told, "kiosk:kiosk-wassigny", NOW)
    assert watch.look_for(2 * MINUTE) == ["not_wiped kiosk-wassigny begins"]
    [alert] = raised_alerts(session)
    assert alert.detail == "spool:read_only"
    told = WipeReport("clean", None)
    take_wipe_report(session, WASSIGNY, told, "kiosk:kiosk-wassigny", NOW)
    assert watch.look() == ["not_wiped kiosk-wassigny over"]
