# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cuts the bytes of Asterisk's manager into messages, and leaves out what peers wrote.

Asterisk prints a value as it is: a line break in it begins a header, two begin a message
(Asterisk 22, "The Asterisk Manager TCP/IP API"). Nothing here repairs such a message: one
that could have been written by a peer is left out whole, and the comparison of the calls
with Asterisk's channels makes up for it.
"""

import re
from collections.abc import Mapping

import structlog

logger = structlog.get_logger(__name__)

# The values of headers by name; of one that comes several times, a list of them.
Headers = dict[str, str | list[str]]

_END = b"\r\n\r\n"
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9-]*(?:\([^\r\n]*\))?): ?(.*)", re.DOTALL)
# Channel variables are listed one by one: ChanVariable, DestChanVariable, Variable, and
# `ChanVariable(<channel>)`.
_LISTED = re.compile(r"[A-Za-z]*Variable(?:\(.*\))?")
_SHOWN_CHARACTERS = 200


class _NotAsterisksError(Exception):
    """A message was not written by Asterisk alone."""


class MessageReader:
    """Takes bytes as they come and gives whole messages."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_greeted = False

    def feed(self, data: bytes) -> list[Headers]:
        """Take bytes in; give the messages that are complete now."""
        self._rest += data
        if not self._is_greeted:
            greeting, line_break, rest = self._rest.partition(b"\r\n")
            if not line_break:
                return []
            self._is_greeted, self._rest = True, rest
        *blocks, self._rest = self._rest.split(_END)
        messages = []
        for block in filter(None, blocks):
            text = block.decode(errors="replace")
            try:
                messages.append(_read(text))
            except _NotAsterisksError as error:
                shown = text[:_SHOWN_CHARACTERS]
                logger.warning("manager message left out", why=str(error), text=shown)
        return messages


def is_event_of(headers: Mapping[str, object], system_name: str) -> bool:
    """Tell whether Asterisk itself began this event.

    The name of the system stands third in each, before any value of a peer's, and only
    the site knows it: a peer can end an event, but cannot begin one.
    """
    names = list(headers)[:3]
    is_begun = names == ["Event", "Privilege", "SystemName"]
    return is_begun and headers["SystemName"] == system_name


def _read(block: str) -> Headers:
    headers: Headers = {}
    # Whoever reads a header by its name does not mind capitals.
    spelt: dict[str, str] = {}
    for line in block.lstrip("\r\n").split("\r\n"):
        found = _LINE.fullmatch(line)
        if found is None or re.search(r"[\r\n]", found[2]):
            raise _NotAsterisksError("a line that is no header")
        name, value = spelt.setdefault(found[1].lower(), found[1]), found[2]
        if name not in headers:
            headers[name] = value
        elif _LISTED.fullmatch(name):
            former = headers[name]
            headers[name] = [*([former] if isinstance(former, str) else former), value]
        else:
            raise _NotAsterisksError("a header twice")
    if next(iter(headers)) not in ("Event", "Response"):
        raise _NotAsterisksError("no beginning")
    return headers
