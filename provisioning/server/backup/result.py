# SPDX-License-Identifier: AGPL-3.0-or-later
"""What came of the last backup, in a file that `guichet-server status` and metrics read."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read_result(file: Path) -> dict[str, Any]:
    """Give what the file says; empty where there was no backup yet."""
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_result(file: Path, result: Mapping[str, Any]) -> None:
    """Write it, readable by everybody and never half; it holds no secret.

    A full disk keeps no backup from being made: the file then stays as it is.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(descriptor, "w") as stream:
                json.dump(result, stream)
            os.chmod(part, 0o644)
            os.replace(part, file)
        finally:
            Path(part).unlink(missing_ok=True)
    except OSError:
        return
