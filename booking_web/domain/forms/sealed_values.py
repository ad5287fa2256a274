# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a draft holds, sealed with the documents' key as a file of the store is."""

import io
import json
from collections.abc import Mapping

from booking_web.domain.documents.sealed_file import (
    FRAME_BYTES,
    DocumentsKey,
    SealedWriter,
    unseal,
)


def seal_values(values: Mapping[str, str], key: DocumentsKey) -> bytes:
    """Give the values as nobody without the key can read them."""
    plain = json.dumps(dict(values)).encode()
    file = io.BytesIO()
    writer = SealedWriter(file, key)
    for start in range(0, len(plain), FRAME_BYTES):
        end = start + FRAME_BYTES
        writer.write(plain[start:end], is_last=end >= len(plain))
    return file.getvalue()


def unseal_values(sealed: bytes, key: DocumentsKey) -> dict[str, str]:
    """Give the values back; raises ContentMissing where they were tampered with."""
    values: dict[str, str] = json.loads(b"".join(unseal(io.BytesIO(sealed), key)))
    return values
