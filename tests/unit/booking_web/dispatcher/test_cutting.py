# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who was shut out is cut once Asterisk can be reached, and called by nobody meanwhile."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.dispatcher import waking
from booking_web.dispatcher.cutting import cutter as cutting
from booking_web.dispatcher.cutting.cuts import end_graces, take_cuts
from booking_web.dispatcher.cutting.cutter import Cutter
from booking_web.dispatcher.ledger import Ledger
from booking_web.dispatcher.manager.ami import AmiUnavailable, Channel, Registration
from booking_web.dispatcher.manager.registrations import registrations_of
from booking_web.dispatcher.placing.claims import take_claims
from booking_web.domain.rights.browser_telephones import endings_to_do
from booking_web.tables.appointment import Appointment
from booking_web.tables.browser_telephones import BrowserTelephone
from booking_web.tables.states import AppointmentState as S
from provisioning.database.access import EndpointCut, FormerSecret
from provisioning.database.engine import Database
from provisioning.database.models import Counsellor, Kiosk
from provisioning.directory.cutting import ask_to_cut, is_cut, mark_cut
from stage.appointments import put_appointment
from stage.waiting import PATIENCE, PATIENCE_SECONDS
from tests.unit.booking_web.dispatcher.fake_ami import FakeAmi

NOW = datetime.now(UTC)
KIOSK = "kiosk-1"
KEY = f"{KIOSK};@d32342692bc17e5830f73391ec281cc3"
SEVERAL_TIMES = 3


def contact(ends: object = "1795771257") -> str:
    return json.dumps({"uri": "sip:x@192.0.2.1", "expiration_time": ends})


def shut_out(database: Database, slug: str = KIOSK) -> None:
    with database.write() as session:
        ask_to_cut(session, slug, NOW, is_revoked=True)


def put(database: Database, state: S, call: str | None = None) -> int:
    with database.write() as session:
        number = put_appointment(session, KIOSK, "msa", state=state)
        session.get_one(Appointment, number).call = call
        return number


def told(database: Database, number: int) -> tuple[str, str]:
    with database.read() as session:
        appointment = session.get_one(Appointment, number)
        return appointment.state, appointment.state_reason


def cut_with(
    database: Database, ami: FakeAmi, is_enough: Callable[[], bool] = lambda: False
) -> bool:
    """Have a cutter work until nothing is left to cut, or it has done enough."""

    async def work() -> bool:
        ledger = Ledger(database, lambda: None, lambda _: None)
        cutter = Cutter(ami, ledger)
        cutter.wake()
        running = asyncio.create_task(cutter.run())
        async with asyncio.timeout(PATIENCE_SECONDS * PATIENCE):
            while not (done := await ledger.read(lambda s: is_cut(s, KIOSK))):
                if is_enough():
                    break
                await asyncio.sleep(0.02)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await ledger.close(1)
        return done

    return asyncio.run(work())


def test_its_channels_and_its_registration_end_and_no_others(database) -> None:
    number = put(database, S.QUEUED, "gv-1-1")
    shut_out(database)
    names = ("PJSIP/kiosk-1-0000000a", "PJSIP/kiosk-10-0000000b", "PJSIP/x-0000000c")
    ami = FakeAmi(
        now_up=[Channel(name, "", name, True, "", "") for name in names],
        registered={KEY: contact(), "kiosk-10;@aa": contact()},
    )
    assert cut_with(database, ami)
    assert set(ami.hung_up) == {"PJSIP/kiosk-1-0000000a"}
    assert set(ami.registered) == {"kiosk-10;@aa"}
    assert told(database, number) == (S.INTERRUPTED, "access_cut")


def test_while_asterisk_is_away_it_stays_to_be_done_and_then_is_done(
    database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waking, "POLL_SECONDS", 0.02)
    shut_out(database)
    ami = FakeAmi(registered={KEY: contact()})
    asked: list[str] = []

    async def away() -> list[Channel]:
        asked.append("channels")
        raise AmiUnavailable("not connected")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(ami, "channels", away)
        assert not cut_with(database, ami, lambda: len(asked) == SEVERAL_TIMES)
    assert cut_with(database, ami)
    assert ami.registered == {}


def test_a_registration_that_does_not_go_is_tried_again(
    database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waking, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(cutting, "GONE_WITHIN_SECONDS", 0.05)
    shut_out(database)
    ami = FakeAmi(registered={KEY: contact()})
    ended: list[Registration] = []

    async def end_in_vain(registration: Registration) -> None:
        ended.append(registration)

    monkeypatch.setattr(ami, "end_registration", end_in_vain)
    assert not cut_with(database, ami, lambda: len(ended) == SEVERAL_TIMES)


def test_a_kiosk_that_is_to_be_cut_is_not_called(database) -> None:
    put(database, S.ARRIVED)
    shut_out(database)
    with database.write() as session:
        assert take_claims(session, datetime.now(UTC)) == []
        mark_cut(session, KIOSK, NOW, NOW)
        assert [each.kiosk for each in take_claims(session, datetime.now(UTC))] == [
            KIOSK
        ]


def test_what_was_asked_again_meanwhile_stays_to_be_done(database) -> None:
    shut_out(database)
    with database.write() as session:
        ask_to_cut(session, KIOSK, NOW + timedelta(seconds=1))
        mark_cut(session, KIOSK, NOW, NOW)
        assert not is_cut(session, KIOSK)


def test_a_counsellors_call_ends_and_the_others_go_on(database) -> None:
    number = put(database, S.IN_CALL, "gv-1-1")
    with database.write() as session:
        counsellor = session.scalars(select(Counsellor)).first()
        session.get_one(Appointment, number).counsellor_id = counsellor.id
        slug = counsellor.slug
    shut_out(database, "counsellor-of-nobody")
    with database.write() as session:
        assert [cut.calls for cut in take_cuts(session, NOW)] == [()]
    assert told(database, number)[0] == S.IN_CALL
    shut_out(database, slug)
    with database.write() as session:
        cuts = {cut.slug: cut.calls for cut in take_cuts(session, NOW)}
    assert cuts[slug] == ("gv-1-1",)
    assert told(database, number) == (S.INTERRUPTED, "access_cut")


def keep_former(database: Database, ends_at: datetime) -> None:
    with database.write() as session:
        kiosk = session.scalars(select(Kiosk).where(Kiosk.slug == KIOSK)).one()
        row = FormerSecret(kiosk_id=kiosk.id, rotated_at=NOW, ends_at=ends_at)
        session.add(row)


@pytest.mark.parametrize(
    ("state", "ends_in_seconds", "is_left"),
    [(S.BOOKED, 60, True), (S.BOOKED, -1, False), (S.IN_CALL, -1, True)],
)
def test_a_former_secret_ends_with_its_grace_but_not_in_a_call(
    database, state, ends_in_seconds, is_left
) -> None:
    put(database, state, "gv-1-1")
    keep_former(database, NOW + timedelta(seconds=ends_in_seconds))
    with database.write() as session:
        end_graces(session, NOW)
    with database.read() as session:
        assert bool(session.scalars(select(FormerSecret)).all()) is is_left


def test_what_was_cut_long_ago_is_forgotten_but_who_is_shut_out(database) -> None:
    long_ago = NOW - timedelta(days=2)
    with database.write() as session:
        for slug, is_revoked in (("kiosk-1", True), ("kiosk-2", False)):
            ask_to_cut(session, slug, long_ago, is_revoked=is_revoked)
            mark_cut(session, slug, long_ago, long_ago)
        end_graces(session, NOW)
        assert session.scalars(select(EndpointCut.slug)).all() == ["kiosk-1"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", "null", contact(None), contact("soon"), contact("-1")],
)
def test_what_is_no_registration_is_left_out(text) -> None:
    assert registrations_of(KIOSK, {KEY: text}) == []


def test_registrations_are_those_of_the_endpoint() -> None:
    remembered = {KEY: contact(), f"{KIOSK}0;@aa": contact(), f"x{KIOSK};@a": contact()}
    assert registrations_of(KIOSK, remembered) == [Registration(KEY, "1795771257")]


def test_a_page_whose_sign_in_is_over_is_registered_no_more_and_its_call_goes_on(
    database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waking, "POLL_SECONDS", 0.02)
    page = "counsellor-msa-1"
    with database.write() as session:
        row = BrowserTelephone(slug=page, session_digest="of nobody", made_at=NOW)
        session.add(row)
    ami = FakeAmi(
        now_up=[Channel("1.1", "", f"PJSIP/{page}-0000000a", True, "", "")],
        registered={f"{page};@aa": contact(), KEY: contact()},
    )

    async def work() -> None:
        ledger = Ledger(database, lambda: None, lambda _: None)
        running = asyncio.create_task(Cutter(ami, ledger).run())
        async with asyncio.timeout(90):
            while f"{page};@aa" in ami.registered or await ledger.read(endings_to_do):
                await asyncio.sleep(0.02)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await ledger.close(1)

    asyncio.run(work())
    assert set(ami.registered) == {KEY}
    assert not ami.hung_up
    with database.read() as session:
        assert session.get_one(BrowserTelephone, page).session_digest is None
