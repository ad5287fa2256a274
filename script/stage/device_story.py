# SPDX-License-Identifier: AGPL-3.0-or-later
"""The devices' part of the story: printed and scanned in the call, nothing kept after it.

The counsellor uploads a form and has it printed (`*11#`, or a button); scans ten pages and a card
by buttons of the console; what came out is compared with what went in, on both sides.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from device_bridge.printing.print_work import TITLE_PREFIX
from stage.papers import form_pdf, page_texts, sha256_of
from stage.scanner import FEEDER_PAGES
from stage.story_ground import ConsoleSeen, CounsellorSeen, StoryGround
from stage.waiting import wait_for

COUNSELLOR_ACCOUNT = "conseiller@msa.example"
FORM_PAGES = (
    "Demande de prestation - M. Dupont",
    "Signature de l'usager (relais de Wassigny) : ................",
)
# The resident of the check needs no time to lay a paper down or to turn a card.
QUICK_RESIDENT = (("place_seconds", 0.3), ("card_turn_seconds", 0.3))
DEVICE_SECONDS = 120.0
WIPE_SECONDS = 20.0
PRINTED = "Impression terminée"
_RECEIVED = re.compile(r"Numérisation reçue : document (\d+), (\d+) page")

Note = Callable[[str], None]


class DevicesFailed(Exception):
    """Paper and files are not what they should be; the text says which."""


@dataclass
class DeviceResults:
    """What the devices did, as `--json` tells it."""

    print: dict[str, Any] = field(default_factory=dict)
    scan: dict[str, Any] = field(default_factory=dict)
    card: dict[str, Any] = field(default_factory=dict)
    wiped: bool = False


class DeviceStory:
    """Lives the devices' part in a call that is up, then after it."""

    def __init__(
        self,
        ground: StoryGround,
        kiosk: str,
        counsellor: CounsellorSeen,
        results: DeviceResults,
    ) -> None:
        self._ground = ground
        self._devices = ground.devices_of(kiosk)
        self._counsellor = counsellor
        self._results = results

    def live(self, appointment: int, note: Note) -> None:
        """Print and scan in the call; raises DevicesFailed."""
        with self._ground.console(self._counsellor.slug, COUNSELLOR_ACCOUNT) as desk:
            self._print(desk, appointment, note)
            scan = self._results.scan
            self._scan(desk, appointment, "feeder", FEEDER_PAGES, scan, note)
            self._scan(desk, appointment, "card", 1, self._results.card, note)

    def see_wiped(self, appointment: int, note: Note) -> None:
        """Return once nothing of the call is at the kiosk and the journal says so."""
        wait_for(
            lambda: self._ground.journal_tells(appointment, "wiped"),
            "the journal tells that the kiosk was wiped",
            WIPE_SECONDS,
        )
        left = [file.name for file in self._devices.files_left()]
        if left:
            raise DevicesFailed(f"the kiosk kept {', '.join(left)}")
        self._results.wiped = True
        note("the kiosk keeps nothing, the journal says so")

    def _print(self, desk: ConsoleSeen, appointment: int, note: Note) -> None:
        number = desk.upload(appointment, "demande.pdf", form_pdf(*FORM_PAGES))
        note(f"the counsellor uploads a form: document {number}")
        seen = self._message_count()
        done = self._counsellor.print_document(number)
        keyed_at = time.monotonic()
        note(f"the counsellor {done}")
        self._wait_message(PRINTED, seen)
        took_ms = _since_ms(keyed_at)
        sheets = self._devices.printed_files()
        texts = [text for sheet in sheets for text in page_texts(sheet)]
        matches = len(sheets) == 1 and texts == list(FORM_PAGES)
        self._results.print |= {
            "pages": len(texts),
            "text_matches": matches,
            "ms": took_ms,
        }
        note(f"the counsellor reads {self._messages()[-1]!r}")
        if not matches:
            raise DevicesFailed(f"the printer put out {texts}")
        if not sheets[0].name.split("-", 1)[1].startswith(TITLE_PREFIX):
            raise DevicesFailed(f"the print is called {sheets[0].name}")

    def _scan(
        self,
        desk: ConsoleSeen,
        appointment: int,
        preset: str,
        pages: int,
        result: dict[str, Any],
        note: Note,
    ) -> None:
        seen = self._message_count()
        known = self._devices.scans()
        desk.scan(appointment, preset)
        pressed_at = time.monotonic()
        note(f"the counsellor presses the button for a scan ({preset})")
        wait_for(
            lambda: self._received(seen),
            f"the counsellor is told of the scan ({preset})",
            DEVICE_SECONDS,
        )
        took_ms = _since_ms(pressed_at)
        number, told = self._received(seen)[-1]
        received = desk.download(appointment, number)
        [scanned] = self._devices.scans() - known
        content = scanned.read_bytes()
        matches = sha256_of(received) == sha256_of(content)
        result |= {
            "pages": len(page_texts(received)),
            "sha256_matches": matches,
            "ms": took_ms,
        }
        note(f"document {number} is on the server, {told} pages, {len(received)} bytes")
        if not matches or len(received) != len(content):
            raise DevicesFailed(f"document {number} is not what was scanned")
        if result["pages"] != pages or told != pages:
            raise DevicesFailed(f"document {number} has {result['pages']} pages")

    def _message_count(self) -> int:
        return int(self._counsellor.status()["message_count"])

    def _messages(self, seen: int = 0) -> list[str]:
        """Give the messages after the first `seen`, as far as the phone keeps them."""
        status = self._counsellor.status()
        messages: list[str] = status["messages"]
        return messages[-new:] if (new := status["message_count"] - seen) else []

    def _received(self, seen: int) -> list[tuple[int, int]]:
        """Give document and pages of each scan that the counsellor was told of since."""
        found = [_RECEIVED.match(text) for text in self._messages(seen)]
        return [(int(told[1]), int(told[2])) for told in found if told]

    def _wait_message(self, text: str, seen: int) -> None:
        try:
            wait_for(
                lambda: any(text in message for message in self._messages(seen)),
                f"the counsellor reads {text!r}",
                DEVICE_SECONDS,
            )
        except Exception as error:
            error.add_note(f"read so far: {self._messages()}")
            raise


def _since_ms(moment: float) -> int:
    return round((time.monotonic() - moment) * 1000)
