# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a draft holds, sealed with the documents' key as a file of the store is."""

import io
import json
from collections.abc import Mapping

from booking_web.domain.documents.errors import ContentMissing
from booking_web.domain.documents.sealed_file import (
    FRAME_BYTES,
    DocumentsKey,
    SealedWriter,
    unseal,
)


def seal_values(values: Mapping[str, str], key: DocumentsKey, draft_id: int) -> bytes:
    """Give the values as nobody without the key can read them, bound to their draft."""
    plain = json.dumps({"draft": draft_id, "values": dict(values)}).encode()
    file = io.BytesIO()
    writer = SealedWriter(file, key)
    for start in range(0, len(plain), FRAME_BYTES):
        end = start + FRAME_BYTES
        writer.write(plain[start:end], is_last=end >= len(plain))
    return file.getvalue()


def unseal_values(sealed: bytes, key: DocumentsKey, draft_id: int) -> dict[str, str]:
    """Give the values back.

    Raises ContentMissing where they were tampered with, or are another draft's.
    """
    kept = json.loads(b"".join(unseal(io.BytesIO(sealed), key)))
    if kept["draft"] != draft_id:
        raise ContentMissing(f"the values of another draft stand in draft {draft_id}")
    values: dict[str, str] = kept["values"]
    return values
