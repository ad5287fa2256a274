# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the line of the call that is up is, as the telephone tells it."""

import re
from dataclasses import dataclass

_WORD = re.compile("[a-z_]{1,20}")


@dataclass(frozen=True, slots=True)
class Line:
    """One word for each way; the server knows their sentences. Raise ValueError."""

    from_kiosk: str
    to_kiosk: str

    def __post_init__(self) -> None:
        for word in (self.from_kiosk, self.to_kiosk):
            if _WORD.fullmatch(word) is None:
                raise ValueError("no word for a line")
