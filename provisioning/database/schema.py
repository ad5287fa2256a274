# SPDX-License-Identifier: AGPL-3.0-or-later
"""Brings a database to the schema of this version, or back, by Alembic.

Each room keeps its revisions in `<room>/migrations/versions` and names itself in the entry
point group `guichet.migrations`, so that every command knows every revision that the
database may hold, without importing the other rooms.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from provisioning.database.away import why_away
from provisioning.database.engine import Database, wait_for_turn

DIRECTORY_BRANCH = "directory"
DIRECTORY_VERSIONS = Path(__file__).parent / "migrations" / "versions"
ENTRY_POINT_GROUP = "guichet.migrations"
# Any number will do, as long as nobody else takes it: one upgrade at a time.
UPGRADE_TURN = 7_201_926


class SchemaError(Exception):
    """The schema cannot be changed as asked; the message says why and what to do."""


def upgrade(
    database_url: str,
    version_locations: Iterable[Path] = (),
    revision: str = "heads",
) -> bool:
    """Upgrade to `revision` and tell whether anything was done.

    `version_locations` are folders of revisions beyond the directory's and the installed
    ones. The whole upgrade is one transaction.
    """
    return _run(database_url, version_locations, command.upgrade, revision)


def upgrade_directory(database_url: str) -> bool:
    """Upgrade the tables of provisioning only; tell whether anything was done."""
    return upgrade(database_url, revision=f"{DIRECTORY_BRANCH}@head")


def pending_directory(database_url: str) -> bool:
    """Tell whether `upgrade_directory` would do anything; writes nothing."""
    config = alembic_config()
    with _connection_to(database_url) as connection:
        heads = _current_heads(connection, config)
    scripts = _scripts(config)
    [head] = scripts.get_revisions(f"{DIRECTORY_BRANCH}@head")
    # A revision of another room implies the directory's revision that it depends on.
    applied = {
        script.revision
        for script in scripts.iterate_revisions(
            tuple(heads), "base", implicit_base=True, select_for_downgrade=False
        )
    }
    return head.revision not in applied


def pending(database_url: str, version_locations: Iterable[Path] = ()) -> bool:
    """Tell whether `upgrade` would do anything; writes nothing."""
    config = alembic_config(version_locations)
    with _connection_to(database_url) as connection:
        heads = _current_heads(connection, config)
    return heads != set(_scripts(config).get_heads())


def downgrade(
    database_url: str,
    version_locations: Iterable[Path] = (),
    revision: str = "base",
) -> bool:
    """Go back to `revision` (`base`: drop every table); data of dropped tables is lost."""
    return _run(database_url, version_locations, command.downgrade, revision)


def unknown_revisions(revisions: Iterable[str]) -> list[str]:
    """Name those of the revisions of a database that this version does not know."""
    scripts = _scripts(alembic_config())
    known = {script.revision for script in scripts.walk_revisions()}
    return sorted(set(revisions) - known)


def installed_version_locations() -> list[Path]:
    """Find the revision folders of the rooms installed beside provisioning."""
    folders = []
    for entry_point in entry_points(group=ENTRY_POINT_GROUP):
        spec = find_spec(entry_point.value)
        if spec is not None and spec.origin is not None:
            folders.append(Path(spec.origin).parent / "migrations" / "versions")
    return [folder for folder in folders if folder.is_dir()]


def alembic_config(version_locations: Iterable[Path] = ()) -> Config:
    """Give the Alembic configuration that knows the directory and these folders."""
    folders = {DIRECTORY_VERSIONS: None}
    folders |= dict.fromkeys(installed_version_locations())
    folders |= dict.fromkeys(Path(folder).resolve() for folder in version_locations)
    config = Config()
    config.set_main_option("script_location", _escaped(DIRECTORY_VERSIONS.parent))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(_escaped, folders)))
    return config


def _run(
    database_url: str,
    version_locations: Iterable[Path],
    alembic_command: Callable[[Config, str], None],
    revision: str,
) -> bool:
    config = alembic_config(version_locations)
    with _connection_to(database_url) as connection:
        if connection.dialect.name == "sqlite":
            # Rebuilding a table must not cascade to the rows that refer to it; SQLite
            # takes this pragma outside a transaction only.
            connection.connection.dbapi_connection.execute(  # type: ignore[union-attr]
                "PRAGMA foreign_keys=OFF"
            )
        connection = connection.execution_options(sqlite_begin="IMMEDIATE")
        with connection.begin():
            wait_for_turn(connection, UPGRADE_TURN)
            before = _current_heads(connection, config)
            config.attributes["connection"] = connection
            alembic_command(config, revision)
            _check_foreign_keys(connection)
            return before != _current_heads(connection, config)


@contextmanager
def _connection_to(database_url: str) -> Iterator[Connection]:
    try:
        database = Database(database_url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise SchemaError(
            f"this is no address of a database: {error}; write one such as"
            " sqlite:////var/lib/guichet/guichet.db"
        ) from error
    try:
        with database.engine.connect() as connection:
            yield connection
    except CommandError as error:
        raise SchemaError(str(error)) from error
    except OperationalError as error:
        raise SchemaError(f"the database cannot be used: {why_away(error)}") from error
    finally:
        database.dispose()


def _current_heads(connection: Connection, config: Config) -> set[str]:
    heads = set(MigrationContext.configure(connection).get_current_heads())
    known = {script.revision for script in _scripts(config).walk_revisions()}
    if unknown := sorted(heads - known):
        raise SchemaError(
            f"the database is at revision {', '.join(unknown)}, which this version does"
            " not know: install the version of guichet-virtuel that wrote it, or a later"
            " one, with all of its parts"
        )
    return heads


def _scripts(config: Config) -> ScriptDirectory:
    return ScriptDirectory.from_config(config)


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        if broken := connection.execute(text("PRAGMA foreign_key_check")).first():
            raise SchemaError(
                f"a row of {broken[0]} refers to nothing: nothing changed"
            )


def _escaped(folder: Path) -> str:
    return str(folder).replace("%", "%%")
