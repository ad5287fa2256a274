# SPDX-License-Identifier: AGPL-3.0-or-later
"""Programs of the system as the unit tests have them answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sip_endpoints.machine.system.errors import ProgramFailed
from sip_endpoints.machine.system.programs import LIMIT_SECONDS, Ran


@dataclass
class Programs:
    """Answers by the first words of a command line; keeps every line."""

    answers: Mapping[str, Ran | ProgramFailed] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    def __call__(
        self,
        arguments: Sequence[str],
        *,
        limit_seconds: float = LIMIT_SECONDS,
        environment: Mapping[str, str] | None = None,
        may_fail: bool = False,
    ) -> Ran:
        """Give the answer that was set; nothing, said well, where none was."""
        line = " ".join(arguments)
        self.ran.append(line)
        best = max(
            (start for start in self.answers if line.startswith(start)),
            key=len,
            default=None,
        )
        answer = Ran(0, "", "") if best is None else self.answers[best]
        if isinstance(answer, ProgramFailed):
            raise answer
        if answer.code and not may_fail:
            raise ProgramFailed(answer.errors)
        return answer


def said(output: str) -> Ran:
    """Give an answer that went well."""
    return Ran(0, output, "")


def refused(errors: str = "no") -> Ran:
    """Give an answer that did not."""
    return Ran(1, "", errors)
