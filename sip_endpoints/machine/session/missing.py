# SPDX-License-Identifier: AGPL-3.0-or-later
"""What of the kiosk's own is unplugged: screens, camera, microphone, loudspeaker.

The session looks, since it sees all of it, also in a call. The bridge tells the server for
whom the call is with; the agent has a self-test made once the call is over.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from sip_endpoints.log import Log
from sip_endpoints.machine.devices.found import ChoiceNeeded, Found, Kind, meant
from sip_endpoints.machine.system.choices import AUTO, NONE, Devices
from sip_endpoints.settings import COLORBAR, MOVING, NULL_AUDIO

log = Log(__name__)

EVERY_SECONDS = 2.0


class Missing(StrEnum):
    """What is not there; device_bridge.call.missing reads the same words."""

    SCREENS = "screens"
    FIRST_SCREEN = "first_screen"
    SECOND_SCREEN = "second_screen"
    CAMERA = "camera"
    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What this kiosk has when it is whole; an empty name: it does without."""

    camera: str
    microphone: str
    loudspeaker: str


def wanted_of(devices: Devices, camera: str, audio: str) -> Wanted:
    """Give what is to be there, by what was chosen and by the bundle's camera and sound."""
    has_camera = camera not in (COLORBAR, MOVING)
    has_sound = audio != NULL_AUDIO

    def name(choice: str, is_used: bool) -> str:
        return choice if is_used and choice != NONE else ""

    return Wanted(
        name(camera if camera != AUTO else devices.camera, has_camera),
        name(devices.microphone, has_sound),
        name(devices.loudspeaker, has_sound),
    )


class Screens(Protocol):
    """What looks after the screens."""

    def look(self) -> Missing | None:
        """Look, and say which is missing."""


class MissingWatch:
    """Looks every other second; tells what two looks in a row did not find.

    A screen that wakes up and a sound card that is set up anew are away for a moment.
    """

    def __init__(
        self,
        wanted: Wanted,
        screens: Screens,
        sound: Callable[[], list[Found] | None],
        cameras: Callable[[], list[Found]],
        tell: Callable[[tuple[str, ...]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wanted = wanted
        self._screens = screens
        self._sound = sound
        self._cameras = cameras
        self._tell = tell
        self._clock = clock
        self._seen: frozenset[Missing] = frozenset()
        self._told: tuple[str, ...] | None = None
        self._next_at = 0.0

    def look(self) -> None:
        """Look, where it is time."""
        now = self._clock()
        if now < self._next_at:
            return
        self._next_at = now + EVERY_SECONDS
        found = frozenset(self._missing())
        lasting = tuple(each.value for each in Missing if each in found & self._seen)
        self._seen = found
        if lasting != self._told:
            log.info("what is missing", parts=" ".join(lasting))
            self._told = lasting
            self._tell(lasting)

    def _missing(self) -> list[Missing]:
        screen = self._screens.look()
        found = [] if screen is None else [screen]
        wanted, sound = self._wanted, self._sound()
        for missing, kind, choice, there in (
            (Missing.CAMERA, Kind.CAMERA, wanted.camera, self._cameras()),
            (Missing.MICROPHONE, Kind.MICROPHONE, wanted.microphone, sound),
            (Missing.LOUDSPEAKER, Kind.LOUDSPEAKER, wanted.loudspeaker, sound),
        ):
            # What nobody has told yet is not missing.
            if choice and there is not None and not _is_there(kind, choice, there):
                found.append(missing)
        return found


def _is_there(kind: Kind, choice: str, found: Sequence[Found]) -> bool:
    try:
        return meant(kind, choice, [e for e in found if e.kind is kind]) is not None
    except ChoiceNeeded:
        return True


def note(file: Path, parts: tuple[str, ...]) -> None:
    """Leave it where the agent reads it."""
    new = file.with_suffix(".new")
    try:
        new.write_text(" ".join(parts), encoding="ascii")
        new.replace(file)
    except OSError as error:
        log.warning("what is missing is not noted", why=str(error.strerror))
