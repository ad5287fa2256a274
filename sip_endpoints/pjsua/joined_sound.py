# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: who hears whom, on the stack's own sound bridge.

Each that is joined gets the sum of the others, never its own sound. The bridge forgets what was
joined when a call's streams are agreed on anew, so all is joined again then; joining twice what
is joined does nothing.
"""

from collections.abc import Iterator
from itertools import product

import pjsua2 as pj


def join_room(call: pj.Call) -> None:
    """Let a call hear the microphone, and the loudspeaker play the call. Raises pj.Error."""
    devices = pj.Endpoint.instance().audDevManager()
    for sound in sounds_of(call):
        devices.getCaptureDevMedia().startTransmit(sound)
        sound.startTransmit(devices.getPlaybackDevMedia())


def join_calls(one: pj.Call, other: pj.Call) -> None:
    """Let two calls hear each other. Raises pj.Error."""
    for its, others in product(list(sounds_of(one)), list(sounds_of(other))):
        its.startTransmit(others)
        others.startTransmit(its)


def loudness_of(call: pj.Call) -> int:
    """Give how loud what came of a call is, by the stack's own measure. Raises pj.Error.

    Measured: what is sent by a port of the bridge, the peer's voice, is its "Tx".
    """
    return max((int(sound.getTxLevel()) for sound in sounds_of(call)), default=0)


def sounds_of(call: pj.Call) -> Iterator[pj.AudioMedia]:
    """Give each sound stream of a call that is up. Raises pj.Error."""
    # The info object must outlive the loop: its media vector belongs to it.
    info = call.getInfo()
    for media in info.media:
        if (
            media.type == pj.PJMEDIA_TYPE_AUDIO
            and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE
        ):
            yield call.getAudioMedia(media.index)
