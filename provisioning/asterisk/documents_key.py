# SPDX-License-Identifier: AGPL-3.0-or-later
"""The key that documents are encrypted with at rest."""

import base64
import secrets
from pathlib import Path

from provisioning.asterisk.certificates import write_private

KEY_BYTES = 32


def ensure_documents_key(file: Path) -> list[Path]:
    """Make the key (0600) where there is none; gives the files that were written.

    A key that exists is never replaced: without it no document can be read again.
    """
    if file.exists():
        return []
    key = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES))
    write_private(file, key + b"\n")
    return [file]
