# SPDX-License-Identifier: AGPL-3.0-or-later
"""A resident in call is handed over on a real Asterisk: to whom, and what where nobody takes it.

What a page asks for is put into the database here, as the page does. Pictures are counted.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from booking_web.dispatcher.handing_over.rows import take_handovers
from booking_web.domain.appointments.handing_over.asking import (
    Wanted,
    ask_to_hand_over,
)
from booking_web.domain.appointments.handing_over.offers import offers_to
from booking_web.shell.doorbell import Doorbell
from booking_web.tables.appointment import Appointment, JournalEntry, Period
from booking_web.tables.documents import Document
from booking_web.tables.handovers import Handover
from booking_web.tables.states import AppointmentState as S
from provisioning.database.models import Counsellor, Organisation
from stage.appointments import AppointmentBook
from stage.colleagues import COLLEAGUE, with_colleague
from stage.endpoint import Endpoint
from stage.stack import ASTERISK_FILE, Stage, StageOptions
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK, ORGANISATION, FIRST = "kiosk-wassigny", "msa", "counsellor-msa-1"
OTHERS, OTHER = "mission-locale-thierache", "counsellor-mission-locale-thierache-1"
NEXT_KIOSK = "kiosk-guise"
PICTURES = 20
PATIENCE = 60.0


@pytest.fixture(scope="module")
def one_asterisk() -> Iterator[Stage]:
    """Give a system of these tests' own, in which telephones ring until somebody answers."""
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    directory = Path(tempfile.mkdtemp(prefix="guichet-test-"))
    try:
        options = StageOptions(
            auto_answer=False,
            provisions_in_process=True,
            inventory=with_colleague(directory),
        )
        with Stage(directory, options) as stage:
            stage.prepare()
            stage.start("asterisk", "dispatcher", KIOSK, FIRST, COLLEAGUE, OTHER)
            yield stage
    finally:
        shutil.rmtree(directory)


class Desk:
    """The call of one resident, and who may be handed it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.database = stage.database()
        self.book = AppointmentBook(self.database)
        self.kiosk = stage.kiosk(KIOSK)
        self.number = 0

    def telephone(self, slug: str) -> Endpoint:
        return self.stage.counsellor(slug)

    def rings(self, slug: str) -> bool:
        call = self.telephone(slug).call()
        return call is not None and call["stage"] == "ringing"

    def wait_ring(self, slug: str) -> None:
        wait_for(lambda: self.rings(slug), f"{slug} rings", PATIENCE, 0.05)

    def answer(self, slug: str) -> None:
        self.wait_ring(slug)
        self.telephone(slug).order("answer")

    def begin(self) -> None:
        """Have the resident in call with the first counsellor, both seen."""
        self.number = self.book.put(KIOSK, ORGANISATION)
        self.answer(FIRST)
        self.wait_in_call(FIRST)
        self.see_pictures(FIRST)

    def see_pictures(self, slug: str) -> None:
        """Wait until this many more are decoded at both ends."""
        before = [self._pictures(self.kiosk), 0]

        def are_seen() -> bool:
            seen = (self._pictures(self.kiosk), self._pictures(self.telephone(slug)))
            return all(n - was >= PICTURES for n, was in zip(seen, before, strict=True))

        wait_for(are_seen, f"the kiosk and {slug} see each other", PATIENCE, 0.1)

    def _pictures(self, endpoint: Endpoint) -> int:
        video = (endpoint.call() or {}).get("video") or {}
        return int(video.get("frames_decoded", 0))

    def ask(self, wanted: Wanted) -> None:
        """Ask as the first counsellor's page does, and wake the dispatcher."""
        with self.database.write() as session:
            appointment = session.get_one(Appointment, self.number)
            first = session.scalars(
                select(Counsellor).where(Counsellor.slug == FIRST)
            ).one()
            ask_to_hand_over(
                session,
                appointment,
                first,
                wanted,
                actor="user:1",
                now=datetime.now(UTC),
            )
        Doorbell(str(self.stage.directory / "doorbell.sock")).ring()

    def wait_there(self, slug: str) -> None:
        """Wait until a page would offer this colleague."""

        def is_offered() -> bool:
            with self.database.read() as session:
                first = session.scalars(
                    select(Counsellor).where(Counsellor.slug == FIRST)
                ).one()
                offers = offers_to(session, first, datetime.now(UTC))
                return any(
                    each.slug == slug and not each.is_in_call
                    for each in offers.colleagues
                )

        wait_for(is_offered, f"{slug} is offered", PATIENCE, 0.2)

    def handover(self) -> tuple[str, str]:
        """Give how the last one stands, and who took it."""
        with self.database.read() as session:
            row = session.scalars(select(Handover).order_by(Handover.id.desc())).first()
            assert row is not None
            return str(row.state), row.taken_by.slug if row.taken_by else ""

    def wait_handover(self, state: str, taken_by: str = "") -> None:
        wait_for(
            lambda: self.handover() == (state, taken_by),
            f"the hand-over is {state} by {taken_by}",
            PATIENCE,
            0.1,
        )

    def served(self) -> tuple[str, str, str]:
        """Give the state, and which organisation and counsellor have the appointment."""
        with self.database.read() as session:
            appointment = session.get_one(Appointment, self.number)
            counsellor = appointment.counsellor
            organisation = session.get_one(Organisation, appointment.organisation_id)
            return (
                str(appointment.state),
                organisation.slug,
                counsellor.slug if counsellor else "",
            )

    def wait_in_call(self, slug: str, organisation: str = ORGANISATION) -> None:
        wait_for(
            lambda: self.served() == ("in_call", organisation, slug),
            f"in call with {slug}",
            PATIENCE,
            0.1,
        )

    def periods(self) -> list[str]:
        with self.database.read() as session:
            query = select(Period).where(Period.appointment_id == self.number)
            return [
                str(each.kind) for each in session.scalars(query.order_by(Period.id))
            ]

    def acts(self) -> list[str]:
        with self.database.read() as session:
            query = select(JournalEntry.act).where(
                JournalEntry.appointment_id == self.number,
                JournalEntry.act.like("hand%over%"),
            )
            return [
                str(each) for each in session.scalars(query.order_by(JournalEntry.id))
            ]

    def end(self, slug: str) -> None:
        self.telephone(slug).order("hangup")
        self.book.wait(self.number, S.DONE)
        # Whoever heard nothing of it reads the same.
        with self.database.read() as session:
            call = session.get_one(Appointment, self.number).call
        kept = wait_for(
            lambda: (
                (told := self.stage.asterisk.astdb("guichet", KIOSK) or "")
                and not told.endswith("|in_call")
                and told
            ),
            "Asterisk remembers how it ended",
        )
        assert kept == f"{call}|done"


@pytest.fixture
def desk(one_asterisk: Stage) -> Iterator[Desk]:
    found = Desk(one_asterisk)
    found.book.close_all()
    one_asterisk.start("dispatcher", KIOSK, FIRST, COLLEAGUE, OTHER)
    yield found
    one_asterisk.asterisk.cli("channel request hangup all")
    one_asterisk.asterisk.wait_idle()
    found.book.close_all()
    found.database.dispose()


def test_a_colleague_who_answers_has_the_call_and_both_see_each_other(
    desk: Desk,
) -> None:
    desk.begin()
    desk.wait_there(COLLEAGUE)
    asked_at = time.monotonic()
    desk.ask(Wanted(colleague=COLLEAGUE, note="Dossier RSA"))
    desk.wait_ring(COLLEAGUE)
    rang_at = time.monotonic()
    call = desk.telephone(COLLEAGUE).call()
    assert call is not None and "transmis par MSA" in call["remote_name"], call
    assert call["appointment_id"] == str(desk.number)
    assert desk.telephone(FIRST).call() is None
    assert desk.served() == ("queued", ORGANISATION, "")
    answered_at = time.monotonic()
    desk.answer(COLLEAGUE)
    desk.see_pictures(COLLEAGUE)
    print(
        f"ask -> ring {rang_at - asked_at:.2f} s,"
        f" answer -> {PICTURES} pictures {time.monotonic() - answered_at:.2f} s"
    )
    desk.wait_in_call(COLLEAGUE)
    desk.wait_handover("taken", COLLEAGUE)
    desk.end(COLLEAGUE)
    assert desk.periods()[-3:] == ["in_call", "queued", "in_call"]
    assert desk.acts() == ["handover_requested", "handed_over", "handover_taken"]


def test_who_handed_over_is_rung_for_the_next_resident_meanwhile(desk: Desk) -> None:
    desk.begin()
    desk.wait_there(COLLEAGUE)
    desk.ask(Wanted(colleague=COLLEAGUE))
    desk.answer(COLLEAGUE)
    desk.wait_in_call(COLLEAGUE)
    desk.stage.start(NEXT_KIOSK)
    following = desk.book.put(NEXT_KIOSK, ORGANISATION)
    desk.answer(FIRST)
    desk.book.wait(following, S.IN_CALL, "", PATIENCE)
    # Two calls, two counsellors, and each ends by itself.
    desk.end(COLLEAGUE)
    assert desk.book.told(following) == ("in_call", "")
    desk.telephone(FIRST).order("hangup")
    desk.book.wait(following, S.DONE, "", PATIENCE)


def test_refused_by_the_colleague_it_comes_back_to_the_first(desk: Desk) -> None:
    desk.begin()
    desk.wait_there(COLLEAGUE)
    desk.ask(Wanted(colleague=COLLEAGUE))
    desk.wait_ring(COLLEAGUE)
    desk.telephone(COLLEAGUE).order("hangup")
    desk.wait_ring(FIRST)
    desk.wait_handover("returning")
    assert desk.served() == ("queued", ORGANISATION, "")
    desk.answer(FIRST)
    desk.see_pictures(FIRST)
    desk.wait_handover("returned", FIRST)
    desk.wait_in_call(FIRST)
    assert desk.acts() == [
        "handover_requested",
        "handed_over",
        "handover_returned",
        "handover_taken",
    ]
    desk.end(FIRST)


def test_a_colleague_who_vanishes_and_a_first_who_refuses_leave_it_to_the_queue(
    desk: Desk,
) -> None:
    desk.begin()
    desk.wait_there(COLLEAGUE)
    desk.ask(Wanted(colleague=COLLEAGUE))
    desk.wait_ring(COLLEAGUE)
    desk.stage.kill(COLLEAGUE)
    desk.wait_ring(FIRST)
    desk.telephone(FIRST).order("hangup")
    wait_for(lambda: not desk.rings(FIRST), "the first rings no more", PATIENCE, 0.02)
    # Whoever the queue has: here the first again, who thinks better of it.
    desk.answer(FIRST)
    desk.wait_handover("returned", FIRST)
    desk.wait_in_call(FIRST)
    desk.see_pictures(FIRST)
    desk.end(FIRST)


def test_another_organisation_has_the_call_and_what_it_may_read(desk: Desk) -> None:
    desk.begin()
    with desk.database.write() as session:
        for number in (1, 2):
            session.add(
                Document(
                    appointment_id=desk.number,
                    number=number,
                    title=f"Papier {number}",
                    sha256=str(number) * 64,
                    size=1,
                    pages=1,
                    source="scan",
                    created_at=datetime.now(UTC),
                    created_by="user:1",
                )
            )
    desk.ask(Wanted(organisation=OTHERS, documents=(2,), resident_agrees=True))
    desk.wait_ring(OTHER)
    assert desk.served() == ("queued", OTHERS, "")
    desk.answer(OTHER)
    desk.see_pictures(OTHER)
    desk.wait_in_call(OTHER, OTHERS)
    desk.wait_handover("taken", OTHER)
    assert desk.telephone(FIRST).call() is None
    with desk.database.read() as session:
        kept = {
            each.number: each.kept_by_id is not None
            for each in session.scalars(
                select(Document).where(Document.appointment_id == desk.number)
            )
        }
    assert kept == {1: True, 2: False}
    desk.end(OTHER)
    assert desk.served()[1:] == (OTHERS, OTHER)


def test_nobody_of_the_other_organisation_answers_and_it_can_be_called_again(
    desk: Desk,
) -> None:
    change = "UPDATE organisation SET abandon_after_seconds = :s WHERE slug = :slug"
    with desk.database.write() as session:
        session.execute(text(change), {"s": 3, "slug": OTHERS})
    try:
        desk.begin()
        desk.ask(Wanted(organisation=OTHERS, resident_agrees=True))
        desk.book.wait(desk.number, S.ABANDONED, "queue_timeout", PATIENCE)
        desk.wait_handover("nobody")
        assert desk.served() == ("abandoned", OTHERS, "")
    finally:
        with desk.database.write() as session:
            session.execute(text(change), {"s": 300, "slug": OTHERS})


def test_a_resident_who_leaves_meanwhile_has_left(desk: Desk) -> None:
    desk.begin()
    desk.wait_there(COLLEAGUE)
    desk.ask(Wanted(colleague=COLLEAGUE))
    desk.wait_ring(COLLEAGUE)
    desk.stage.stop(KIOSK)
    desk.book.wait(desk.number, S.INTERRUPTED, "resident_left", PATIENCE)
    desk.wait_handover("nobody")
    assert desk.served() == ("interrupted", ORGANISATION, "")


@pytest.mark.parametrize("is_over", [False, True], ids=["goes_on", "is_over"])
def test_killed_while_the_colleague_rings_the_dispatcher_finds_them_there(
    desk: Desk, is_over: bool
) -> None:
    desk.begin()
    desk.wait_there(COLLEAGUE)
    desk.ask(Wanted(colleague=COLLEAGUE))
    desk.wait_ring(COLLEAGUE)
    desk.stage.kill("dispatcher")
    desk.answer(COLLEAGUE)
    desk.see_pictures(COLLEAGUE)
    if is_over:
        desk.telephone(COLLEAGUE).order("hangup")
        wait_for(lambda: desk.kiosk.call() is None, "the kiosk is free", PATIENCE)
    desk.stage.start("dispatcher")
    if is_over:
        desk.book.wait(desk.number, S.DONE, "", PATIENCE)
        desk.wait_handover("taken")
    else:
        desk.wait_in_call(COLLEAGUE)
        desk.wait_handover("taken", COLLEAGUE)
        desk.end(COLLEAGUE)


def test_killed_before_asterisk_is_told_the_call_stays_where_it_is(desk: Desk) -> None:
    desk.begin()
    desk.stage.kill("dispatcher")
    desk.ask(Wanted(organisation=OTHERS, resident_agrees=True))
    with desk.database.write() as session:
        # As a dispatcher that commits, and dies.
        assert take_handovers(session, datetime.now(UTC))
    assert desk.served() == ("queued", OTHERS, "")
    desk.stage.start("dispatcher")
    desk.wait_handover("undone")
    desk.wait_in_call(FIRST)
    assert not desk.rings(OTHER)
    desk.see_pictures(FIRST)
    desk.end(FIRST)
