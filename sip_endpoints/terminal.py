# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's terminal: lines out at any moment, French commands in.

The keyboard is read on a thread of its own, which only posts to a queue; the loop that
owns the telephone takes the lines from it. On a real terminal prompt_toolkit keeps the
line being typed apart from what is said meanwhile; a dumb terminal or a pipe gets plain
lines, and the daemon (`--auto-answer` with no input) never loads prompt_toolkit.
"""

import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import TextIO

HELP = """\
  r, répondre            prendre l'appel qui sonne
  x, raccrocher          terminer ou refuser l'appel
  a, appeler BORNE       appeler une borne, par ex. appeler kiosk-wassigny
  c, code CODE           envoyer un code à la borne, par ex. code *12#
  d, disponible          recevoir les appels
  p, pause               ne plus recevoir d'appels
  e, état                voir la liaison, l'image et le son
  h, aide                revoir cette liste
  q, quitter             fermer le téléphone"""

_WORDS = {
    "répondre": ("r", "repondre"),
    "raccrocher": ("x",),
    "appeler": ("a",),
    "code": ("c",),
    "disponible": ("d",),
    "pause": ("p",),
    "état": ("e", "etat"),
    "aide": ("h", "?"),
    "quitter": ("q",),
}
COMMANDS = {
    alias: word for word, aliases in _WORDS.items() for alias in (word, *aliases)
}
PROMPT = "> "


def read_command(line: str) -> tuple[str, str] | None:
    """Return the command's full word and its argument; None if there is none such.

    A line that begins with ``*`` is a code by itself.
    """
    line = line.strip()
    if line.startswith("*"):
        return "code", line
    word, _, argument = line.partition(" ")
    command = COMMANDS.get(word.lower())
    return (command, argument.strip()) if command else None


class Terminal:
    """What the counsellor reads, and the lines that the counsellor types."""

    def __init__(self, output: TextIO, is_ringing_aloud: bool) -> None:
        self._output = output
        self._is_ringing_aloud = is_ringing_aloud
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None
        self._end_prompt: Callable[[], None] | None = None

    def say(self, text: str) -> None:
        """Show one line."""
        self._write(text + "\n")

    def ring(self) -> None:
        """Sound the terminal's bell once."""
        if self._is_ringing_aloud:
            self._write("\a")

    def _write(self, text: str) -> None:
        # patch_stdout swaps sys.stdout while the prompt is up; the name is looked up
        # anew at each line so that the line being typed stays whole.
        output = sys.stdout if self._output is sys.__stdout__ else self._output
        try:
            output.write(text)
            output.flush()
        except (OSError, ValueError):
            # The terminal is gone; the telephone itself goes on.
            self._is_ringing_aloud = False

    def read_from(self, source: TextIO) -> None:
        """Begin to read lines on a thread that ends with the process."""
        is_terminal = source.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        read: Callable[[], None] = (
            self._read_prompt if is_terminal else lambda: self._read_plain(source)
        )
        self._reader = threading.Thread(target=read, name="keyboard", daemon=True)
        self._reader.start()

    def take_line(self) -> str | None:
        """Return the next typed line, None when there is none yet.

        Raise EOFError, once, when the input ended: Ctrl-D or Ctrl-C at the prompt, or
        the end of a pipe.
        """
        try:
            line = self._lines.get_nowait()
        except queue.Empty:
            return None
        if line is None:
            raise EOFError
        return line

    def close(self) -> None:
        """Give the terminal back as it was."""
        if self._end_prompt is not None and self._reader is not None:
            self._end_prompt()
            self._reader.join(2.0)

    def _read_plain(self, source: TextIO) -> None:
        for line in source:
            self._lines.put(line)
        self._lines.put(None)

    def _read_prompt(self) -> None:
        # An optional 20 MB, for a person at a real terminal only.
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import WordCompleter
        from prompt_toolkit.patch_stdout import patch_stdout

        session: PromptSession[str] = PromptSession(
            completer=WordCompleter(list(_WORDS)), complete_while_typing=False
        )

        def end_prompt() -> None:
            """Leave the prompt from the other thread, so that it resets the tty."""
            application = session.app
            if application.is_running and application.loop is not None:
                application.loop.call_soon_threadsafe(
                    lambda: application.exit(exception=EOFError())
                )

        self._end_prompt = end_prompt
        try:
            with patch_stdout():
                while True:
                    self._lines.put(session.prompt(PROMPT))
        except (EOFError, KeyboardInterrupt):
            self._lines.put(None)
