# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands on a paper of ours, as `pdftotext` reads it."""

import subprocess

from booking_web.domain.documents.archive import Archive
from booking_web.tables.documents import Document


def words_of(archive: Archive, document: Document) -> str:
    """Give the words of a document, one blank between two."""
    pdf = b"".join(archive.read(document))
    run = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return " ".join(run.stdout.decode().split())
