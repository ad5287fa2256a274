# SPDX-License-Identifier: AGPL-3.0-or-later
"""A made-up site for backups: 100,000 appointments with their journal, 5 GB of documents.

Rows are written with the driver in bulk. What the documents hold is chance, as what is
encrypted is: nothing of it can be packed.
"""

import hashlib
import json
import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from measure.slots_ground import stored
from provisioning.asterisk.documents_key import ensure_documents_key
from provisioning.database.engine import Database
from provisioning.database.schema import upgrade
from provisioning.directory.entries import planner_of
from provisioning.directory.service import Directory
from provisioning.inventory.reading import read_inventory
from provisioning.server.backup.choices import prepare_backups
from provisioning.server.backup.places import Places
from stage.stack import REPOSITORY

APPOINTMENTS = 100_000
ACTS_EACH = 5
DOCUMENTS = 20_000
DOCUMENT_BYTES = 250_000
NOW = datetime(2027, 1, 4, 5, 2, tzinfo=UTC)
SEED = 20270104


def make_site(root: Path) -> Places:
    """Make the site below `root`; takes some minutes and 5 GB."""
    places = Places(root)
    documents = places.state / "documents"
    for folder in (places.settings, documents):
        folder.mkdir(parents=True)
    file = places.state / "guichet.db"
    url = f"sqlite:///{file}"
    upgrade(url)
    database = Database(url)
    inventory = read_inventory(REPOSITORY / "script" / "demo-inventory.toml")
    Directory(database).apply(planner_of(inventory), lambda outcome: None)
    database.dispose()
    with closing(sqlite3.connect(file)) as connection, connection:
        _write_appointments(connection)
        add_documents(connection, documents, range(1, DOCUMENTS + 1))
    ensure_documents_key(places.settings / "documents.key")
    settings = {
        "database_url": url,
        "secret_key": "a secret of the bench alone",
        "documents_dir": str(documents),
        "documents_key_file": str(places.settings / "documents.key"),
    }
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
    places.settings_file.write_text("".join(lines))
    prepare_backups(places)
    return places


def add_documents(connection: sqlite3.Connection, folder: Path, numbers: range) -> None:
    """File documents of these numbers, each of an appointment of its own."""
    connection.executemany(
        "INSERT INTO document (id, appointment_id, number, title, sha256, size, pages,"
        " source, verdicts, created_at, created_by, removal_reason)"
        " VALUES (?, ?, 1, 'Scan', ?, ?, 2, 'scan', '', ?, 'kiosk:kiosk-guise', '')",
        (
            (number, number, digest, DOCUMENT_BYTES, stored(NOW))
            for number, digest in _contents(folder, numbers)
        ),
    )


def _contents(folder: Path, numbers: range) -> Iterator[tuple[int, str]]:
    chance = random.Random(SEED + numbers.start)
    for number in numbers:
        content = chance.randbytes(DOCUMENT_BYTES)
        digest = hashlib.sha256(content).hexdigest()
        shelf = folder / "content" / digest[:2]
        shelf.mkdir(parents=True, exist_ok=True)
        (shelf / digest).write_bytes(content)
        # As long ago as it was filed: what is new today has another time.
        long_ago = NOW.timestamp() - number
        os.utime(shelf / digest, (long_ago, long_ago))
        yield number, digest


def _write_appointments(connection: sqlite3.Connection) -> None:
    kiosks = [row[0] for row in connection.execute("SELECT id FROM kiosk")]
    counters = connection.execute("SELECT id, organisation_id FROM counter").fetchall()
    connection.executemany(
        "INSERT INTO appointment (id, submission, kiosk_id, counter_id,"
        " organisation_id, resident_name, reason, starts_at, ends_at, state,"
        " state_reason, state_since, attempt, created_by_id, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, '', ?, ?, 'done', '', ?, 1, 1, ?)",
        (
            (number, f"old-{number}", kiosks[number % len(kiosks)])
            + counters[number % len(counters)]
            + (f"Mme Martin {number}", stored(at), stored(at + timedelta(minutes=30)))
            + (stored(at), stored(at))
            for number in range(1, APPOINTMENTS + 1)
            if (at := NOW - timedelta(minutes=number))
        ),
    )
    connection.executemany(
        "INSERT INTO journal (at, actor, act, appointment_id, detail)"
        " VALUES (?, 'user:1', 'moved', ?, 'booked -> arrived')",
        (
            (stored(NOW), number)
            for number in range(1, APPOINTMENTS + 1)
            for _ in range(ACTS_EACH)
        ),
    )
