# SPDX-License-Identifier: AGPL-3.0-or-later
"""The story of the first ground, lived through and judged: a booking becomes a call.

"M. Dupont, MSA, Wassigny, now": the kiosk answers alone, the counsellor's phone shows who
and where, both see moving pictures, the counsellor prints and scans, and the secretary's
page shows each state.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from stage.device_story import DeviceResults, DeviceStory
from stage.secretary import Secretary
from stage.story_ground import PhoneSeen, StoryGround
from stage.waiting import PATIENCE, wait_for

RESIDENT = "M. Dupont"
SECRETARY = "mairie@wassigny.example"
RELAY = "Wassigny"
ORGANISATION = "MSA"
KIOSK = "kiosk-wassigny"
COUNSELLOR = "counsellor-msa-1"
COUNSELLORS_ACCOUNT = "conseiller@msa.example"

STATES = ("booked", "arrived", "calling", "queued", "in_call", "done")
# These last: somebody sits there, somebody talks.
SEEN_FOR_SURE = frozenset({"booked", "in_call", "done"})
MIN_FRAMES = 30
MIN_WIDTH, MIN_HEIGHT = 320, 240
# That it answers by itself; how fast is measured by script/bench.
MAX_ANSWER_SECONDS = 10.0
PICTURE_SECONDS = 25.0


class StoryBroken(Exception):
    """The story did not go as it should; the text says where."""


@dataclass
class Story:
    """What happened, with milliseconds since the secretary sent the form."""

    states: list[tuple[str, int]] = field(default_factory=list)
    timeline: list[tuple[int, str]] = field(default_factory=list)
    kiosk: dict[str, Any] = field(default_factory=dict)
    counsellor: dict[str, Any] = field(default_factory=dict)
    devices: DeviceResults = field(default_factory=DeviceResults)

    def note(self, at_ms: int, text: str) -> None:
        """Add a line to the timeline."""
        self.timeline.append((at_ms, text))


def live(ground: StoryGround, story: Story) -> None:
    """Live the story on a running system and write it down; raises StoryBroken.

    What was seen until then is in `story` in any case.
    """
    with Secretary(ground.url, ground.authority) as secretary:
        secretary.sign_in(SECRETARY, ground.passwords()[SECRETARY])
        watch = secretary.watch()
        sent_at, sent_on = time.monotonic(), datetime.now(UTC)
        try:
            appointment = secretary.book(RESIDENT, ORGANISATION)
            try:
                _follow(ground, watch.wait_state, appointment, story, sent_on)
            finally:
                for seen in watch.states(appointment):
                    at_ms = round((seen.seen_at - sent_at) * 1000)
                    story.states.append((seen.state, at_ms))
                    story.note(at_ms, f"the page shows {seen.state}")
        finally:
            story.note(0, f"the secretary books {RESIDENT}, {ORGANISATION}, now")
            story.timeline.sort(key=lambda line: line[0])
    # A kiosk that is not done with its own start yet is called again by itself.
    told = tuple(state for state, _ in groupby(state for state, _ in story.states))
    # Of a call that somebody takes at once the page may be told only how it stands by then.
    in_order = told == tuple(state for state in STATES if state in told)
    if not (in_order and SEEN_FOR_SURE.issubset(told)):
        raise StoryBroken(f"the page was told {' -> '.join(told)}")


def _follow(
    ground: StoryGround,
    wait_state: Any,
    appointment: int,
    story: Story,
    sent_on: datetime,
) -> None:
    kiosk, counsellor = ground.kiosk(KIOSK), ground.counsellor(COUNSELLOR)
    wait_state(appointment, "in_call")
    _wait_for_pictures(kiosk, counsellor, story, sent_on)
    kiosk_call = _call_of(kiosk)
    counsellor_call = _call_of(counsellor)
    _check_calls(appointment, kiosk_call, counsellor_call)
    story.kiosk, story.counsellor = _picture(kiosk_call), _picture(counsellor_call)
    for call, who in ((kiosk_call, "the kiosk"), (counsellor_call, "the counsellor")):
        story.note(_since(sent_on, call["began_at"]), f"{who} rings")
        story.note(_since(sent_on, call["confirmed_at"]), f"{who} answers by itself")

    def note(text: str) -> None:
        story.note(_since(sent_on), text)

    devices = DeviceStory(ground, KIOSK, counsellor, story.devices)
    devices.live(appointment, note)
    counsellor.order("hangup")
    note("the counsellor hangs up")
    wait_state(appointment, "done")
    devices.see_wiped(appointment, note)


def _wait_for_pictures(
    kiosk: PhoneSeen, counsellor: PhoneSeen, story: Story, sent_on: datetime
) -> None:
    for endpoint in (kiosk, counsellor):
        wait_for(
            lambda: _has_picture(endpoint.call()),
            f"{endpoint.slug} has decoded {MIN_FRAMES} pictures",
            PICTURE_SECONDS,
            poll_seconds=0.1,
        )
        story.note(
            _since(sent_on), f"{endpoint.slug} has decoded {MIN_FRAMES} pictures"
        )


def _has_picture(call: dict[str, Any] | None) -> bool:
    video = (call or {}).get("video")
    return (
        video is not None
        and video["frames_decoded"] >= MIN_FRAMES
        and video["width"] >= MIN_WIDTH
        and video["height"] >= MIN_HEIGHT
    )


def _call_of(endpoint: PhoneSeen) -> dict[str, Any]:
    call = endpoint.status_by_command()["call"]
    if call is None:
        raise StoryBroken(f"{endpoint.slug} is in no call any more")
    return dict(call)


def _check_calls(
    appointment: int, kiosk_call: dict[str, Any], counsellor_call: dict[str, Any]
) -> None:
    for call in (kiosk_call, counsellor_call):
        if call["appointment_id"] != str(appointment):
            raise StoryBroken("a call does not carry the appointment's number")
        if not _has_picture(call):
            raise StoryBroken("the picture went away")
    shown = counsellor_call["remote_name"]
    if RESIDENT not in shown or RELAY not in shown:
        raise StoryBroken("the counsellor's phone does not show who calls from where")
    took = _moment(kiosk_call["confirmed_at"]) - _moment(kiosk_call["began_at"])
    if took.total_seconds() > MAX_ANSWER_SECONDS * PATIENCE:
        raise StoryBroken(f"the kiosk took {took.total_seconds():.1f} s to answer")


def _picture(call: dict[str, Any]) -> dict[str, Any]:
    video = call["video"]
    return {
        "frames": video["frames_decoded"],
        "width": video["width"],
        "height": video["height"],
        "codec": video["codec"],
        "fps": video["fps"],
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _since(sent_on: datetime, at: str | None = None) -> int:
    moment = _moment(at) if at else datetime.now(UTC)
    return round((moment - sent_on).total_seconds() * 1000)
