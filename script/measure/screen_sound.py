# SPDX-License-Identifier: AGPL-3.0-or-later
"""screen.sound: the highest tone that comes through a call to the kiosk nearly as loud as 1 kHz.

Both ends are the telephones' own stack and codecs: one plays a tone after the other, the other
keeps what comes.
"""

import time
import wave
from pathlib import Path

from measure.inventory import FAR_COUNSELLOR, PEER_KIOSK
from measure.rows import Figures
from measure.screen_ground import ScreenGround
from measure.tones import carried_khz, levels_of, write_tones
from stage.waiting import wait_for

TONES_HZ = tuple(range(1000, 20_000, 1000))
TONE_SECONDS = 0.5
# Until the counsellor is connected, and the last tone has come.
MARGIN_SECONDS = 6.0


def measure() -> Figures:
    """Return kilohertz."""
    with ScreenGround() as ground:
        folder = ground.system.folder
        played, kept = folder / "tones.wav", folder / "kept.wav"
        write_tones(played, TONES_HZ, TONE_SECONDS)
        ground.far.program.stop()
        ground.start_bare_telephone(
            FAR_COUNSELLOR, "--role", "counsellor", "--play", str(played)
        )
        kiosk = ground.start_bare_telephone(PEER_KIOSK, "--keep", str(kept))
        with ground.connected(PEER_KIOSK):
            time.sleep(len(TONES_HZ) * TONE_SECONDS + MARGIN_SECONDS)
        kiosk.stop()
        wait_for(lambda: _seconds(kept) > 0, "the recording is closed", 10)
        levels = levels_of(kept, TONES_HZ)
    told = ", ".join(f"{hz // 1000}: {db:.0f}" for hz, db in levels.items())
    return Figures((carried_khz(levels),), (), (f"kHz: dB beside 1 kHz; {told}",))


def _seconds(file: Path) -> float:
    with wave.open(str(file)) as sound:
        return float(sound.getnframes() / sound.getframerate())
