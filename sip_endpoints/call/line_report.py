# SPDX-License-Identifier: AGPL-3.0-or-later
"""What two of our telephones tell each other of the line, as text in a MESSAGE (pure).

RTCP ends at Asterisk: it tells a sender of its own way there alone. The counsellor's telephone
begins, and a kiosk answers only whoever tells it something first: another softphone, which
would show the line to its user, never gets one.
"""

import re
from dataclasses import dataclass

_TEXT = re.compile(
    r"guichet-line/1 loss=([0-9]{1,4}) pictures=([0-9]{1,3}) kbps=([0-9]{1,6})\s*"
)


@dataclass(frozen=True, slots=True)
class LineReport:
    """What came of what the other one sends: the share lost, pictures a second, the rate.

    The rate is that of the last second, with all headers.
    """

    loss: float
    pictures: float
    kbps: float

    def to_text(self) -> str:
        """Write it; the loss in thousandths."""
        loss = round(1000 * min(1.0, max(0.0, self.loss)))
        pictures, kbps = min(999, round(self.pictures)), min(999_999, round(self.kbps))
        return f"guichet-line/1 loss={loss} pictures={pictures} kbps={kbps}"


def read_report(text: str) -> LineReport | None:
    """Read a report; None when the text is none, or one that cannot be."""
    found = _TEXT.fullmatch(text)
    if found is None or int(found[1]) > 1000:
        return None
    return LineReport(int(found[1]) / 1000, float(found[2]), float(found[3]))
