# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a counsellor writes to a resident: sealed in the database while the call lasts."""

import io
import json

from booking_web.domain.documents.errors import ContentMissing
from booking_web.domain.documents.sealed_file import SealedWriter, unseal
from booking_web.shell.archive import archive
from booking_web.tables.appointment import Appointment

# Many screens full; in one frame of a sealed file.
LONGEST_WORDS = 4000


def call_name(appointment: Appointment) -> str:
    """Give what tells this call from every other."""
    return f"{appointment.id}-{appointment.attempt}"


def seal_words(words: str, call: str) -> bytes:
    """Give the words as nobody without the key can read them, bound to their call.

    Raises StoreNotConfigured.
    """
    file = io.BytesIO()
    plain = json.dumps({"call": call, "words": words[:LONGEST_WORDS]}).encode()
    SealedWriter(file, archive().store.key).write(plain, is_last=True)
    return file.getvalue()


def open_words(sealed: bytes, call: str) -> str:
    """Give the words back; raises ContentMissing where they are another call's."""
    kept = json.loads(b"".join(unseal(io.BytesIO(sealed), archive().store.key)))
    if kept["call"] != call:
        raise ContentMissing("the words of another call")
    words: str = kept["words"]
    return words
