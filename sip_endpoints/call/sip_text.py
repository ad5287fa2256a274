# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pure readings of SIP text (RFC 3261): headers, name-addr, the auto-answer mark."""

import re

AUTO_ANSWER = re.compile(r"(?:^|;)\s*answer-after\s*=\s*0\s*(?:;|,|$)", re.IGNORECASE)
_NAME_ADDR = re.compile(r'^\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*?))\s*<([^>]*)>')
_USER = re.compile(r"^sips?:(?:([^@;>]+)@)?", re.IGNORECASE)
_LONG_NAMES = {"f": "from", "t": "to", "i": "call-id", "m": "contact"}


def read_headers(message: str) -> dict[str, list[str]]:
    """Return the headers of a SIP message by lower-case name, folded lines joined."""
    head = re.split(r"\r?\n\r?\n", message, maxsplit=1)[0]
    unfolded = re.sub(r"\r?\n[ \t]+", " ", head)
    headers: dict[str, list[str]] = {}
    for line in unfolded.splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon:
            name = name.strip().lower()
            headers.setdefault(_LONG_NAMES.get(name, name), []).append(value.strip())
    return headers


def read_name_and_user(value: str) -> tuple[str, str]:
    """Return display name and user of a From or To header (either may be empty)."""
    match = _NAME_ADDR.match(value)
    if match:
        quoted, bare, address = match.groups()
        name = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
    else:
        name, address = "", value.strip()
    user = _USER.match(address)
    return name.strip(), (user.group(1) or "") if user else ""


def is_auto_answer(call_info: tuple[str, ...]) -> bool:
    """Say whether a Call-Info header asks to be answered at once."""
    return any(AUTO_ANSWER.search(value) for value in call_info)


def printable(text: str, limit: int = 120) -> str:
    """Return network text fit for a terminal: no control characters, not endless."""
    clean = "".join(mark if mark.isprintable() else " " for mark in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
