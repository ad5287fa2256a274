# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was printed at a stage, the demo's included, is for who runs it alone."""

import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

NOBODY = "65534"


def read_as_nobody(file: Path) -> bytes:
    """Give what another user of this machine reads; only root may become one."""
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return subprocess.run(
        [*drop, "cat", str(file)], capture_output=True, check=False
    ).stdout


def test_no_other_user_of_the_machine_reads_what_was_printed(make_kiosk, cups, pdf):
    kiosk = make_kiosk(cups)
    kiosk.server.documents = {1: pdf("Avis d'imposition")}
    kiosk.start()
    kiosk.phone.key("*11#")
    kiosk.wait_ended()
    cups.wait_idle()
    [sheet, *_] = cups.printed_files()
    for folder in (cups.printed, cups.base / "printer"):
        assert folder.stat().st_mode & 0o077 == 0, folder.name
    if os.geteuid() == 0:
        assert read_as_nobody(sheet) == b""
        assert sheet.read_bytes().startswith(b"%PDF")
