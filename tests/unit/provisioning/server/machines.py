# SPDX-License-Identifier: AGPL-3.0-or-later
"""A machine in a folder, whose programs only write down what they were asked."""

from collections.abc import Callable
from pathlib import Path

from provisioning.server.answers import Answers, answers_of
from provisioning.server.machine import Machine
from provisioning.server.programs import ProgramFailed, Ran

ADMINISTRATOR = {"name": "Camille Martin", "email": "camille@example.fr"}


def some_answers(**changes: object) -> Answers:
    document = {"name": "guichet.example.fr", "administrator": ADMINISTRATOR}
    return answers_of({**document, **changes}, "answers")


class ToldPrograms:
    """Answers by the beginning of what is asked; everything else succeeds silently."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.texts: list[str] = []
        self._answers: list[tuple[str, Ran]] = []

    def answer(self, beginning: str, output: str = "", exit_code: int = 0) -> None:
        """Answer so from now on what begins so."""
        self._answers.insert(0, (beginning, Ran(exit_code, output, "told so")))

    def run(self, *arguments: str, user: str = "", text: str | None = None) -> str:
        ran = self.try_to_run(*arguments, user=user)
        if text is not None:
            self.texts.append(text)
        if ran.exit_code:
            raise ProgramFailed(f"{arguments[0]} failed: {ran.complaint}")
        return ran.output

    def try_to_run(self, *arguments: str, user: str = "") -> Ran:
        asked = " ".join(arguments)
        self.asked.append(f"{user}: {asked}" if user else asked)
        for beginning, ran in self._answers:
            if asked.startswith(beginning):
                return ran
        return Ran(0, "", "")

    def which(self, beginning: str) -> list[str]:
        """List what was asked that begins so."""
        return [asked for asked in self.asked if asked.startswith(beginning)]


def machine_in(root: Path) -> tuple[Machine, ToldPrograms]:
    programs = ToldPrograms()
    return Machine(root, programs), programs


def gives_nothing_away(descriptor: int, user: str, group: str) -> bool:
    """Stand for the change of an owner, where the users are not there."""
    return False


Give = Callable[[int, str, str], bool]
