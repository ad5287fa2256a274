# SPDX-License-Identifier: AGPL-3.0-or-later
"""Something short that stands in a column, sealed as a file of the store is."""

import io

from booking_web.domain.documents.sealed_file import (
    FRAME_BYTES,
    DocumentsKey,
    SealedWriter,
    unseal,
)


def seal_bytes(plain: bytes, key: DocumentsKey) -> bytes:
    """Give it as nobody without the key can read it."""
    file = io.BytesIO()
    writer = SealedWriter(file, key)
    for start in range(0, len(plain), FRAME_BYTES):
        end = start + FRAME_BYTES
        writer.write(plain[start:end], is_last=end >= len(plain))
    return file.getvalue()


def unseal_bytes(sealed: bytes, key: DocumentsKey) -> bytes:
    """Give it back; raises ContentMissing where it was tampered with."""
    return b"".join(unseal(io.BytesIO(sealed), key))
