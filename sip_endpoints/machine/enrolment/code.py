# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one-time code: what was typed, and what it proves of the server. Pure."""

import hmac
import re
from dataclasses import dataclass, field

from sip_endpoints.machine.system.errors import MachineError

# Crockford's: no I, L, O, U.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _GROUP = 20, 5
# What people write for a digit when they copy by hand.
_MISREAD = str.maketrans("ILO", "110")
_PURPOSE = b"guichet enrolment authority"


class CodeMalformed(MachineError):
    """What was typed is no code."""


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """A code of twenty characters; the first five are its name, the rest is secret."""

    normalised: str = field(repr=False)

    @property
    def public_id(self) -> str:
        """Give the part that may be seen."""
        return self.normalised[:_GROUP]

    def proves(self, authority: str | None, proof: str) -> bool:
        """Say whether whoever gave this authority knows the code too."""
        key = hmac.digest(self.normalised.encode(), _PURPOSE, "sha256")
        wanted = hmac.digest(key, (authority or "").encode(), "sha256").hex()
        return hmac.compare_digest(wanted.encode(), proof.lower().encode())


def read_code(typed: str) -> EnrolmentCode:
    """Read a code as people type it: small letters, hyphens and blanks do not matter."""
    text = re.sub(r"[\s\u2010-\u2015-]", "", typed).upper().translate(_MISREAD)
    if len(text) != _LENGTH:
        raise CodeMalformed(
            f"Le code a {_LENGTH} caractères (ABCDE-FGHJK-MNPQR-STVWX) ; celui-ci en a"
            f" {len(text)}."
        )
    wrong = sorted({each for each in text if each not in _ALPHABET})
    if wrong:
        raise CodeMalformed(f"Le code ne contient jamais {' ni '.join(wrong)}.")
    return EnrolmentCode(text)
