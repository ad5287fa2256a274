# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs programs of the machine as the user that each needs: the one place that does so."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from provisioning.server.errors import ServerError

# What a program of ours makes is for its user and that user's group.
UMASK = 0o007


class ProgramFailed(ServerError):
    """A program is not here, or ended with another exit code than 0."""


@dataclass(frozen=True)
class Ran:
    """How a program ended, and what it wrote."""

    exit_code: int
    output: str
    complaint: str


class Programs(Protocol):
    """What the machine is asked to do."""

    def run(self, *arguments: str, user: str = "", text: str | None = None) -> str:
        """Run a program to its end and give its output; raises ProgramFailed.

        `user` is who runs it, the caller otherwise; `text` is what it reads.
        """

    def try_to_run(self, *arguments: str, user: str = "") -> Ran:
        """Run a program to its end, however that comes."""


class SystemPrograms:
    """The programs of this machine."""

    def run(self, *arguments: str, user: str = "", text: str | None = None) -> str:
        """Run a program to its end and give its output; raises ProgramFailed."""
        ran = _run(arguments, user, text)
        if ran.exit_code:
            last = (ran.complaint.strip() or ran.output.strip()).splitlines()[-1:]
            said = last[0] if last else f"exit code {ran.exit_code}"
            raise ProgramFailed(f"{' '.join(arguments[:2])} failed: {said}")
        return ran.output

    def try_to_run(self, *arguments: str, user: str = "") -> Ran:
        """Run a program to its end, however that comes."""
        try:
            return _run(arguments, user, None)
        except ProgramFailed as error:
            return Ran(127, "", str(error))


def _run(arguments: Sequence[str], user: str, text: str | None) -> Ran:
    try:
        ended = subprocess.run(
            arguments,
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            cwd="/",
            umask=UMASK if user else -1,
            env=_environment(),
            **_as_user(user),
        )
    except OSError as error:
        raise ProgramFailed(
            f"{arguments[0]} cannot be run: {error.strerror}"
        ) from error
    return Ran(ended.returncode, ended.stdout, ended.stderr)


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GUICHET_")}
    # Complaints in the words that they are looked for by; texts of people in UTF-8.
    return kept | {"LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}


def _as_user(user: str) -> dict[str, Any]:
    if not user:
        return {}
    try:
        entry = pwd.getpwnam(user)
    except KeyError as error:
        raise ProgramFailed(
            f"the machine has no user {user}: install the package again"
        ) from error
    groups = os.getgrouplist(user, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}
