# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two roles in a real PostgreSQL: Asterisk's reads its tables, and nothing else."""

import traceback
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import IntegrityError

from booking_web.tables.appointment import Resident
from provisioning.database.engine import Database
from provisioning.database.schema import upgrade
from provisioning.server.database import (
    DATABASE,
    READ_BY_ASTERISK,
    Psql,
    make_roles_and_database,
    restrict,
)
from provisioning.server.files import ASTERISK, PAGES
from stage.postgresql import PrivatePostgres
from tests.folders import Folders
from tests.integration.provisioning.server.psql_by_driver import ByDriver

REPOSITORY = Path(__file__).parents[4]
SETUP = REPOSITORY / ".setup" / "postgresql.json"
APPOINTMENTS = REPOSITORY / "booking_web" / "migrations" / "versions"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: Folders) -> Iterator[PrivatePostgres]:
    """Give a cluster with roles, database and tables, as an installation leaves them."""
    if not SETUP.exists():
        pytest.skip("no PostgreSQL: run script/setup --test")
    server = PrivatePostgres(tmp_path_factory.mktemp("roles"), SETUP)
    server.start()
    # The cluster's administrator is called as the pages are; here they are two.
    with psycopg.connect(_conninfo(server, "guichet", "postgres")) as connection:
        connection.execute("CREATE ROLE postgres SUPERUSER LOGIN")
    with psycopg.connect(
        _conninfo(server, "postgres", "postgres"), autocommit=True
    ) as connection:
        connection.execute('ALTER ROLE guichet RENAME TO "first"')
    assert make_roles_and_database(_psql(server))
    url = f"postgresql+psycopg://{PAGES}@127.0.0.1:{server.port}/{DATABASE}"
    upgrade(url, [APPOINTMENTS])
    restrict(_psql(server))
    yield server
    server.stop()


def _psql(server: PrivatePostgres) -> Psql:
    return Psql(ByDriver(server.port))


def _conninfo(server: PrivatePostgres, user: str, database: str = DATABASE) -> str:
    return f"host=127.0.0.1 port={server.port} user={user} dbname={database}"


def test_what_is_there_is_left_and_rights_may_be_given_again(
    cluster: PrivatePostgres,
) -> None:
    assert not make_roles_and_database(_psql(cluster))
    restrict(_psql(cluster))
    with psycopg.connect(_conninfo(cluster, PAGES)) as connection:
        [encoding] = connection.execute("SHOW server_encoding").fetchone() or ()
    assert encoding == "UTF8"


@pytest.mark.parametrize("table", READ_BY_ASTERISK)
def test_asterisk_reads_what_it_must(cluster: PrivatePostgres, table: str) -> None:
    with psycopg.connect(_conninfo(cluster, ASTERISK)) as connection:
        assert connection.execute(f"SELECT * FROM {table}").fetchall() == []


def test_asterisk_pauses_a_member_of_a_queue(cluster: PrivatePostgres) -> None:
    with psycopg.connect(_conninfo(cluster, ASTERISK)) as connection:
        connection.execute("UPDATE queue_members SET paused = 1 WHERE uniqueid = 1")
        connection.execute(
            "UPDATE queue_members SET reason_paused = '' WHERE uniqueid = 1"
        )


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM appointment",
        "SELECT * FROM resident",
        "SELECT * FROM user_account",
        "SELECT * FROM document",
        "UPDATE queue_members SET interface = 'PJSIP/x'",
        "INSERT INTO queue_members (uniqueid) VALUES (1)",
        "DELETE FROM queue_members",
        "UPDATE ps_auths SET password_digest = ''",
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
    ],
)
def test_asterisk_may_do_nothing_else(cluster: PrivatePostgres, statement: str) -> None:
    with psycopg.connect(_conninfo(cluster, ASTERISK)) as connection:
        with pytest.raises(InsufficientPrivilege):
            connection.execute(statement)


def test_nobody_else_enters_the_database(cluster: PrivatePostgres) -> None:
    _psql(cluster).run("CREATE ROLE stranger LOGIN;")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(_conninfo(cluster, "stranger"))


def test_what_could_not_be_written_is_in_no_error_and_no_log(
    cluster: PrivatePostgres,
) -> None:
    url = f"postgresql+psycopg://{PAGES}@127.0.0.1:{cluster.port}/{DATABASE}"
    database = Database(url)
    wrong = Resident(relay_id=0, name="Mme Introuvable")
    with pytest.raises(IntegrityError) as refused:
        with database.write() as session:
            session.add(wrong)
    database.dispose()
    told = "".join(traceback.format_exception(refused.value))
    assert "violates" in told and "Introuvable" not in told
    log = cluster.log.read_text()
    assert "violates" in log and "Introuvable" not in log
