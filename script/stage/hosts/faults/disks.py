# SPDX-License-Identifier: AGPL-3.0-or-later
"""The disk is full, at the kiosk, at the server, at the counsellor's: in a call, and at boot."""

from stage.hosts.faults.ground import Ground
from stage.hosts.faults.kiosk_says import failed_checks
from stage.hosts.faults.small_disk import fill, make_room, small_disk
from stage.hosts.installing import await_telephones, sit_down
from stage.hosts.told_call import NoCall

FULL_SECONDS = 60.0
MESSAGE_SECONDS = 45.0
# The page that says that the server is very busy (503 Service Unavailable).
REFUSED = "refused with 503"


def disk_of_kiosk(ground: Ground) -> None:
    """The kiosk's disk is full in a call and at boot: people talk, nothing is printed."""
    with small_disk(ground, "kiosk") as kiosk:
        await_telephones(ground.hosts)
        appointment = ground.begin_call()
        fill(kiosk)
        ground.seen["counsellor_reads"] = _key(ground, "*2#")
        ground.expect_call(appointment)
        ground.end_call(appointment)
        failed = failed_checks(kiosk)
        ground.expect("disk: disk_full" in failed, f"the self-test found {failed}")
        kiosk.pull_plug()
        kiosk.boot()
        with ground.timed("registered_with_a_full_disk_seconds"):
            await_telephones(ground.hosts)
        ground.end_call(ground.begin_call())
        make_room(kiosk)


def disk_of_server(ground: Ground) -> None:
    """The server's disk is full in a call: people talk, and pages answer in words."""
    with small_disk(ground, "server") as server:
        await_telephones(ground.hosts)
        appointment = ground.begin_call()
        fill(server)
        ground.hang_up()
        ground.wait(
            lambda: ground.kiosk_phone.call() is None, "the call ends", FULL_SECONDS
        )
        ground.seen["booking"] = _book(ground)
        said = server.ask("guichet-server", "check").stdout.decode()
        ground.expect("FAILED" in said, "guichet-server check finds nothing wrong")
        make_room(server)
        with ground.timed("written_after_room_seconds"):
            ground.wait_state_after(appointment)


def disk_of_counsellor(ground: Ground) -> None:
    """The disk of the counsellor's PC is full: calls come and go all the same."""
    try:
        with small_disk(ground, "counsellor") as counsellor:
            sit_down(counsellor)
            await_telephones(ground.hosts)
            fill(counsellor)
            ground.end_call(ground.begin_call())
            make_room(counsellor)
    finally:
        sit_down(ground.hosts.host("counsellor"))


def _book(ground: Ground) -> str:
    """Book, where what is already the database's may suffice; else it is refused in words."""
    try:
        ground.end_call(ground.begin_call())
    except NoCall as refused:
        ground.expect(REFUSED in str(refused), f"the booking: {refused}")
        return REFUSED
    return "taken"


def _key(ground: Ground, code: str) -> str:
    phone = ground.counsellor_phone
    seen = int(phone.status()["message_count"])
    phone.order("digits", code)
    ground.wait(
        lambda: int(phone.status()["message_count"]) > seen,
        f"the counsellor is told what came of {code}",
        MESSAGE_SECONDS,
    )
    return str(phone.status()["messages"][-1])
