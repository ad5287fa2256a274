# SPDX-License-Identifier: AGPL-3.0-or-later
"""A stolen machine is shut out within five seconds, its call included; on a real Asterisk."""

import shutil
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from booking_web.tables.states import AppointmentState as S
from provisioning.bundles.bundle import renewed_bundle
from provisioning.database.access import FormerSecret
from provisioning.database.engine import Database
from provisioning.directory.machine_access import MachineAccess, kiosk_called
from provisioning.inventory.toml_text import to_toml
from stage.appointments import AppointmentBook
from stage.asterisk_alone import asterisk_alone
from stage.endpoint import Endpoint
from stage.put_back import put_back
from stage.sip_probe import SipProbe
from stage.stack import ASTERISK_FILE, Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK, COUNSELLOR, ORGANISATION = "kiosk-wassigny", "counsellor-msa-1", "msa"
# This one is started by no test here, and is in no call.
IDLE_KIOSK = "kiosk-guise"
# No counsellor of this one is started by any test here.
UNATTENDED = "mission-locale-thierache"
# What owners are promised, on a machine that has nothing else to do.
WITHIN_SECONDS = 5.0
# A probe is gone before Asterisk asks after it: its pjproject then fails to send, or finds a
# connection without an address.
OF_A_PROBE = ("sending OPTIONS request", "a->addr.sa_family == PJ_AF_INET")


@pytest.fixture(scope="module")
def own_asterisk() -> Iterator[Stage]:
    """Give these tests an Asterisk of their own: they shut its endpoints out."""
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    with asterisk_alone() as stage:
        yield stage


@pytest.fixture
def asterisk_stage(own_asterisk: Stage, tmp_path: Path) -> Iterator[Stage]:
    """Give it with nothing else running; who is shut out by a test is let in after it."""
    database, bundle = own_asterisk.directory / "guichet.db", f"{KIOSK}.toml"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("VACUUM INTO ?", [str(tmp_path / "before.db")])
    shutil.copy(own_asterisk.bundles / bundle, tmp_path)
    yield own_asterisk
    own_asterisk.stop(*(part for part in own_asterisk.parts if part != "asterisk"))
    put_back(database, tmp_path / "before.db")
    shutil.copy(tmp_path / bundle, own_asterisk.bundles)


@pytest.fixture
def complaints(asterisk_stage: Stage) -> Callable[[], list[str]]:
    """Give a function that gives what Asterisk complained of since, but for our probes."""
    before = len(asterisk_stage.asterisk.complaints())
    return lambda: [
        complaint
        for complaint in asterisk_stage.asterisk.complaints()[before:]
        if not any(part in complaint for part in OF_A_PROBE)
    ]


@pytest.fixture
def database(asterisk_stage: Stage) -> Iterator[Database]:
    database = asterisk_stage.database()
    yield database
    database.dispose()


@pytest.fixture
def access(database: Database) -> MachineAccess:
    return MachineAccess(database)


def secret_of(stage: Stage, slug: str) -> str:
    bundle = tomllib.loads((stage.bundles / f"{slug}.toml").read_text())
    return str(bundle["sip"]["secret"])


def may_register(stage: Stage, slug: str, secret: str) -> bool:
    ca_file = stage.directory / "tls" / "ca.pem"
    with SipProbe("tls", stage.ports.sip_tls, ca_file) as probe:
        return probe.register(slug, secret).code == 200


def be_in_call(book: AppointmentBook) -> int:
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, S.IN_CALL)
    return number


def shut_out(stage: Stage, access: MachineAccess, slug: str) -> None:
    access.revoke(slug)
    wait_cut(stage, access, slug)


def wait_cut(stage: Stage, access: MachineAccess, slug: str) -> None:
    """Return once Asterisk has nothing of the endpoint any more; that may take 5 s."""
    wait_for(lambda: access.is_cut(slug), f"{slug} is cut", WITHIN_SECONDS, 0.05)
    assert stage.asterisk.contacts(slug) == []
    assert [
        c for c in stage.asterisk.channels() if c.startswith(f"PJSIP/{slug}-")
    ] == []


def test_a_stolen_kiosk_is_out_within_five_seconds_its_call_included(
    dispatched: Stage,
    book: AppointmentBook,
    access: MachineAccess,
    kiosk: Endpoint,
    counsellor: Endpoint,
    complaints: Callable[[], list[str]],
) -> None:
    number = be_in_call(book)
    wait_for(lambda: counsellor.call() is not None, "the counsellor has the call")

    shut_out(dispatched, access, KIOSK)

    assert book.told(number) == (S.INTERRUPTED, "access_cut")
    wait_for(lambda: kiosk.call() is None, "the kiosk's call is over", WITHIN_SECONDS)
    wait_for(lambda: counsellor.call() is None, "the counsellor's call is over")
    assert not may_register(dispatched, KIOSK, secret_of(dispatched, KIOSK))
    assert complaints() == []
    # Nobody calls it any more: the next resident's call fails at once.
    answered = kiosk.status()["calls_answered"]
    following = book.put(KIOSK, ORGANISATION)
    book.wait(following, S.UNREACHABLE, "kiosk_offline")
    assert kiosk.status()["calls_answered"] == answered


def test_a_stolen_kiosk_that_waits_in_the_queue_is_out(
    dispatched: Stage, book: AppointmentBook, access: MachineAccess, kiosk: Endpoint
) -> None:
    number = book.put(KIOSK, UNATTENDED)
    book.wait(number, S.QUEUED)
    shut_out(dispatched, access, KIOSK)
    assert book.told(number) == (S.INTERRUPTED, "access_cut")


def test_a_stolen_counsellors_telephone_is_out_and_the_kiosk_can_be_called_again(
    dispatched: Stage,
    book: AppointmentBook,
    access: MachineAccess,
    kiosk: Endpoint,
    counsellor: Endpoint,
) -> None:
    number = be_in_call(book)
    shut_out(dispatched, access, COUNSELLOR)
    assert book.told(number) == (S.INTERRUPTED, "access_cut")
    wait_for(lambda: kiosk.call() is None, "the kiosk's call is over", WITHIN_SECONDS)
    assert not may_register(dispatched, COUNSELLOR, secret_of(dispatched, COUNSELLOR))
    assert dispatched.asterisk.is_registered(KIOSK)


def test_what_was_revoked_while_no_dispatcher_ran_is_cut_as_soon_as_one_does(
    asterisk_stage: Stage,
    book: AppointmentBook,
    access: MachineAccess,
    kiosk: Endpoint,
) -> None:
    access.revoke(KIOSK)
    due = book.put(KIOSK, ORGANISATION)
    assert asterisk_stage.asterisk.is_registered(KIOSK)
    asterisk_stage.start("dispatcher")
    wait_cut(asterisk_stage, access, KIOSK)
    book.wait(due, S.UNREACHABLE, "kiosk_offline")
    assert kiosk.status()["calls_answered"] == 0


def test_new_hardware_under_the_old_name_is_called_and_the_old_one_is_not(
    dispatched: Stage,
    book: AppointmentBook,
    access: MachineAccess,
    database: Database,
    kiosk: Endpoint,
    counsellor: Endpoint,
) -> None:
    old = secret_of(dispatched, KIOSK)
    outcome = access.carry(KIOSK, lambda _: None)
    wait_cut(dispatched, access, KIOSK)
    assert not may_register(dispatched, KIOSK, old)
    dispatched.stop(KIOSK)
    write_bundle(dispatched, outcome)
    dispatched.start(KIOSK)
    number = be_in_call(book)
    counsellor.order("hangup")
    book.wait(number, S.DONE)


def test_a_rotation_in_a_call_ends_no_call_and_both_secrets_serve_until_its_grace_ends(
    dispatched: Stage,
    book: AppointmentBook,
    access: MachineAccess,
    database: Database,
    kiosk: Endpoint,
    counsellor: Endpoint,
    complaints: Callable[[], list[str]],
) -> None:
    number = be_in_call(book)
    former = secret_of(dispatched, KIOSK)
    former_of_idle = secret_of(dispatched, IDLE_KIOSK)

    outcome = access.rotate(KIOSK)
    [new] = [each.secret for each in outcome.sip_secrets]
    access.rotate(IDLE_KIOSK)
    end_graces(database)
    # While it is in a call, a former secret that is over its time serves on: when that of one
    # that is in none, and was over at the same moment, is good for nothing.
    wait_for(
        lambda: not may_register(dispatched, IDLE_KIOSK, former_of_idle),
        "the other's former secret is over",
    )
    assert may_register(dispatched, KIOSK, former)
    assert book.told(number) == (S.IN_CALL, "")
    counsellor.order("hangup")
    book.wait(number, S.DONE)

    wait_for(
        lambda: not may_register(dispatched, KIOSK, former), "the former secret is over"
    )
    assert may_register(dispatched, KIOSK, new)
    dispatched.stop(KIOSK)
    write_bundle(dispatched, outcome)
    dispatched.start(KIOSK)
    be_in_call(book)
    assert complaints() == []


def test_a_kiosk_that_starts_with_its_former_bundle_in_the_grace_registers(
    asterisk_stage: Stage, access: MachineAccess
) -> None:
    access.rotate(KIOSK)
    asterisk_stage.start(KIOSK)
    assert asterisk_stage.asterisk.is_registered(KIOSK)


def write_bundle(stage: Stage, outcome) -> None:
    bundle = stage.bundles / f"{KIOSK}.toml"
    [secret] = outcome.sip_secrets
    bundle.write_text(to_toml(renewed_bundle(bundle, secret)))


def end_graces(database: Database) -> None:
    with database.write() as session:
        for slug in (KIOSK, IDLE_KIOSK):
            row = session.get_one(FormerSecret, kiosk_called(session, slug).id)
            row.ends_at = datetime.now(UTC)
