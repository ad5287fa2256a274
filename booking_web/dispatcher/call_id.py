# SPDX-License-Identifier: AGPL-3.0-or-later
"""The name of a call, from which its appointment and its first channel can be read."""

import re
from dataclasses import dataclass

_QUEUE_CALL = re.compile(r"gv-([1-9][0-9]{0,17})-([1-9][0-9]{0,8})")
_DIRECT_CALL = re.compile(r"gv-([1-9][0-9]{0,17})-direct-([A-Za-z0-9._-]{1,100})")


@dataclass(frozen=True)
class CallId:
    """A call of an appointment.

    `root` is the Uniqueid of the call's first channel, hence the Linkedid of all its
    channels: the kiosk's own in a queue call, the counsellor's in a direct call.
    """

    text: str
    appointment_id: int
    root: str
    is_direct: bool


def queue_call(appointment_id: int, attempt: int) -> str:
    """Name the call of an attempt; unique for ever, as attempts only go up."""
    return f"gv-{appointment_id}-{attempt}"


def parse_call(text: str) -> CallId | None:
    """Read a call's name; None for what is no call of ours."""
    if match := _QUEUE_CALL.fullmatch(text):
        return CallId(text, int(match[1]), root=text, is_direct=False)
    if match := _DIRECT_CALL.fullmatch(text):
        return CallId(text, int(match[1]), root=match[2], is_direct=True)
    return None
