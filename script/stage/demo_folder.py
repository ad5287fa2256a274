# SPDX-License-Identifier: AGPL-3.0-or-later
"""The folder in which a demo lives, and what is kept of it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def demo_folder(keep: Path | None) -> Iterator[Path]:
    """Give a short temporary folder (sockets!); at its end copy what is worth keeping."""
    directory = Path(tempfile.mkdtemp(prefix="guichet-"))
    try:
        yield directory
    finally:
        if keep is not None:
            _keep(directory, keep)
        shutil.rmtree(directory, ignore_errors=True)


def _keep(directory: Path, keep: Path) -> None:
    def unwanted(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if _is_special(Path(folder) / name)}

    shutil.copytree(directory, keep, symlinks=True, ignore=unwanted, dirs_exist_ok=True)


def _is_special(path: Path) -> bool:
    return path.is_socket() or path.is_fifo()
