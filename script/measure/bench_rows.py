# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the bench changes in the rows of its own endpoints, for the sake of its peers.

Asterisk reads these tables live. Nothing here is about our own endpoint: it is measured
with the rows that provisioning writes.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

REALM = "asterisk"


def allow_md5(database: Path, slug: str, secret: str) -> None:
    """Let the endpoint register with an MD5 digest, the only one that baresip knows."""
    digest = hashlib.md5(
        f"{slug}:{REALM}:{secret}".encode(), usedforsecurity=False
    ).hexdigest()
    _execute(
        database,
        "UPDATE ps_auths SET password_digest = ?, supported_algorithms_uas = 'MD5',"
        " supported_algorithms_uac = 'MD5' WHERE id = ?",
        [(f"MD5:{digest}", slug)],
    )


def allow_plain_sip(database: Path, slugs: Sequence[str]) -> None:
    """Let sipp register and answer for these: plain RTP, and a contact on another port."""
    _execute(
        database,
        "UPDATE ps_endpoints SET media_encryption = 'no', rewrite_contact = 'no',"
        " transport = 'transport-udp'"
        " WHERE id = ?",
        [(slug,) for slug in slugs],
    )


def allow_browser(database: Path, slug: str, secret: str) -> None:
    """Let a browser be this endpoint: SIP over WebSocket, DTLS-SRTP, ICE.

    Its session has no timers: what is sent while its WebSocket is cut would end the call. A
    bundled call that is well dies of `rtp_timeout` (asterisk#1940).
    """
    allow_md5(database, slug, secret)
    _execute(
        database,
        "UPDATE ps_endpoints SET webrtc = 'yes', transport = NULL,"
        " media_encryption = 'dtls', media_encryption_optimistic = 'no',"
        " rewrite_contact = 'no', timers = 'no', rtp_timeout = 0, rtp_timeout_hold = 0"
        " WHERE id = ?",
        [(slug,)],
    )


def forget_wrap_up(database: Path, organisation: str) -> None:
    """Connect the far end again at once: the pause after a call measures nothing."""
    for table, key in (("queues", "name"), ("queue_members", "queue_name")):
        _execute(
            database,
            f"UPDATE {table} SET wrapuptime = 0 WHERE {key} = ?",
            [(organisation,)],
        )


def free_all_slots(database: Path) -> None:
    """Give back every kiosk and counter, so that the next burst finds them free."""
    for table in ("kiosk_slot", "counter_slot"):
        _execute(database, f"DELETE FROM {table}", [()])


def _execute(database: Path, statement: str, rows: list[tuple[str, ...]]) -> None:
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        connection.executemany(statement, rows)
