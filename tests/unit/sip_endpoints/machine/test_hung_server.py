# SPDX-License-Identifier: AGPL-3.0-or-later
"""A graphical session that hangs is ended, and nobody else's program."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from sip_endpoints.machine.session.hung_server import end_server, server_of
from sip_endpoints.machine.session.outputs import Session, SessionHangs
from sip_endpoints.machine.session.screen_watch import ScreenWatch
from sip_endpoints.machine.system.choices import Screens
from sip_endpoints.machine.system.programs import Ran, Run, run
from tests.unit.sip_endpoints.machine.conftest import HungServer

SOCKET = "sway.sock"


OUTPUTS = json.dumps(
    [{"name": "DP-1", "active": True}, {"name": "DP-2", "active": True}]
)


def slow(*_words: object, **_options: object) -> Ran:
    """Ask a program that never answers."""
    return run(["sleep", "60"], limit_seconds=0.05)


def gives_up(*_words: object, **_options: object) -> Ran:
    """Answer as swaymsg does after three seconds."""
    return Ran(1, "", "[ERROR] [common/ipc-client.c:86] Unable to receive IPC response")


@pytest.mark.parametrize("hangs", [slow, gives_up])
def test_a_session_that_does_not_answer_is_ended(
    tmp_path: Path, hung_server: HungServer, hangs: Run
) -> None:
    sway = hung_server(tmp_path / SOCKET)
    asked = [lambda *_words, **_options: Ran(0, OUTPUTS, ""), hangs]

    def answer(*words: object, **options: object) -> Ran:
        return asked[0](*words, **options)

    session = Session(tmp_path / SOCKET, answer)
    watch = ScreenWatch(session, Screens())
    assert watch.look() is None
    asked.pop(0)
    with pytest.raises(SessionHangs):
        session.windows()
    assert sway.poll() is None
    assert watch.look() is None
    assert sway.wait(20) == -signal.SIGKILL
    # Until it is there again nobody is ended.
    assert watch.look() is None


def test_where_nobody_listens_nothing_is_ended(tmp_path: Path) -> None:
    assert server_of(tmp_path / SOCKET) is None
    end_server(None, SOCKET)


def test_who_has_ended_meanwhile_is_no_fault() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    end_server(gone.pid, SOCKET)
