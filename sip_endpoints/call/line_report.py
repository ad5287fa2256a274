# SPDX-License-Identifier: AGPL-3.0-or-later
"""What two of our telephones tell each other of the line, as text in a MESSAGE (pure).

RTCP ends at Asterisk: it tells a sender of its own way there alone. The counsellor's telephone
begins, and a kiosk answers only whoever tells it something first: another softphone, which
would show the line to its user, never gets one.

What was added later is told to whoever said that they read it: an older telephone of ours takes a
report that it does not know for a line to its user. No such line is shown by this one.
"""

import re
from dataclasses import dataclass

_TEXT = re.compile(
    r"guichet-line/1 loss=([0-9]{1,4}) pictures=([0-9]{1,3}) kbps=([0-9]{1,6})"
    r"(?: most=([0-9]{1,6}))?\s*"
)

# Said once in a call, by the counsellor's telephone first: a kiosk shows no text to anybody.
READS_MOST = "guichet-line/1 reads=most"
# Said once by a browser: its reports take another way (a WebSocket) than picture and sound, and
# where they cease nothing is said of the line.
REPORTS_APART = "guichet-line/1 reports=apart"
# Said by a browser in whose call the picture stands still: what was lost on the way is not sent
# again, a whole picture is.
WHOLE_PICTURE = "guichet-picture/1 whole"
# All that our telephones and our Asterisk ever tell each other begins so.
_OURS = re.compile(r"guichet-[a-z]{1,20}/[0-9]{1,3}(?:\s|$)")


@dataclass(frozen=True, slots=True)
class LineReport:
    """What came of what the other one sends: the share lost, pictures a second, the rate.

    The rate is that of the last second, with all headers. Who knows their line also says how
    much may ever come over it, all included.
    """

    loss: float
    pictures: float
    kbps: float
    most_kbps: int | None = None

    def to_text(self) -> str:
        """Write it; the loss in thousandths."""
        loss = round(1000 * min(1.0, max(0.0, self.loss)))
        pictures, kbps = min(999, round(self.pictures)), min(999_999, round(self.kbps))
        most = "" if self.most_kbps is None else f" most={min(999_999, self.most_kbps)}"
        return f"guichet-line/1 loss={loss} pictures={pictures} kbps={kbps}{most}"


def is_for_telephones(text: str) -> bool:
    """Say whether it is meant for a telephone of ours, be it a newer one, and for nobody's eyes."""
    return _OURS.match(text) is not None


def read_report(text: str) -> LineReport | None:
    """Read a report; None when the text is none, or one that cannot be."""
    found = _TEXT.fullmatch(text)
    if found is None or int(found[1]) > 1000:
        return None
    most = int(found[4]) if found[4] else None
    return LineReport(int(found[1]) / 1000, float(found[2]), float(found[3]), most)
