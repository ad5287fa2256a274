# SPDX-License-Identifier: AGPL-3.0-or-later
"""The messages of RFC 4475, made of the file in which they are written down."""

import re
from pathlib import Path

FILE = (
    Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "sip" / "rfc4475.txt"
)
_HEX = re.compile(rb"<hex>([0-9A-Fa-f]*)</hex>")
_REPEAT = re.compile(rb"<repeat count=(\d+)>(.*?)</repeat>", re.DOTALL)


def torture_messages() -> dict[str, bytes]:
    """Give each message as it goes on the wire, by its name in the RFC."""
    head, *parts = FILE.read_text(encoding="utf-8").split("\n== ")
    messages = {}
    for part in parts:
        name, _, text = part.partition("\n")
        wire = (text.removesuffix("\n") + "\n").replace("\n", "\r\n").encode()
        wire = _REPEAT.sub(lambda found: found[2] * int(found[1]), wire)
        messages[name] = _HEX.sub(lambda found: bytes.fromhex(found[1].decode()), wire)
    return messages


def ends_where_it_says(message: bytes) -> bool:
    """Tell whether what follows it on a stream is read as another message."""
    head, _, body = message.partition(b"\r\n\r\n")
    told = re.findall(rb"(?im)^(?:content-length|l)\s*:\s*(-?\d+)", head)
    return [int(length) for length in told] == [len(body)]
