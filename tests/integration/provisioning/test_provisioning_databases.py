# SPDX-License-Identifier: AGPL-3.0-or-later
"""The schema and the directory on SQLite and on a real PostgreSQL."""

import shutil
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    CheckConstraint,
    Connection,
    event,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError

from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from provisioning.database import access, models, realtime
from provisioning.database.engine import Base, Database
from provisioning.database.models import (
    Counsellor,
    Counter,
    Kiosk,
    Organisation,
    Relay,
    User,
    VisitReason,
)
from provisioning.database.schema import (
    DIRECTORY_VERSIONS,
    SchemaError,
    downgrade,
    pending_directory,
    upgrade,
    upgrade_directory,
)
from provisioning.directory.entries import planner_of
from provisioning.directory.errors import (
    DirectoryError,
    LastAdministrator,
    StillReferenced,
)
from provisioning.directory.machine_access import MachineAccess
from provisioning.directory.service import Directory, Outcome, removal_of
from provisioning.inventory.reading import parse_inventory, read_inventory
from stage.postgresql import PrivatePostgres
from stage.waiting import wait_for
from tests.folders import Folders

REPOSITORY = Path(__file__).parents[3]
DEMO = REPOSITORY / "script" / "demo-inventory.toml"
POSTGRESQL_SETUP = REPOSITORY / ".setup" / "postgresql.json"
APPOINTMENTS_VERSIONS = REPOSITORY / "booking_web" / "migrations" / "versions"
RACERS = 8

OURS = {
    mapper.local_table.name
    for mapper in Base.registry.mappers
    if mapper.class_.__module__ in (access.__name__, models.__name__, realtime.__name__)
}


@pytest.fixture(scope="module")
def postgresql(
    tmp_path_factory: Folders,
) -> Iterator[Callable[..., str]]:
    """Give a function that makes a PostgreSQL database, empty or a copy, and gives its URL."""
    if not POSTGRESQL_SETUP.exists():
        pytest.skip("no PostgreSQL: run script/setup --test")
    server = PrivatePostgres(tmp_path_factory.mktemp("postgresql"), POSTGRESQL_SETUP)
    server.start()
    yield lambda *copied: server.new_database(f"test_{uuid.uuid4().hex}", *copied)
    server.stop()


@pytest.fixture(scope="module")
def whole_sqlite(tmp_path_factory: Folders) -> Path:
    """Give an SQLite database with every table of the product, to be copied."""
    folder = tmp_path_factory.mktemp("whole")
    upgrade(f"sqlite:///{folder}/made.db", [APPOINTMENTS_VERSIONS])
    with closing(sqlite3.connect(folder / "made.db")) as made:
        made.execute("VACUUM INTO ?", [f"{folder}/whole.db"])
    return folder / "whole.db"


@pytest.fixture(scope="module")
def whole_postgresql(postgresql: Callable[..., str]) -> str:
    """Name a PostgreSQL database with every table of the product, to be copied."""
    url = postgresql()
    upgrade(url, [APPOINTMENTS_VERSIONS])
    name = make_url(url).database
    assert name is not None
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'guichet.db'}"
    return request.getfixturevalue("postgresql")()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database with every table of the product, of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "guichet.db"
        shutil.copy(request.getfixturevalue("whole_sqlite"), path)
        url = f"sqlite:///{path}"
    else:
        whole = request.getfixturevalue("whole_postgresql")
        url = request.getfixturevalue("postgresql")(whole)
    database = Database(url)
    yield database
    database.dispose()


def url_of(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def looked_at(url: str, look: Callable[[Connection], object]) -> object:
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            return look(connection)
    finally:
        database.dispose()


def table_names(url: str) -> set[str]:
    names = looked_at(url, lambda connection: inspect(connection).get_table_names())
    return set(names) - {"alembic_version"}


def indexes_of(url: str, table: str) -> set[str | None]:
    found = looked_at(url, lambda connection: inspect(connection).get_indexes(table))
    return {each["name"] for each in found}


def check_names(connection: Connection) -> dict[str, set[str]]:
    inspector = inspect(connection)
    return {
        name: {check["name"] for check in inspector.get_check_constraints(name)}
        for name in OURS
    }


def deliver_nothing(outcome: Outcome) -> None:
    """Drop the new secrets: nobody signs in here."""


def apply_demo(database: Database) -> Outcome:
    planner = planner_of(read_inventory(DEMO))
    return Directory(database).apply(planner, deliver_nothing)


@pytest.mark.real
def test_the_migrations_give_exactly_the_tables_that_the_code_declares(url: str):
    assert upgrade_directory(url) is True
    assert table_names(url) == OURS

    def differences(connection: Connection) -> object:
        migration = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                # Other tests of this process declare other rooms' tables too.
                "include_name": lambda name, kind, _: kind != "table" or name in OURS,
                "include_object": lambda item, name, kind, *_: (
                    kind != "table" or name in OURS
                ),
            },
        )
        return compare_metadata(migration, Base.metadata)

    assert looked_at(url, differences) == []
    # Alembic does not compare check constraints.
    declared = {
        table.name: {
            constraint.name
            for constraint in table.constraints
            if isinstance(constraint, CheckConstraint)
        }
        for table in Base.metadata.sorted_tables
        if table.name in OURS
    }
    assert looked_at(url, check_names) == declared


@pytest.mark.real
def test_the_schema_goes_up_and_down_and_up_again(url: str):
    everything = [APPOINTMENTS_VERSIONS]
    assert upgrade(url, everything) is True
    up = table_names(url)
    assert OURS < up and "appointment" in up
    assert upgrade(url, everything) is False
    assert downgrade(url, everything) is True
    assert table_names(url) == set()
    assert upgrade(url, everything) is True
    assert table_names(url) == up


@pytest.mark.real
def test_the_directory_alone_is_upgraded_beside_the_appointments_without_harm(
    url: str,
):
    assert pending_directory(url) is True
    upgrade(url, [APPOINTMENTS_VERSIONS])
    assert pending_directory(url) is False
    assert upgrade_directory(url) is False
    assert "appointment" in table_names(url)


@pytest.mark.real
def test_a_database_of_a_later_version_is_left_alone(url: str):
    upgrade_directory(url)
    database = Database(url)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'future_0009'"))
    database.dispose()
    with pytest.raises(SchemaError, match="future_0009, which this version does not"):
        upgrade_directory(url)


@pytest.mark.real
def test_a_failing_migration_leaves_nothing_behind(url: str, tmp_path: Path):
    upgrade_directory(url)
    before = table_names(url)
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "0001_broken.py").write_text(
        "from alembic import op\n"
        "import sqlalchemy as sa\n"
        "revision = 'broken_0001'\n"
        "down_revision = None\n"
        "branch_labels = ('broken',)\n"
        "depends_on = None\n"
        "def upgrade():\n"
        "    op.create_table('half', sa.Column('id', sa.Integer()))\n"
        "    raise RuntimeError('power cut')\n"
    )
    with pytest.raises(RuntimeError, match="power cut"):
        upgrade(url, [tmp_path / "versions"])
    assert table_names(url) == before


def test_the_directory_is_one_branch_that_starts_from_nothing():
    assert sorted(path.name for path in DIRECTORY_VERSIONS.glob("*.py")) == [
        "0001_directory.py",
        "0002_counsellor_accounts.py",
        "0003_relay_places_and_reasons.py",
        "0004_last_sign_in.py",
        "0005_screen_enrolment.py",
        "0006_redirections.py",
        "0007_session_key.py",
        "0008_letting_in.py",
        "0009_softphone_links.py",
        "0010_secrets_since.py",
        "0011_softphones_in_clear.py",
        "0012_interpreters.py",
        "0013_telephones_of_accounts.py",
        "0014_browser_telephones.py",
        "0015_duty_limits.py",
        "0016_supervisors_and_officers.py",
    ]


@pytest.mark.real
def test_a_counsellor_of_no_organisation_is_impossible(database: Database):
    apply_demo(database)
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(
            text("UPDATE user_account SET organisation_id = NULL WHERE role = :role"),
            {"role": "counsellor"},
        )


@pytest.mark.real
def test_what_was_there_survives_the_way_back_to_before_reasons_and_counsellors(
    database: Database,
):
    url = url_of(database)
    apply_demo(database)
    # Every revision that needs the reasons goes with them.
    downgrade(url, revision="directory@directory_0002")
    assert "visit_reason" not in table_names(url)
    downgrade(url, revision="directory@directory_0001")
    upgrade(url)
    with database.read() as session:
        roles = session.scalars(text("SELECT role FROM user_account ORDER BY role"))
        assert roles.all() == ["administrator"] + ["manager"] * 3 + ["secretary"] * 3
        guise = session.scalars(select(Relay).where(Relay.slug == "guise")).one()
        assert (guise.name, guise.latitude, guise.longitude, guise.telephone) == (
            "Relais de Guise",
            None,
            None,
            "",
        )
        zones = session.scalars(select(Organisation.time_zone)).all()
        assert zones == ["Europe/Paris"] * 3
        assert session.scalars(select(VisitReason)).all() == []
    assert not apply_demo(database).is_empty
    assert apply_demo(database).is_empty


@pytest.mark.real
def test_the_database_itself_refuses_an_impossible_place_or_length(database: Database):
    relay = {"slug": "guise", "name": "Relais", "commune": "Guise"}
    organisation = Organisation(slug="msa", name="MSA", short_name="MSA")
    for refused, rule in (
        (Relay(**relay, latitude=49.9), "both_coordinates_or_none"),
        (Relay(**relay, latitude=90.1, longitude=3.6), "latitude_range"),
        (Relay(**relay, latitude=49.9, longitude=-180.1), "longitude_range"),
        (
            VisitReason(slug="rsa", name="RSA", minutes=4, organisation=organisation),
            "minutes_range",
        ),
    ):
        with pytest.raises(IntegrityError, match=rule), database.write() as session:
            session.add(refused)


@pytest.mark.real
def test_an_organisation_gives_its_reasons_in_their_order_with_their_papers(
    database: Database,
):
    apply_demo(database)
    with database.read() as session:
        msa = session.scalars(
            select(Organisation).where(Organisation.slug == "msa")
        ).one()
        assert [reason.slug for reason in msa.visit_reasons] == [
            "msa-retraite",
            "msa-rsa",
            "msa-sante",
            "msa-exploitation",
        ]
        assert msa.visit_reasons[2].papers == [
            {"name": "Carte Vitale", "pictogram": "heart-pulse"},
            {"name": "Attestation de droits", "pictogram": "file-earmark-medical"},
            {"name": "Feuilles de soins", "pictogram": "receipt"},
        ]


@pytest.mark.real
def test_the_demo_inventory_is_applied_once_and_then_writes_nothing(
    database: Database,
):
    first = apply_demo(database)
    assert len(first.plan.changes) == 38
    assert len(first.sip_secrets) == 6 and len(first.passwords) == 12
    written = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        written.append(statement.split()[0])

    event.listen(database.engine, "before_cursor_execute", note)
    second = apply_demo(database)
    assert second.is_empty
    assert not {"INSERT", "UPDATE", "DELETE"} & set(written)
    assert "SELECT" in written


@pytest.mark.real
def test_a_connection_that_the_server_ended_is_replaced(
    postgresql: Callable[[], str],
):
    url = postgresql()
    database, other = Database(url), Database(url)
    own = text("SELECT pg_backend_pid()")
    with database.write() as session:
        ended = session.scalar(own)
    with other.write() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": ended})
    alive = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
    with other.read() as session:
        wait_for(
            lambda: not session.scalar(alive, {"pid": ended}),
            "the end of the connection",
        )
    with database.write() as session:
        assert session.scalar(own) != ended
    database.dispose()
    other.dispose()


@pytest.mark.real
def test_what_cannot_be_delivered_is_not_committed(database: Database):
    def fail(outcome: Outcome) -> None:
        raise DirectoryError("the disk is full")

    with pytest.raises(DirectoryError, match="the disk is full"):
        Directory(database).apply(planner_of(read_inventory(DEMO)), fail)
    with database.read() as session:
        assert session.scalars(select(Kiosk.slug)).all() == []
        assert session.scalars(select(realtime.PjsipAuth.id)).all() == []


def book(database: Database) -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    with database.write() as session:
        counter = session.scalars(select(Counter).where(Counter.slug == "msa-1")).one()
        session.add(
            Appointment(
                submission="s",
                kiosk_id=session.scalars(
                    select(Kiosk.id).where(Kiosk.slug == "kiosk-guise")
                ).one(),
                counter_id=counter.id,
                organisation_id=counter.organisation_id,
                visit_reason_id=session.scalars(
                    select(VisitReason.id).where(VisitReason.slug == "msa-retraite")
                ).one(),
                resident_name="M. Dupont",
                starts_at=now,
                ends_at=now + timedelta(minutes=30),
                state=AppointmentState.BOOKED,
                state_since=now,
                created_by_id=session.scalars(
                    select(User.id).where(User.email == "mairie@guise.example")
                ).one(),
                created_at=now,
            )
        )


@pytest.mark.real
@pytest.mark.parametrize(
    "key, kept",
    [
        ("kiosk-guise", "kiosk kiosk-guise is not removed"),
        ("msa-1", "counter msa-1 is not removed"),
        ("msa-retraite", "reason msa-retraite is not removed"),
        ("mairie@guise.example", "user mairie@guise.example is not removed"),
    ],
)
def test_what_appointments_refer_to_is_not_removed(
    database: Database, key: str, kept: str
):
    apply_demo(database)
    book(database)
    with pytest.raises(StillReferenced, match=kept) as caught:
        Directory(database).apply(removal_of([key]), deliver_nothing)
    assert caught.value.uses == {"appointment": 1}
    with database.read() as session:
        assert session.get(realtime.PjsipEndpoint, "kiosk-guise") is not None
        assert session.scalars(select(Appointment.resident_name)).all() == ["M. Dupont"]


@pytest.mark.real
def test_one_refused_removal_keeps_all_that_were_to_be_removed_with_it(
    database: Database,
):
    apply_demo(database)
    book(database)
    entries = ["counsellor-msa-1", "msa-1", "conseiller@msa.example", "msa"]
    entries += ["responsable@msa.example", "msa-rsa", "msa-sante"]
    entries += ["msa-retraite", "msa-exploitation"]
    with pytest.raises(StillReferenced):
        Directory(database).apply(
            removal_of(entries),
            deliver_nothing,
        )
    with database.read() as session:
        assert session.get(realtime.PjsipEndpoint, "counsellor-msa-1") is not None
        assert "msa" in session.scalars(select(Organisation.slug)).all()


@pytest.mark.real
def test_two_who_apply_at_once_write_everything_once(database: Database):
    planner = planner_of(read_inventory(DEMO))
    start = threading.Barrier(RACERS)
    outcomes: list[Outcome | DirectoryError] = []

    def race() -> None:
        start.wait()
        try:
            outcomes.append(Directory(database).apply(planner, deliver_nothing))
        except DirectoryError as error:
            outcomes.append(error)

    racers = [threading.Thread(target=race) for _ in range(RACERS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    winners = [
        outcome
        for outcome in outcomes
        if isinstance(outcome, Outcome) and not outcome.is_empty
    ]
    assert len(outcomes) == RACERS
    assert len(winners) == 1
    assert apply_demo(database).is_empty


def email_of_the_administrator(database: Database) -> str:
    with database.read() as session:
        query = select(User.email).where(User.role == "administrator")
        return session.scalars(query).one()


@pytest.mark.real
def test_no_inventory_and_no_command_takes_the_last_administrator(database: Database):
    apply_demo(database)
    email = email_of_the_administrator(database)
    told = "this is the last administrator who can sign in"
    with pytest.raises(LastAdministrator, match=told):
        Directory(database).apply(removal_of([email]), deliver_nothing)
    entry = f'[[users]]\nemail = "{email}"\nname = "A"\nrole = "officer"\n'
    with pytest.raises(LastAdministrator, match=told):
        planner = planner_of(parse_inventory(entry))
        Directory(database).apply(planner, deliver_nothing)
    assert email_of_the_administrator(database) == email


@pytest.mark.real
def test_of_two_who_demote_the_two_administrators_at_once_one_is_refused(
    database: Database,
):
    apply_demo(database)
    emails = [email_of_the_administrator(database), "second@guichet.example"]
    second = f'[[users]]\nemail = "{emails[1]}"\nname = "B"\nrole = "administrator"\n'
    Directory(database).apply(planner_of(parse_inventory(second)), deliver_nothing)
    start = threading.Barrier(2)
    refused: list[DirectoryError] = []

    def demote(email: str) -> None:
        entry = f'[[users]]\nemail = "{email}"\nname = "A"\nrole = "supervisor"\n'
        planner = planner_of(parse_inventory(entry))
        start.wait()
        try:
            Directory(database).apply(planner, deliver_nothing)
        except DirectoryError as error:
            refused.append(error)

    racers = [threading.Thread(target=demote, args=(email,)) for email in emails]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert email_of_the_administrator(database) in emails
    assert len(refused) == 1


@pytest.mark.real
def test_supervisors_and_officers_go_with_the_roles_and_nobody_else_does(
    database: Database,
):
    url = url_of(database)
    apply_demo(database)
    with database.write() as session:
        user = session.scalars(
            select(User).where(User.email == "conseiller@msa.example")
        ).one()
        user.counsellor = session.scalars(
            select(Counsellor).where(Counsellor.slug == "counsellor-msa-1")
        ).one()
        session.flush()
        asked = select(User.id, User.email, User.role, User.counsellor_id)
        before = session.execute(asked).all()
    downgrade(url, revision="directory@directory_0015")
    assert "ix_user_account_counsellor_id" in indexes_of(url, "user_account")
    with database.read() as session:
        query = text("SELECT id, email, role, counsellor_id FROM user_account")
        left = session.execute(query).all()
    assert {tuple(row) for row in left} == {
        tuple(row) for row in before if row.role not in ("supervisor", "officer")
    }
    upgrade(url, [APPOINTMENTS_VERSIONS])
    assert "ix_user_account_counsellor_id" in indexes_of(url, "user_account")


@pytest.mark.real
def test_the_database_itself_refuses_a_secretary_without_a_relay(database: Database):
    with pytest.raises(IntegrityError, match="secretary_has_relay"):
        with database.write() as session:
            session.add(
                User(
                    email="a@b.fr",
                    name="A",
                    password="x",
                    session_key="x",
                    role="secretary",
                )
            )


@pytest.mark.real
def test_accounts_keep_what_their_sign_ins_rest_on_when_it_is_renamed(
    database: Database,
):
    url = url_of(database)
    apply_demo(database)
    with database.read() as session:
        # The others go with their roles.
        asked = text(
            "SELECT id, session_key FROM user_account"
            " WHERE role NOT IN ('supervisor', 'officer')"
        )
        ours = session.execute(asked).all()
    downgrade(url, revision="directory@directory_0006")
    with database.read() as session:
        asked = text("SELECT id, fs_uniquifier FROM user_account")
        assert sorted(session.execute(asked).all()) == sorted(ours)
    upgrade(url)
    with database.read() as session:
        asked = text("SELECT id, session_key FROM user_account")
        assert sorted(session.execute(asked).all()) == sorted(ours)


@pytest.mark.real
def test_a_kiosk_in_its_grace_keeps_its_new_secret_when_former_ones_are_unknown(
    database: Database,
):
    url = url_of(database)
    apply_demo(database)
    with database.read() as session:
        before = session.get_one(realtime.PjsipAuth, "kiosk-guise").password_digest
    access_to = MachineAccess(database)
    access_to.make_code("kiosk-wassigny")
    access_to.rotate("kiosk-guise")
    access_to.revoke("counsellor-msa-1")
    asked = text("SELECT id, auth FROM ps_endpoints WHERE id = 'kiosk-guise'")
    auths = text("SELECT id, password_digest FROM ps_auths")
    downgrade(url, revision="directory@directory_0007")
    with database.read() as session:
        assert session.execute(asked).all() == [("kiosk-guise", "kiosk-guise")]
        digests = {row.id: row.password_digest for row in session.execute(auths)}
    assert digests["kiosk-guise"] != before
    assert [name for name in digests if name.startswith("former-")] == []
    upgrade(url)
    with database.read() as session:
        kiosks = session.scalars(select(Kiosk)).all()
        assert {kiosk.machine_id for kiosk in kiosks} == {None}
        assert session.scalars(select(access.KioskEnrolment)).all() == []
    access_to.rotate("kiosk-guise")


@pytest.mark.real
def test_softphones_that_are_there_may_go_on_in_clear(database: Database):
    url = url_of(database)
    apply_demo(database)
    turn = text("UPDATE counsellor SET softphone = true WHERE slug = :slug")
    with database.write() as session:
        session.execute(turn, {"slug": "counsellor-msa-1"})
    downgrade(url, revision="directory@directory_0010")
    upgrade(url)
    asked = text("SELECT slug FROM counsellor WHERE in_clear")
    with database.read() as session:
        assert session.scalars(asked).all() == ["counsellor-msa-1"]
