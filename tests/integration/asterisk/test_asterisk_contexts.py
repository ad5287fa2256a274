# SPDX-License-Identifier: AGPL-3.0-or-later
"""Nobody gets anywhere but where an appointment leads."""

import secrets
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.tables.appointment import Appointment
from provisioning.database.models import Counter, Kiosk, Organisation, User
from sip_endpoints.control import ControlError
from stage.ami import BareAmi
from stage.appointments import AppointmentBook
from stage.endpoint import Endpoint
from stage.sip_probe import SipProbe
from stage.stack import Stage
from stage.waiting import NotInTime, wait_for

pytestmark = pytest.mark.real

KIOSK, COUNSELLOR = "kiosk-wassigny", "counsellor-msa-1"
EVERYWHERE = [
    "kiosk-wassigny",
    "counsellor-msa-1",
    "msa",
    "start",
    "h",
    "s",
    "i",
    "t",
    "T",
    "*55",
    "guichet-queue",
    "guichet-media-test",
    "PJSIP",
    "0033321000000",
]


def secret_of(stage: Stage, slug: str) -> str:
    bundle = tomllib.loads((stage.bundles / f"{slug}.toml").read_text())
    return str(bundle["sip"]["secret"])


@pytest.fixture
def tls(asterisk_stage: Stage) -> Iterator[SipProbe]:
    ca_file = asterisk_stage.directory / "tls" / "ca.pem"
    with SipProbe("tls", asterisk_stage.ports.sip_tls, ca_file) as probe:
        yield probe


def add_appointment(
    stage: Stage,
    *,
    organisation: str = "msa",
    starts_in: timedelta = timedelta(minutes=-1),
    state: str = "booked",
    resident: str = "M. Dupont",
) -> int:
    """Put an appointment at the kiosk of Wassigny; `starts_in` is from now."""
    starts_at = datetime.now(UTC) + starts_in
    database = stage.database()
    with database.write() as session:
        body = session.scalars(
            select(Organisation).where(Organisation.slug == organisation)
        ).one()
        appointment = Appointment(
            submission=secrets.token_hex(16),
            kiosk_id=session.scalars(select(Kiosk.id).where(Kiosk.slug == KIOSK)).one(),
            counter_id=session.scalars(
                select(Counter.id).where(Counter.organisation_id == body.id)
            ).first(),
            organisation_id=body.id,
            resident_name=resident,
            reason="",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
            state=state,
            state_since=starts_at,
            created_by_id=session.scalars(select(User.id)).first(),
            created_at=starts_at,
        )
        session.add(appointment)
        session.flush()
        number = appointment.id
    database.dispose()
    return number


@pytest.fixture(autouse=True)
def no_appointments(asterisk_stage: Stage) -> Iterator[None]:
    database = asterisk_stage.database()
    book = AppointmentBook(database)
    book.close_all()
    yield
    book.close_all()
    database.dispose()


@pytest.mark.parametrize("target", EVERYWHERE)
def test_a_kiosk_can_call_nobody(
    asterisk_stage: Stage, tls: SipProbe, target: str
) -> None:
    add_appointment(asterisk_stage)
    secret = secret_of(asterisk_stage, "kiosk-guise")
    assert tls.invite(target, "kiosk-guise", secret).code == 404


@pytest.mark.parametrize(
    "target", ["media-tests", "media-tes", "media-test%0D%0AEvent:%20Hangup", "media"]
)
def test_a_kiosk_reaches_its_own_echo_by_that_name_alone(
    asterisk_stage: Stage, tls: SipProbe, target: str
) -> None:
    secret = secret_of(asterisk_stage, "kiosk-guise")
    assert tls.invite(target, "kiosk-guise", secret).code == 404


def test_a_counsellor_has_no_echo(asterisk_stage: Stage, tls: SipProbe) -> None:
    secret = secret_of(asterisk_stage, COUNSELLOR)
    assert tls.invite("media-test", COUNSELLOR, secret).code == 404


@pytest.mark.parametrize("target", EVERYWHERE)
@pytest.mark.parametrize("user", ["anonymous", "counsellor-msa-1", "kiosk-guise", "x"])
def test_nobody_calls_without_a_secret(
    asterisk_stage: Stage, tls: SipProbe, user: str, target: str
) -> None:
    assert tls.invite(target, user).code == 401


@pytest.mark.parametrize("target", [t for t in EVERYWHERE if t not in (KIOSK, "*55")])
def test_a_counsellor_reaches_no_other_place_than_a_kiosk(
    asterisk_stage: Stage, tls: SipProbe, target: str
) -> None:
    secret = secret_of(asterisk_stage, COUNSELLOR)
    assert tls.invite(target, COUNSELLOR, secret).code == 404


@pytest.mark.parametrize(
    "target",
    [
        "kiosk-%27%20OR%20%271%27=%271",
        "kiosk-%22",
        "kiosk-a,b",
        "kiosk-a)%7D",
        "kiosk-%24%7bSHELL(id)%7d",
        "KIOSK-WASSIGNY",
        "kiosk-wassigny%0D%0AEvent:%20Hangup",
        "kiosk-" + "a" * 200,
    ],
)
def test_what_is_no_slug_is_no_kiosk(
    asterisk_stage: Stage, tls: SipProbe, target: str
) -> None:
    add_appointment(asterisk_stage)
    complaints = asterisk_stage.asterisk.complaints()
    secret = secret_of(asterisk_stage, COUNSELLOR)
    assert tls.invite(target, COUNSELLOR, secret).code == 404
    assert asterisk_stage.asterisk.complaints() == complaints


@pytest.mark.parametrize(
    "target", [KIOSK, "kiosk-nowhere", "kiosk--wassigny", "kiosk-" + "a" * 49]
)
def test_a_kiosk_without_an_appointment_is_refused_with_a_sentence(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint, tls: SipProbe, target: str
) -> None:
    secret = secret_of(asterisk_stage, COUNSELLOR)
    assert tls.invite(target, COUNSELLOR, secret).code == 403
    with pytest.raises(NotInTime):
        ami.wait_event("DialBegin", 0.3)
    assert kiosk.call() is None


@pytest.mark.parametrize(
    ("organisation", "starts_in", "state"),
    [
        ("sous-prefecture-vervins", timedelta(minutes=-1), "booked"),
        ("msa", timedelta(hours=1), "booked"),
        ("msa", timedelta(hours=-5), "booked"),
        ("msa", timedelta(minutes=-1), "done"),
        ("msa", timedelta(minutes=-1), "cancelled"),
        ("msa", timedelta(minutes=-1), "in_call"),
    ],
    ids=["another organisation's", "later", "past", "done", "cancelled", "in a call"],
)
def test_an_appointment_that_is_not_open_to_them_does_not_help(
    asterisk_stage: Stage,
    kiosk: Endpoint,
    counsellor: Endpoint,
    organisation: str,
    starts_in: timedelta,
    state: str,
) -> None:
    add_appointment(
        asterisk_stage, organisation=organisation, starts_in=starts_in, state=state
    )
    with pytest.raises(ControlError, match="403"):
        counsellor.order("call", KIOSK)
    assert kiosk.call() is None


def test_a_counsellors_call_belongs_to_the_due_appointment(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    number = add_appointment(asterisk_stage, resident='Mme "Ly", O\'Neil ; ${EXTEN}')
    counsellor.order("call", KIOSK)
    told = ami.wait_event("UserEvent")
    assert told["UserEvent"] == "GuichetDirectCall"
    assert told["Appointment"] == str(number)
    assert (told["Kiosk"], told["Counsellor"]) == (KIOSK, COUNSELLOR)
    assert told["Call"] == f"gv-{number}-direct-{told['Uniqueid']}"
    call = wait_for(kiosk.call, "the kiosk is in the call")
    assert (call["stage"], call["appointment_id"]) == ("confirmed", str(number))
    remembered = asterisk_stage.asterisk.astdb("guichet", KIOSK)
    assert remembered == f"{told['Call']}|in_call"
    [channel] = [c for c in asterisk_stage.asterisk.channels() if COUNSELLOR in c]
    shown = asterisk_stage.asterisk.cli(f"core show channel {channel}")
    name = 'GUICHET_CALLER_NAME=Mme "Ly", O\'Neil ; ${EXTEN} (Relais de Wassigny)'
    assert name in shown
    counsellor.order("hangup")
    ami.wait_event("Hangup", Uniqueid=told["Uniqueid"])
    wait_for(
        lambda: (
            asterisk_stage.asterisk.astdb("guichet", KIOSK) == f"{told['Call']}|done"
        ),
        "the end is remembered",
        poll_seconds=0.1,
    )


def test_the_call_of_a_counsellor_without_encryption_is_refused(
    asterisk_stage: Stage, tls: SipProbe
) -> None:
    secret = secret_of(asterisk_stage, COUNSELLOR)
    assert tls.invite(KIOSK, COUNSELLOR, secret, encrypted=False).code == 488


@pytest.mark.parametrize("sender", ["kiosk-guise", COUNSELLOR])
@pytest.mark.parametrize("target", [KIOSK, COUNSELLOR, "*56", "h"])
def test_a_message_outside_a_call_goes_nowhere(
    asterisk_stage: Stage, tls: SipProbe, sender: str, target: str
) -> None:
    secret = secret_of(asterisk_stage, sender)
    assert tls.message(target, sender, secret).code == 404
