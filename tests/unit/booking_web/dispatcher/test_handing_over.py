# SPDX-License-Identifier: AGPL-3.0-or-later
"""A hand-over on an Asterisk of the test's own: sent once, and where its channels say it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.dispatcher.handing_over.orders import (
    CONTEXT,
    EXTENSION,
    HandoverOrder,
    variables_of,
)
from booking_web.dispatcher.handing_over.standing import (
    GRACE,
    Seen,
    Standing,
    standing_of,
)
from booking_web.dispatcher.manager.ami import AmiRefused, AmiUnavailable, Channel
from booking_web.domain.appointments.handing_over.asking import (
    Wanted,
    ask_to_hand_over,
)
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.kiosks.presence import keep_watch
from booking_web.tables.appointment import Appointment
from booking_web.tables.handovers import Handover, HandoverState
from booking_web.tables.states import AppointmentState as S
from provisioning.database.engine import Database
from provisioning.database.models import Counsellor
from stage.appointments import put_appointment
from tests.unit.booking_web.dispatcher.followed_ground import FollowedGround, play

FIRST, OTHER, CALL = "counsellor-msa-1", "counsellor-caf-1", "gv-1-1"
KIOSK = Channel(
    CALL, CALL, "PJSIP/kiosk-1-00000001", True, "Queue", "b", {"GUICHET_CALL": CALL}
)
MATE = Channel("9.1", CALL, f"PJSIP/{FIRST}-00000002", True, "AppQueue", "b", {})
NOW = datetime.now(UTC)


def kiosk_at(step: str, bridge: str = "") -> Channel:
    variables = {"GUICHET_CALL": CALL, "GUICHET_HANDOVER": step}
    return replace(KIOSK, bridge=bridge, variables=variables)


@pytest.mark.parametrize(
    ("channels", "remembered", "age", "expected"),
    [
        ([KIOSK, MATE], None, timedelta(0), Seen(Standing.COMING)),
        ([KIOSK, MATE], "16:queue", 2 * GRACE, Seen(Standing.NOT_SENT)),
        ([kiosk_at("16:back"), MATE], None, 2 * GRACE, Seen(Standing.NOT_SENT)),
        ([kiosk_at("17:queue")], None, GRACE, Seen(Standing.RINGING, is_up=True)),
        ([kiosk_at("17:back")], None, GRACE, Seen(Standing.RETURNING, is_up=True)),
        (
            [kiosk_at("17:colleague", "b"), MATE],
            None,
            GRACE,
            Seen(Standing.TAKEN, FIRST, is_up=True),
        ),
        (
            [kiosk_at("17:own", "b"), MATE],
            None,
            GRACE,
            Seen(Standing.TAKEN_BACK, FIRST, is_up=True),
        ),
        ([], None, 2 * GRACE, Seen(Standing.NOT_SENT)),
        ([MATE], "16:queue:answered", 2 * GRACE, Seen(Standing.NOT_SENT)),
        ([], "17:queue", 2 * GRACE, Seen(Standing.OVER)),
        ([], "17:queue:answered", 2 * GRACE, Seen(Standing.TAKEN)),
        ([], "17:back:answered", 2 * GRACE, Seen(Standing.TAKEN_BACK)),
        ([], "17:own", 2 * GRACE, Seen(Standing.OVER)),
        ([], "nonsense", 2 * GRACE, Seen(Standing.NOT_SENT)),
    ],
)
def test_where_it_stands_is_read_off_channels_and_memory(
    channels: list[Channel], remembered: str | None, age: timedelta, expected: Seen
) -> None:
    assert standing_of(17, CALL, NOW - age, channels, remembered, NOW) == expected


def test_the_other_telephone_shows_who_why_and_from_whom_on_one_line() -> None:
    order = HandoverOrder(
        id=3,
        appointment_id=1,
        call=CALL,
        resident_name='Mme "Zoé"\r\nAction: Logoff',
        reason="RSA",
        relay_name="Guise",
        first=FIRST,
        first_name="MSA",
        colleague="",
        organisation="caf",
        queue_seconds=300,
    )
    shown = variables_of(order)["GUICHET_NEXT_NAME"]
    assert shown == "Mme 'Zoé' Action: Logoff (Guise) - RSA - transmis par MSA"


class World(FollowedGround):
    """A call that its counsellor hands to another organisation."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        with database.write() as session:
            session.add(Counsellor(slug=OTHER, name="M. Petit", organisation_id=2))
            session.flush()
            self.number = put_appointment(session, "kiosk-1", "msa")
            appointment = session.get_one(Appointment, self.number)
            first = session.scalars(
                select(Counsellor).where(Counsellor.slug == FIRST)
            ).one()
            appointment.call, appointment.counsellor_id = CALL, first.id
            for state in (S.CALLING, S.QUEUED, S.IN_CALL):
                move(session, appointment, state, actor="test", at=datetime.now(UTC))
            keep_watch(session, datetime.now(UTC))
            ask_to_hand_over(
                session,
                appointment,
                first,
                Wanted(organisation="caf", resident_agrees=True),
                actor="user:1",
                now=datetime.now(UTC),
            )
        self.ami.now_up = [KIOSK, MATE]

    def stands(self) -> tuple[str, str, int, int | None]:
        with self.database.read() as session:
            row = session.scalars(select(Handover)).one()
            found = session.get_one(Appointment, self.number)
            return row.state, found.state, found.organisation_id, found.counsellor_id


def test_the_kiosk_is_sent_once_and_is_whose_telephone_answered(
    database: Database,
) -> None:
    async def story(world: World) -> None:
        await world.until(lambda: world.ami.redirected)
        assert world.stands() == (HandoverState.RINGING, S.QUEUED, 2, None)
        variables = world.ami.variables[CALL]
        assert variables["GUICHET_NEXT_ORGANISATION"] == "caf"
        step = f"{variables['GUICHET_NEXT']}:queue"
        mate = replace(MATE, name=f"PJSIP/{OTHER}-00000003")
        world.ami.now_up = [kiosk_at(step, "b"), mate]
        await world.until(lambda: world.stands()[0] == HandoverState.TAKEN)
        with world.database.read() as session:
            other = session.scalars(
                select(Counsellor).where(Counsellor.slug == OTHER)
            ).one()
        # Though no event told of it.
        assert world.stands()[1:] == (S.IN_CALL, 2, other.id)
        assert world.ami.redirected == [(CALL, CONTEXT, EXTENSION)]

    play(World(database), story)


@pytest.mark.parametrize("failure", [AmiRefused("no"), AmiUnavailable("away")])
def test_what_asterisk_did_not_do_is_undone(
    database: Database, failure: AmiRefused | AmiUnavailable
) -> None:
    async def story(world: World) -> None:
        world.ami.refused_redirect = failure
        await world.until(lambda: world.stands()[0] == HandoverState.UNDONE)
        assert world.stands()[1:3] == (S.IN_CALL, 1)
        assert world.stands()[3] is not None

    play(World(database), story)
