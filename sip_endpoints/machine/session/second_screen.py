# SPDX-License-Identifier: AGPL-3.0-or-later
"""The wiring of the second screen's program: the browser, its wipe, and what is looked after."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from device_bridge.call.screen_link import ScreenLink
from sip_endpoints.captions.engine_process import MODULE as ENGINE
from sip_endpoints.captions.page_stream import with_stream
from sip_endpoints.log import Log
from sip_endpoints.machine.devices.cameras import find_cameras
from sip_endpoints.machine.server.address import site_of
from sip_endpoints.machine.server.site import Site, web_authority
from sip_endpoints.machine.session.browsing import (
    BROWSER,
    Browser,
    Screen,
    browser_words,
)
from sip_endpoints.machine.session.help_wish import HelpWish
from sip_endpoints.machine.session.let_in import LetIn
from sip_endpoints.machine.session.missing import (
    MissingWatch,
    Wanted,
    note,
    wanted_of,
)
from sip_endpoints.machine.session.outputs import (
    Session,
    SessionAway,
    pages_ground_order,
)
from sip_endpoints.machine.session.profile import Profile
from sip_endpoints.machine.session.screen_watch import ScreenWatch
from sip_endpoints.machine.session.screen_wipe import (
    PAUSE_SECONDS,
    AskedWipe,
    Orders,
    ScreenWipe,
    end_by_force,
    processes_of,
)
from sip_endpoints.machine.session.sound_look import SoundLook
from sip_endpoints.machine.session.start_page import start_page_of
from sip_endpoints.machine.system.choices import AUTO, read_choices
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.places import Places

log = Log(__name__)

CLOSE_BROWSER = f'[app_id="^{BROWSER}"] kill'


def make_screen(places: Places, more_words: Sequence[str] = ()) -> Screen:
    """Give the second screen of an enrolled kiosk; raise MachineError.

    `more_words` are the browser's where a test looks into it.
    """
    choices = read_choices(places.choices)
    try:
        bundle = tomllib.loads(places.bundle.read_text(encoding="utf-8"))
        address = str(bundle["kiosk"]["screen_url"])
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise MachineError(f"{places.bundle} : {error}") from error
    site = Site(site_of(address), web_authority(places))
    environment = {"LANGUAGE": choices.language, "HOME": str(places.home)}
    session, link = Session(places.sway_socket), ScreenLink(places.bridge_socket)
    folder = places.home / "screen"
    wiping = _asked_wipe(places, link, session, folder, environment, address)
    media = bundle.get("media", {})
    wanted = wanted_of(
        choices.devices, media.get("camera", AUTO), media.get("audio", AUTO)
    )
    lay_ground(session, choices.language)
    return Screen(
        Browser(
            [*browser_words(folder, choices.language), *more_words],
            environment,
            lambda: session.order(CLOSE_BROWSER),
            lambda: end_by_force(processes_of(folder)),
        ),
        start_page_of(places.runtime),
        address,
        site.host,
        choices.language,
        site.knock,
        lambda: session.windows_of(BROWSER),
        wiping,
        lambda known: with_stream(known, places.runtime),
        [
            _missing_watch(
                places,
                link,
                ScreenWatch(session, choices.screens, choices.language),
                wanted,
            )
        ],
        HelpWish(places.help_wanted),
    )


def lay_ground(session: Session, language: str) -> None:
    """Lay what is seen while the browser is not there behind the pages."""
    try:
        if order := pages_ground_order(session.outputs(), language):
            session.order(order)
    except SessionAway as error:
        log.warning("the ground of the pages is not set", why=str(error))


def _missing_watch(
    places: Places, link: ScreenLink, screens: ScreenWatch, wanted: Wanted
) -> MissingWatch:
    """Give what looks after what is plugged in."""

    def tell(parts: tuple[str, ...]) -> None:
        link.tell_missing(parts)
        note(places.missing, parts)

    return MissingWatch(
        wanted,
        screens,
        SoundLook(places.runtime),
        find_cameras,
        tell,
    )


def _asked_wipe(
    places: Places,
    link: ScreenLink,
    session: Session,
    folder: Path,
    environment: dict[str, str],
    entrance: str,
) -> AskedWipe:
    """Give what wipes the screens when the bridge asks, and wipe what was left before."""
    temporary = places.runtime / "screen-tmp"
    # What the browser writes for a moment lies where it is wiped, and in memory.
    temporary.mkdir(mode=0o700, exist_ok=True)
    environment["TMPDIR"] = str(temporary)
    profile = Profile(folder, temporary)
    wipe = ScreenWipe(profile, folder, session.windows, processes_of, Path(ENGINE))
    wiping = AskedWipe(link, Orders(PAUSE_SECONDS), wipe)
    # What was kept by a browser before this is found by the wipe.
    wiping.begin()
    wiping.beside = LetIn(profile, entrance).turn
    return wiping
