# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sound and picture, there and back: the telephone calls its Asterisk, which sends all back.

Registration goes over TLS to a name and is green where the server gives a private address for its
media, or where a router does not lead its UDP ports through.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sip_endpoints.control import ControlError
from sip_endpoints.machine.checks.check import Check, CheckName, absent, failed, passed
from sip_endpoints.machine.system.errors import InCall
from sip_endpoints.media_test import (
    CALL_CAME,
    CALL_UP,
    HELD,
    NOT_REGISTERED,
    UNDER_WAY,
)

_NAME = CheckName.MEDIA
# An older server has no such number.
_NO_SUCH_NUMBER = 404
# An older telephone knows no such order: `unknown order 'media-test'`.
_NO_SUCH_ORDER = "unknown order"
# These say nothing of the media, and another check or the page tells them.
_ELSEWHERE = frozenset({HELD, NOT_REGISTERED, UNDER_WAY})


def check_media(
    status: Mapping[str, Any] | None, give_order: Callable[[], Mapping[str, Any]]
) -> Check:
    """Have the running telephone look; raise InCall where a call was first, or came.

    `status` is what it says of itself; `give_order` raises ControlError.
    """
    if status is None or not status.get("registered"):
        return absent(_NAME)
    try:
        result = give_order()
    except ControlError as error:
        return _not_made(str(error))
    code = result.get("refused")
    if code == _NO_SUCH_NUMBER:
        return absent(_NAME)
    if code is not None:
        return failed(_NAME, "media_refused", code=code)
    return _judged(result["sound"], result["picture"])


def _not_made(why: str) -> Check:
    if why in (CALL_UP, CALL_CAME):
        raise InCall("Un appel est en cours : l'essai attend la fin de l'appel.")
    if why in _ELSEWHERE or why.startswith(_NO_SUCH_ORDER):
        return absent(_NAME)
    return failed(_NAME, "media_refused", why=why)


def _judged(sound: Mapping[str, Any], picture: Mapping[str, Any]) -> Check:
    details = {
        f"{name}_{count}": stream[count]
        for name, stream in (("sound", sound), ("picture", picture))
        for count in ("sent", "received", "at_server")
    }
    streams = (sound, picture)
    if any(stream["at_server"] == 0 for stream in streams):
        return failed(_NAME, "media_not_arriving", **details)
    if all(stream["received"] for stream in streams):
        return passed(_NAME, **details)
    is_known = all(stream["at_server"] is not None for stream in streams)
    return failed(_NAME, "media_not_returning" if is_known else "no_media", **details)
