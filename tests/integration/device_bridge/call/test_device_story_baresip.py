# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor with baresip, not our own program, prints and scans by keying codes."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from measure.private_network import NoPrivateNetwork, check, command
from stage.device_story import FORM_PAGES
from stage.scanner import FEEDER_PAGES
from stage.stack import ASTERISK_FILE, REPOSITORY

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ASTERISK_FILE.exists(), reason="run script/setup"),
]


def missing() -> str:
    """Say what this machine lacks for a softphone in a network of its own."""
    if shutil.which("baresip") is None:
        return "baresip is missing"
    try:
        check()
    except NoPrivateNetwork as error:
        return str(error)
    return ""


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Give a folder whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="guichet-") as name:
        yield Path(name)


def test_baresip_keys_codes_and_reads_the_answers_in_its_chat_pane(
    short_folder: Path,
) -> None:
    lacks = missing()
    if lacks and not os.environ.get("CI"):
        pytest.skip(lacks)
    done = subprocess.run(
        command([sys.executable, "-m", "stage.softphone_story", str(short_folder)]),
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "script")},
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    chat = told["chat"]
    assert "Imprimante : prêt. Scanner : prêt." in chat
    # A wrong code is answered with what is allowed.
    [wrong] = [text for text in chat if text.startswith("Ce code n'existe pas.")]
    assert "*1<n>#" in wrong and "*9#" in wrong
    # Printed once, all of it, and told so.
    assert told["printed"] == [list(FORM_PAGES)]
    printing = chat.index("Impression du document 1 en cours (2 pages).")
    printed = chat.index("Impression terminée, 2 pages.")
    scanning = chat.index("Numérisation en cours, ne touchez pas au document.")
    received = chat.index(f"Numérisation reçue : document 2, {FEEDER_PAGES} pages.")
    assert printing < printed < scanning < received
    assert told["scanned_pages"] == FEEDER_PAGES
    assert told["sha256_matches"] is True
