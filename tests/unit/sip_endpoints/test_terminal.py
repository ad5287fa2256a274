# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's commands as they are typed, and the terminal that takes them."""

import io

import pytest

from sip_endpoints.terminal import Terminal, read_command
from stage.waiting import wait_for


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("répondre\n", ("répondre", "")),
        ("repondre", ("répondre", "")),
        ("R", ("répondre", "")),
        ("  x  ", ("raccrocher", "")),
        ("appeler kiosk-wassigny", ("appeler", "kiosk-wassigny")),
        ("a  kiosk-wassigny ", ("appeler", "kiosk-wassigny")),
        ("code *12#", ("code", "*12#")),
        ("*12#", ("code", "*12#")),
        ("d", ("disponible", "")),
        ("pause", ("pause", "")),
        ("etat", ("état", "")),
        ("?", ("aide", "")),
        ("q", ("quitter", "")),
        ("bonjour", None),
        ("rr", None),
    ],
)
def test_commands_are_understood_short_long_and_without_accents(line, expected):
    assert read_command(line) == expected


def read_all(terminal: Terminal) -> list[str]:
    lines: list[str] = []

    def is_read() -> bool:
        try:
            line = terminal.take_line()
        except EOFError:
            return True
        if line is not None:
            lines.append(line)
        return False

    wait_for(is_read, "the end of the pipe is told", poll_seconds=0)
    return lines


def test_a_pipe_is_read_to_its_end():
    terminal = Terminal(io.StringIO(), is_ringing_aloud=False)
    terminal.read_from(io.StringIO("r\ncode *1#\n"))
    assert read_all(terminal) == ["r\n", "code *1#\n"]
    assert terminal.take_line() is None


def test_the_bell_is_silent_where_nobody_hears_it():
    output = io.StringIO()
    Terminal(output, is_ringing_aloud=False).ring()
    assert output.getvalue() == ""
    Terminal(output, is_ringing_aloud=True).ring()
    assert output.getvalue() == "\a"


def test_a_terminal_that_went_away_does_not_end_the_call():
    output = io.StringIO()
    output.close()
    Terminal(output, is_ringing_aloud=True).say("Appel terminé.")
