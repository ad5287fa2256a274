# SPDX-License-Identifier: AGPL-3.0-or-later
"""A story that softphones live in a network of their own, told as JSON at its end."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

import pytest

from measure.private_network import NoPrivateNetwork, check, command
from stage.stack import REPOSITORY

# For what hangs: less than a test may take, so that the story's own words are read.
LIMIT_SECONDS = 280


def live_in_private(module: str, programs: Mapping[str, str]) -> dict[str, Any]:
    """Run the module and give what it told; skipped on a laptop that lacks something.

    `programs` are those that it starts, each with its package.
    """
    lacks = _missing(programs)
    if lacks and not os.environ.get("CI"):
        pytest.skip(lacks)
    # A folder whose path is short enough for sockets.
    with tempfile.TemporaryDirectory(prefix="guichet-") as folder:
        done = subprocess.run(
            command([sys.executable, "-m", module, folder]),
            env={**os.environ, "PYTHONPATH": str(REPOSITORY / "script")},
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
        )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _missing(programs: Mapping[str, str]) -> str:
    for program, package in programs.items():
        if shutil.which(program) is None:
            return f"{program} is missing: apt-get install {package}"
    try:
        check()
    except NoPrivateNetwork as error:
        return str(error)
    return ""
