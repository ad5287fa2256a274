# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor who speaks: our telephone, with recordings in the place of a microphone.

`python -m stage.speaking_counsellor BUNDLE WAV...`: answers each call and says the recordings in
it, one after the other and again from the first, until the call is over.
"""

import sys
import time
from itertools import cycle
from pathlib import Path

import pjsua2 as pj

from sip_endpoints.call.phone import CallConfirmed, CallEnded, CallReceived
from sip_endpoints.pjsua.phone import PjsuaPhone
from sip_endpoints.running import StopRequest
from sip_endpoints.settings import load_settings

VIRTUAL = {"media.camera": "colorbar", "media.audio": "null", "media.display": "none"}
# Between a call's beginning and the first sentence, and between two.
PAUSE_SECONDS = 3.0


def main() -> None:
    """Answer and speak, until stopped."""
    settings = load_settings(Path(sys.argv[1]), "counsellor", {}, VIRTUAL)
    phone = PjsuaPhone(settings, windowed=False, user_agent="speaking")
    stop = StopRequest()
    stop.listen_to_signals()
    phone.start()
    call, player, words = -1, None, cycle(sys.argv[2:])
    due = 0.0
    while not stop.is_made:
        for event in phone.pump(0.02):
            match event:
                case CallReceived(found):
                    phone.answer(found)
                case CallConfirmed(found):
                    call, words = found, cycle(sys.argv[2:])
                    due = time.monotonic() + PAUSE_SECONDS
                case CallEnded():
                    call, player = -1, None
        if player is not None and time.monotonic() >= due:
            player, due = None, time.monotonic() + PAUSE_SECONDS
        elif call >= 0 and player is None and time.monotonic() >= due:
            player = pj.AudioMediaPlayer()
            player.createPlayer(next(words), pj.PJMEDIA_FILE_NO_LOOP)
            found = player.getInfo()
            rate = player.getPortInfo().format.clockRate
            due = time.monotonic() + found.sizeSamples / rate
            voice = pj.Call.lookup(call).getAudioMedia(-1)
            player.startTransmit(voice)
    del player
    phone.close()


if __name__ == "__main__":
    main()
