# SPDX-License-Identifier: AGPL-3.0-or-later
"""A CV's content, sealed with the documents' key and bound to its number."""

import json

from booking_web.domain.cv.content import CvContent
from booking_web.domain.documents.errors import ContentMissing
from booking_web.domain.documents.sealed_bytes import seal_bytes, unseal_bytes
from booking_web.domain.documents.sealed_file import DocumentsKey


def seal_content(content: CvContent, key: DocumentsKey, cv_id: int) -> bytes:
    """Give the content as nobody without the key can read it."""
    plain = json.dumps({"cv": cv_id, "content": content.to_json()})
    return seal_bytes(plain.encode(), key)


def unseal_content(sealed: bytes, key: DocumentsKey, cv_id: int) -> CvContent:
    """Give the content back.

    Raises ContentMissing where it was tampered with, or is another CV's.
    """
    kept = json.loads(unseal_bytes(sealed, key))
    if kept.get("cv") != cv_id:
        raise ContentMissing(f"the content of another CV stands in CV {cv_id}")
    return CvContent.from_json(kept["content"])
