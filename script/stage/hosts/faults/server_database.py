# SPDX-License-Identifier: AGPL-3.0-or-later
"""What no command does to the server's database: time that passed, versions of elsewhere."""

import tomllib

from stage.hosts.host import Host
from stage.hosts.village import SETTINGS

_PYTHON = "/usr/lib/guichet-server/bin/python"
_FRAME = """
import sys
from sqlalchemy import select, text, update
from provisioning.database.engine import Database
with Database(sys.argv[1]).write() as session:
{lines}
"""

_DOWNGRADE = """
import sys
from provisioning.database import schema
schema.downgrade(sys.argv[1], schema.installed_version_locations(), sys.argv[2])
"""


def run_in_database(server: Host, lines: str) -> str:
    """Run lines of Python with a `session` of the server's; give what they print."""
    indented = "".join(f"    {line}\n" for line in lines.strip().splitlines())
    return _run(server, _FRAME.format(lines=indented))


def downgrade(server: Host, revision: str) -> None:
    """Bring the tables to what an earlier version had (alembic's words for which)."""
    _run(server, _DOWNGRADE, revision)


def revisions(server: Host) -> list[str]:
    """Give of which revisions the tables are."""
    lines = 'print(*session.scalars(text("SELECT version_num FROM alembic_version")))'
    return sorted(run_in_database(server, lines).split())


def _run(server: Host, script: str, *arguments: str) -> str:
    settings = tomllib.loads(server.read(SETTINGS).decode())
    # As the pages' own user: what root writes beside the file nobody else may.
    return server.run(
        *("runuser", "-u", "guichet", "--", _PYTHON, "-c", script),
        *(settings["database_url"], *arguments),
    )
