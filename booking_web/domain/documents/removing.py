# SPDX-License-Identifier: AGPL-3.0-or-later
"""Removes contents before the transaction that needs them no more is committed.

Who is killed in between leaves the rows, and it is done again; the other way round the contents
would stay for ever, and nobody would know of them.
"""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from booking_web.domain.documents.needed import is_needed
from booking_web.domain.documents.store import DocumentStore


def remove_first(
    session: Session, store: DocumentStore, contents: Iterable[str]
) -> None:
    """Remove those that no row needs any more; call it last, and under `exclusively`."""
    session.flush()
    for sha256 in contents:
        if not is_needed(session, sha256):
            store.remove(sha256)
