# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line of the dispatcher, as far as it goes without an Asterisk."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from booking_web.dispatcher.command import main

COMPLETE = 'secret_key = "s"\nami_secret = "hush"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('database_url = "sqlite://"\nsecret_key = "s"\n', "ami_secret is missing"),
        (COMPLETE, "database_url is missing"),
        (COMPLETE + 'colour = "blue"\n', "unknown key 'colour'"),
    ],
)
def test_a_setting_that_is_missing_or_unknown_is_named(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "guichet.toml"
    file.write_text(text)
    result = CliRunner().invoke(main, ["run", "--config", str(file)], env={})
    assert result.exit_code == 2
    assert said in result.output
    assert "hush" not in result.output


def test_it_tells_systemd_that_it_is_ready_and_ends_at_sigterm(tmp_path: Path) -> None:
    file = tmp_path / "guichet.toml"
    file.write_text(
        COMPLETE
        + f'database_url = "sqlite:///{tmp_path}/guichet.db"\n'
        + f'doorbell = "{tmp_path}/bell"\n'
        # The discard port: nobody listens there.
        + "ami_port = 9\n"
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(90)
        program = subprocess.Popen(
            [
                *(sys.executable, "-m", "booking_web.dispatcher.command"),
                *("run", "--config", str(file)),
            ],
            env=os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify")},
            stderr=subprocess.PIPE,
        )
        try:
            assert manager.recv(100) == b"READY=1"
            program.send_signal(signal.SIGTERM)
            assert manager.recv(100) == b"STOPPING=1"
            _, log = program.communicate(timeout=90)
            assert program.returncode == 0
            assert b"Traceback" not in log and b"hush" not in log
        finally:
            program.kill()
            program.wait()
