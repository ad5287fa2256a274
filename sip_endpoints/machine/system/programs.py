# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs the system's programs, each with a limit, in English, never through a shell."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sip_endpoints.machine.system.errors import ProgramFailed, ProgramTooSlow

LIMIT_SECONDS = 30.0
# Of what a program complains, that much is shown.
_COMPLAINT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program answered."""

    code: int
    output: str
    errors: str


class Run(Protocol):
    """Runs one program to its end."""

    def __call__(
        self,
        arguments: Sequence[str],
        *,
        limit_seconds: float = LIMIT_SECONDS,
        environment: Mapping[str, str] | None = None,
        may_fail: bool = False,
    ) -> Ran:
        """Give what it answered; raise ProgramFailed unless it may fail."""


def run(
    arguments: Sequence[str],
    *,
    limit_seconds: float = LIMIT_SECONDS,
    environment: Mapping[str, str] | None = None,
    may_fail: bool = False,
) -> Ran:
    """Run a program; one that is missing or too slow is a failure always."""
    try:
        done = subprocess.run(
            list(arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_seconds,
            env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
            check=False,
        )
    except FileNotFoundError as error:
        raise ProgramFailed(
            f"Le programme {arguments[0]} n'est pas installé."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ProgramTooSlow(
            f"Le programme {arguments[0]} n'a pas fini en {limit_seconds:.0f} secondes."
        ) from error
    except OSError as error:
        raise ProgramFailed(
            f"Le programme {arguments[0]} ne démarre pas : {error.strerror}."
        ) from error
    ran = Ran(
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )
    if ran.code and not may_fail:
        said = (ran.errors or ran.output).strip()[-_COMPLAINT_CHARACTERS:]
        raise ProgramFailed(f"{' '.join(arguments[:3])} : {said or ran.code}")
    return ran
