# SPDX-License-Identifier: AGPL-3.0-or-later
"""A telephone on the kiosk's own stack and codecs, without the kiosk's rules: the peer of a row.

It answers every call at once, with its camera and its window open, and may play a sound into the
call or keep the one that comes. `python -m measure.bare_telephone BUNDLE --help`
"""

import time
from pathlib import Path

import click
import pjsua2 as pj

from sip_endpoints.call.phone import CallEnded, CallReceived
from sip_endpoints.pjsua.phone import PjsuaPhone
from sip_endpoints.running import StopRequest
from sip_endpoints.settings import load_settings

KEPT_SINCE = "kept since"
PUMP_SECONDS = 0.005


class SoundOfCall:
    """What is played into the one call, and where what comes is kept."""

    def __init__(
        self,
        play: Path | None,
        keep: Path | None,
        on_the_second: bool,
    ) -> None:
        self._play, self._keep = play, keep
        self._on_the_second = on_the_second
        self._ports: list[pj.AudioMedia] = []

    def join(self, call: pj.Call) -> None:
        """Join both to the sound stream, once there is one."""
        sound = call.getAudioMedia(-1)
        if self._ports or not (self._play or self._keep):
            return
        if self._on_the_second:
            time.sleep(1 - time.time() % 1)
        if self._play is not None:
            player = pj.AudioMediaPlayer()
            player.createPlayer(str(self._play), pj.PJMEDIA_FILE_NO_LOOP)
            player.startTransmit(sound)
            self._ports.append(player)
        if self._keep is not None:
            recorder = pj.AudioMediaRecorder()
            recorder.createRecorder(str(self._keep))
            sound.startTransmit(recorder)
            click.echo(f"{KEPT_SINCE} {time.time():.4f}")
            self._ports.append(recorder)

    def end(self) -> None:
        """Close the files."""
        self._ports.clear()


def kept_since(log: str) -> float:
    """Read from a telephone's log when it began to keep what came (time.time())."""
    [line] = [each for each in log.splitlines() if each.startswith(KEPT_SINCE)]
    return float(line.rpartition(" ")[2])


class BareTelephone(PjsuaPhone):
    """The stack, of which a bench may ask for more than a kiosk does."""

    def stack_call(self, call: int) -> pj.Call:
        """Give the stack's own call."""
        return self._calls[call]


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--role", default="kiosk", help="kiosk or counsellor: what the bundle is."
)
@click.option("--display", default="none")
@click.option(
    "--play", type=click.Path(path_type=Path), help="A WAV file for the call."
)
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Where what comes is kept."
)
@click.option("--on-the-second", is_flag=True, help="Play as a second begins.")
def main(
    bundle: Path,
    role: str,
    display: str,
    play: Path | None,
    keep: Path | None,
    on_the_second: bool,
) -> None:
    """Register and answer, until stopped by SIGTERM."""
    options = {
        "media.camera": "colorbar",
        "media.audio": "null",
        "media.display": display,
    }
    phone = BareTelephone(
        load_settings(bundle, role, {}, options),
        windowed=False,
        user_agent="bare-telephone",
    )
    stop = StopRequest()
    stop.listen_to_signals()
    sound = SoundOfCall(play, keep, on_the_second)
    phone.start()
    try:
        _run(phone, sound, stop)
    finally:
        sound.end()
        phone.close()


def _run(phone: BareTelephone, sound: SoundOfCall, stop: StopRequest) -> None:
    joined_at: dict[int, float] = {}
    while not stop.is_made:
        for event in phone.pump(PUMP_SECONDS):
            if isinstance(event, CallReceived):
                phone.answer(event.call)
                joined_at[event.call] = time.monotonic()
            elif isinstance(event, CallEnded):
                sound.end()
                joined_at.pop(event.call, None)
        for call in joined_at:
            statistics = phone.statistics(call)
            if statistics is not None and statistics.audio is not None:
                sound.join(phone.stack_call(call))


if __name__ == "__main__":
    main()
