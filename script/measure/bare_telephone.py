# SPDX-License-Identifier: AGPL-3.0-or-later
"""A telephone on the kiosk's own stack and codecs, without the kiosk's rules: the peer of a row.

It answers every call at once, with its camera open, shows the peer with the first picture, and may
play a sound into the call or keep the one that comes. Its picture has any size, and another one at
each SIGUSR1, as of a telephone that is turned. `python -m measure.bare_telephone BUNDLE --help`
"""

import signal
import time
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import click
import pjsua2 as pj

from sip_endpoints.call.phone import (
    CallEnded,
    CallReceived,
    MediaAgreed,
    MediaStatistics,
    PhoneError,
)
from sip_endpoints.pjsua.phone import PjsuaPhone
from sip_endpoints.pjsua.setup import set_picture
from sip_endpoints.running import StopRequest
from sip_endpoints.settings import NO_DISPLAY, load_settings

KEPT_SINCE = "kept since"
PUMP_SECONDS = 0.005
AGAIN_SECONDS = 2.0


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

    def join_again(self, call: pj.Call) -> None:
        """Join both to streams that were agreed on anew."""
        sound = call.getAudioMedia(-1)
        for port in self._ports:
            if isinstance(port, pj.AudioMediaPlayer):
                port.startTransmit(sound)
            else:
                sound.startTransmit(port)

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

    @staticmethod
    def know_one_sound_codec(name: str) -> None:
        """Offer and take no other one. Raises LookupError where the stack has it not."""
        endpoint = pj.Endpoint.instance()
        known = [each.codecId for each in endpoint.codecEnum2()]
        if not any(each.startswith(f"{name}/") for each in known):
            raise LookupError(f"no codec {name} among {', '.join(known)}")
        for each in known:
            endpoint.codecSetPriority(each, 255 * each.startswith(f"{name}/"))

    def send_size(self, width: int, height: int) -> bool:
        """Send pictures of this size, also in the calls that are up; say whether one is.

        Raises PhoneError where a call cannot be asked now.
        """
        picture = replace(self._settings.media.picture, width=width, height=height)
        set_picture(pj.Endpoint.instance(), "VP8", picture)
        for call in self._calls:
            self.restart_media(call)
        return bool(self._calls)


class Sizes:
    """The sizes of the picture, one after the other."""

    def __init__(self, phone: BareTelephone, sizes: tuple[str, ...]) -> None:
        self._phone = phone
        self._sizes = cycle(tuple(map(int, each.split("x"))) for each in sizes)
        self._size: tuple[int, ...] = ()
        self._is_next_wanted = bool(sizes)
        self._asked_at: float | None = None
        if sizes:
            signal.signal(signal.SIGUSR1, self._want_next)

    def turn(self) -> None:
        """Go on to the next size, if that was asked for, and ask until it is agreed on.

        A peer that asks for something itself at that moment refuses (491), and is to be asked
        once more (RFC 3261, 14.1).
        """
        if self._is_next_wanted:
            self._is_next_wanted = False
            self._size = next(self._sizes)
        elif (
            self._asked_at is None or time.monotonic() < self._asked_at + AGAIN_SECONDS
        ):
            return
        try:
            is_asked = self._phone.send_size(*self._size)
        except PhoneError:
            is_asked = True
        self._asked_at = time.monotonic() if is_asked else None

    def agreed(self) -> None:
        """Note that a call has new streams."""
        self._asked_at = None

    def _want_next(self, *_: object) -> None:
        self._is_next_wanted = True


class Shown:
    """The picture of each call: ours is sent at once, the peer's seen with its first one."""

    def __init__(self, phone: BareTelephone, *, is_drawn: bool) -> None:
        self._phone = phone
        self._is_drawn = is_drawn
        self._sent: set[int] = set()
        self._seen: set[int] = set()

    def look(self, call: int, statistics: MediaStatistics) -> None:
        """Do what the call is ready for."""
        if not self._is_drawn:
            return
        if call not in self._sent:
            self._phone.open_camera(call)
            self._sent.add(call)
        if call not in self._seen and statistics.video is not None:
            if statistics.video.frames_decoded:
                self._phone.show_peer(call)
                self._seen.add(call)

    def forget(self, call: int) -> None:
        """Begin anew with the next call of this number."""
        self._sent.discard(call)
        self._seen.discard(call)


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--role", default="kiosk", help="kiosk or counsellor: what the bundle is."
)
@click.option("--display", default=NO_DISPLAY)
@click.option(
    "--play", type=click.Path(path_type=Path), help="A WAV file for the call."
)
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Where what comes is kept."
)
@click.option("--codec", help="The one sound codec that it knows, such as G722.")
@click.option("--on-the-second", is_flag=True, help="Play as a second begins.")
@click.option("--size", "sizes", multiple=True, help="640x480: of the picture.")
def main(
    bundle: Path,
    role: str,
    display: str,
    play: Path | None,
    keep: Path | None,
    codec: str | None,
    on_the_second: bool,
    sizes: tuple[str, ...],
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
        # A window that is there before its first picture has the codec's size, not the screen's.
        starts_dark=display != NO_DISPLAY,
    )
    stop = StopRequest()
    stop.listen_to_signals()
    sound = SoundOfCall(play, keep, on_the_second)
    phone.start()
    if codec is not None:
        phone.know_one_sound_codec(codec)
    shown = Shown(phone, is_drawn=display != NO_DISPLAY)
    try:
        _run(phone, sound, Sizes(phone, sizes), shown, stop)
    finally:
        sound.end()
        phone.close()


def _run(
    phone: BareTelephone,
    sound: SoundOfCall,
    sizes: Sizes,
    shown: Shown,
    stop: StopRequest,
) -> None:
    calls: set[int] = set()
    while not stop.is_made:
        sizes.turn()
        for event in phone.pump(PUMP_SECONDS):
            if isinstance(event, CallReceived):
                phone.answer(event.call)
                calls.add(event.call)
            elif isinstance(event, MediaAgreed) and event.call in calls:
                sizes.agreed()
                sound.join_again(phone.stack_call(event.call))
                shown.forget(event.call)
            elif isinstance(event, CallEnded):
                sound.end()
                shown.forget(event.call)
                calls.discard(event.call)
        for call in calls:
            statistics = phone.statistics(call)
            if statistics is not None and statistics.audio is not None:
                sound.join(phone.stack_call(call))
                shown.look(call, statistics)


if __name__ == "__main__":
    main()
