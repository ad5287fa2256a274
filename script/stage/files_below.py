# SPDX-License-Identifier: AGPL-3.0-or-later
"""The files below a folder that a program of its own is emptying."""

import os
from pathlib import Path


def files_below(folder: Path) -> list[Path]:
    """Give every file; unlike rglob, it passes over a folder that goes meanwhile.

    A link that leads nowhere is no file.
    """
    walked = ((Path(where), names) for where, _, names in os.walk(folder))
    found = [where / name for where, names in walked for name in names]
    return [each for each in found if each.is_file()]
