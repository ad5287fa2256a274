# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives an entry another slug. Works in the caller's transaction.

All that belongs to it goes on, since that knows it by its number. A kiosk's telephone has the
slug as its name at Asterisk: its machine learns of the new one as it learns of new secrets.
"""

from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from provisioning.asterisk.realtime_rows import rows_of
from provisioning.asterisk.realtime_tables import (
    compare_rows,
    missing_secrets,
    write_rows,
)
from provisioning.directory.credentials import new_sip_secret, sip_password_digest
from provisioning.directory.cutting import ask_to_cut
from provisioning.directory.errors import DirectoryError
from provisioning.directory.kiosk_secrets import end_former_secrets
from provisioning.directory.rows import find, read_snapshot
from provisioning.directory.service import kind_of
from provisioning.inventory.plan import Kind
from provisioning.inventory.values import checked_kiosk_slug, checked_slug

logger = structlog.get_logger(__name__)

# Programs, and telephones that people set up by hand, know the others by their slugs.
RENAMED = (Kind.RELAY, Kind.KIOSK, Kind.COUNTER, Kind.REASON)


class NotRenamed(DirectoryError):
    """The entry keeps its slug; says why."""


def rename(session: Session, slug: str, new: str, now: datetime) -> Kind:
    """Give the entry the slug `new`; tell of what kind it is.

    A kiosk's machine is in force under its new name once it has come for new secrets, a
    minute later where it is on; until then nobody can call it, and a call of its ends.
    Raises DirectoryError.
    """
    before = read_snapshot(session)
    kind = kind_of(before, slug)
    if kind not in RENAMED:
        raise NotRenamed(
            f"{kind} {slug} keeps its name: telephones and programs know it by that."
            f" What can be renamed: {', '.join(RENAMED)}"
        )
    try:
        checked = checked_kiosk_slug(new) if kind is Kind.KIOSK else checked_slug(new)
    except ValueError as error:
        raise NotRenamed(str(error)) from error
    taken = next((other for other in Kind if checked in before[other]), None)
    if taken is not None:
        raise NotRenamed(f'"{checked}" is already the slug of a {taken}')
    row = find(session, kind, slug)
    if kind is Kind.KIOSK:
        end_former_secrets(session, [row.id])
        row.rotation_wanted_at = now
        ask_to_cut(session, slug, now)
    row.slug = checked
    session.flush()
    changes = compare_rows(session, rows_of(read_snapshot(session)))
    # Nobody knows it: the machine gets one that it does.
    unknown = {
        each: sip_password_digest(
            new_sip_secret(each, with_token=False), with_md5=False
        )
        for each in missing_secrets(changes)
    }
    write_rows(session, changes, unknown)
    logger.info("renamed", kind=str(kind), key=slug, new=checked)
    return kind
