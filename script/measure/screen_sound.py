# SPDX-License-Identifier: AGPL-3.0-or-later
"""screen.sound: the highest tone that comes through a call to the kiosk nearly as loud as 1 kHz.

Both ends are the telephones' own stack and codecs: one plays a tone after the other, the other
keeps what comes. The peer is a counsellor's telephone that knows G.722 alone, as many desk
telephones do.
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
WIDE_CODEC = "G722"


def measure() -> Figures:
    """Return kilohertz."""
    with ScreenGround() as ground:
        played = ground.system.folder / "tones.wav"
        write_tones(played, TONES_HZ, TONE_SECONDS)
        ground.far.program.stop()
        ours = _levels(ground, played)
        wide = _levels(ground, played, "--codec", WIDE_CODEC)
    notes = [
        f"{name}, kHz: dB beside 1 kHz; "
        + ", ".join(f"{hz // 1000}: {db:.0f}" for hz, db in levels.items())
        for name, levels in (("all codecs", ours), (f"{WIDE_CODEC} alone", wide))
    ]
    return Figures((carried_khz(ours),), (carried_khz(wide),), tuple(notes))


def _levels(ground: ScreenGround, played: Path, *options: str) -> dict[int, float]:
    """Give what comes of each tone from a counsellor's telephone with these options."""
    kept = ground.system.folder / f"kept{len(options)}.wav"
    far = ("--role", "counsellor", "--play", str(played), *options)
    counsellor = ground.start_bare_telephone(FAR_COUNSELLOR, *far)
    kiosk = ground.start_bare_telephone(PEER_KIOSK, "--keep", str(kept))
    with ground.connected(PEER_KIOSK):
        time.sleep(len(TONES_HZ) * TONE_SECONDS + MARGIN_SECONDS)
    kiosk.stop()
    counsellor.stop()
    wait_for(lambda: _seconds(kept) > 0, "the recording is closed", 10)
    return levels_of(kept, TONES_HZ)


def _seconds(file: Path) -> float:
    with wave.open(str(file)) as sound:
        return float(sound.getnframes() / sound.getframerate())
