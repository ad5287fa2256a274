# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which rows there are, what each aims at and where it may run. Pure; no measuring here."""

from dataclasses import dataclass
from enum import StrEnum


class Network(StrEnum):
    """Where a row's programs talk to each other."""

    # A network of the row's own: baresip refuses to work on the loopback address alone.
    PRIVATE = "private"
    # This machine's network: the row sets the project up and may need a package.
    HOST = "host"


@dataclass(frozen=True)
class Row:
    """One line of the table. `module` has a function `measure() -> Figures`."""

    name: str
    unit: str
    aim: str
    about: str
    module: str
    network: Network
    # The row is stopped, with all it started, after so long.
    limit_seconds: int
    # Runs only when asked for by name or with --all: it takes minutes.
    on_request: bool = False


@dataclass(frozen=True)
class Figures:
    """What a row measured: one value per run on each side, in the row's unit."""

    ours: tuple[float, ...]
    # Empty where there is nothing to compare with.
    peer: tuple[float, ...] = ()
    # Sentences for the reader: where the time went, what was lost.
    notes: tuple[str, ...] = ()


ROWS = (
    Row(
        name="call.answer",
        unit="ms",
        aim="ratio <= 1.0",
        about="INVITE -> 200 OK of a kiosk, beside baresip answering by itself",
        module="measure.call_answer",
        network=Network.PRIVATE,
        limit_seconds=240,
    ),
    Row(
        name="call.dispatch",
        unit="ms",
        aim="ratio < 1.2 and ours - peer < 100 ms",
        about="click -> INVITE, beside a bare AMI Originate of the same call",
        module="measure.call_dispatch",
        network=Network.PRIVATE,
        limit_seconds=240,
    ),
    Row(
        name="call.dispatch.due",
        unit="ms",
        aim="ratio < 1.2 and ours - peer < 100 ms",
        about="due time -> INVITE, beside a bare AMI Originate at a due time",
        module="measure.call_dispatch_due",
        network=Network.PRIVATE,
        limit_seconds=300,
    ),
    Row(
        name="endpoint.cpu",
        unit="% of a core",
        aim="ratio <= 1.0",
        about="CPU of one endpoint in a VP8 640x360 call, beside baresip in the same",
        module="measure.endpoint_cpu",
        network=Network.PRIVATE,
        limit_seconds=600,
    ),
    Row(
        name="endpoint.memory",
        unit="MB",
        aim="ratio <= 3.0",
        about="resident memory of one endpoint in that call, beside baresip in the same",
        module="measure.endpoint_memory",
        network=Network.PRIVATE,
        limit_seconds=300,
    ),
    Row(
        name="call.rate",
        unit="s",
        aim="none lost, none doubled",
        about="100 appointments due in one second -> all queued, beside bare AMI",
        module="measure.call_rate",
        network=Network.PRIVATE,
        limit_seconds=600,
    ),
    Row(
        name="device.print",
        unit="ms",
        aim="ratio < 1.2 and ours - peer < 100 ms",
        about="last digit of a code -> CUPS accepted the print, beside lp",
        module="measure.device_print",
        network=Network.HOST,
        limit_seconds=300,
    ),
    Row(
        name="device.scan",
        unit="s",
        aim="ratio < 1.2",
        about="ten feeder pages -> PDF on the server, beside scanimage and img2pdf",
        module="measure.device_scan",
        network=Network.HOST,
        limit_seconds=600,
    ),
    Row(
        name="device.fuzz",
        unit="s",
        aim="no crash, no hang, nothing done that was not asked",
        about="10,000 random, broken and hostile codes at a running bridge; no peer",
        module="measure.device_fuzz",
        network=Network.HOST,
        limit_seconds=600,
    ),
    Row(
        name="form.return",
        unit="s",
        aim="100 of 100 recognised, no signature box wrong",
        about="ten bad scanned pages recognised, in order, signatures seen; no peer",
        module="measure.form_return",
        network=Network.HOST,
        limit_seconds=900,
    ),
    Row(
        name="cv.page",
        unit="s",
        aim="ours < 1 s",
        about="the page of a CV and its picture, beside a bare hello page of WeasyPrint",
        module="measure.cv_page",
        network=Network.HOST,
        limit_seconds=300,
    ),
    Row(
        name="slots.p95",
        unit="ms",
        aim="ratio <= 1.5 and ours < 100 ms",
        about="free slots, 200 counters x 100 kiosks x 60 days, beside plain SQL",
        module="measure.slots_p95",
        network=Network.HOST,
        limit_seconds=120,
    ),
    Row(
        name="booking.keystrokes",
        unit="keys",
        aim="known <= 12, new <= 25",
        about="keys and clicks to book a known and a new resident; no peer",
        module="measure.booking_keystrokes",
        network=Network.HOST,
        limit_seconds=180,
    ),
    Row(
        name="booking.throughput",
        unit="bookings/s",
        aim="ratio >= 0.5",
        about="bookings a second of 50 secretaries, beside a bare insert; SQLite",
        module="measure.booking_throughput",
        network=Network.HOST,
        limit_seconds=240,
    ),
    Row(
        name="booking.throughput.postgresql",
        unit="bookings/s",
        aim="ratio >= 0.5",
        about="bookings a second of 50 secretaries, beside a bare insert; PostgreSQL",
        module="measure.booking_throughput_postgresql",
        network=Network.HOST,
        limit_seconds=240,
    ),
    Row(
        name="booking.beside_apply",
        unit="ms",
        aim="<= 1000",
        about="what 95 of 100 bookings take at most while 1,000 users are made; no peer",
        module="measure.booking_beside_apply",
        network=Network.HOST,
        limit_seconds=900,
    ),
    Row(
        name="booking.p99",
        unit="ms",
        aim="-",
        about="what 99 of 100 of these bookings take at most, beside a bare insert; SQLite",
        module="measure.booking_p99",
        network=Network.HOST,
        limit_seconds=240,
    ),
    Row(
        name="booking.p99.postgresql",
        unit="ms",
        aim="-",
        about="what 99 of 100 of these bookings take at most, beside a bare insert; PostgreSQL",
        module="measure.booking_p99_postgresql",
        network=Network.HOST,
        limit_seconds=240,
    ),
    Row(
        name="live.pages",
        unit="MB",
        aim="ours < 300 MB, and the bookings' ratio in the notes < 1.5",
        about="the live server's memory with a thousand open pages; no peer",
        module="measure.live_pages",
        network=Network.HOST,
        limit_seconds=300,
    ),
    Row(
        name="live.pages.idle",
        unit="MB",
        aim="-",
        about="what 1,000 idle pages add to front, pages and live server, beside a bare nginx",
        module="measure.live_pages_idle",
        network=Network.HOST,
        limit_seconds=300,
    ),
    Row(
        name="screen.mirror",
        unit="ms",
        aim="ratio <= 2.0, median < 150 ms, 95 of 100 < 300 ms",
        about="key at the desk -> pixels on the second screen, beside pdf.js typed locally",
        module="measure.screen_mirror",
        network=Network.HOST,
        limit_seconds=240,
    ),
    Row(
        name="screen.first_picture",
        unit="ms",
        aim="median < 1500 ms",
        about="answer -> the counsellor on the first screen, beside the bare stack",
        module="measure.screen_first_picture",
        network=Network.PRIVATE,
        limit_seconds=420,
    ),
    Row(
        name="screen.cpu",
        unit="% of a core",
        aim="-",
        about="CPU of the whole kiosk in a call: session, telephone, browser",
        module="measure.screen_cpu",
        network=Network.PRIVATE,
        limit_seconds=300,
    ),
    Row(
        name="screen.memory",
        unit="MB",
        aim="-",
        about="memory of the whole kiosk in that call",
        module="measure.screen_memory",
        network=Network.PRIVATE,
        limit_seconds=300,
    ),
    Row(
        name="screen.sound",
        unit="kHz",
        aim=">= 7",
        about="the highest tone that comes to the kiosk",
        module="measure.screen_sound",
        network=Network.PRIVATE,
        limit_seconds=240,
    ),
    Row(
        name="screen.sync",
        unit="ms",
        aim="between -100 and 100",
        about="how much later the picture is than the sound, at the kiosk",
        module="measure.screen_sync",
        network=Network.PRIVATE,
        limit_seconds=240,
    ),
    Row(
        name="screen.wipe",
        unit="s",
        aim="< 5 s",
        about="end of a call -> the server has the proof that nothing is left at the kiosk",
        module="measure.screen_wipe",
        network=Network.HOST,
        limit_seconds=300,
    ),
    Row(
        name="form.open",
        unit="ms",
        aim="-",
        about="first paint of the page of a form of 300 fields, beside its first page in pdf.js",
        module="measure.form_open",
        network=Network.HOST,
        limit_seconds=240,
    ),
    Row(
        name="form.save",
        unit="ms",
        aim="95 of 100 < 1000 ms",
        about="a key sent -> kept and drawn, beside the same without the web",
        module="measure.form_save",
        network=Network.HOST,
        limit_seconds=240,
    ),
    Row(
        name="page.p95",
        unit="ms",
        aim="ours < 100 ms",
        about="what 95 of 100 desk pages take beside 200 calls, as beside none",
        module="measure.page_p95",
        network=Network.PRIVATE,
        limit_seconds=400,
    ),
    Row(
        name="backup.whole",
        unit="s",
        aim="-",
        about="first backup of 100,000 appointments and 5 GB; notes: the others; no peer",
        module="measure.backup_whole",
        network=Network.HOST,
        limit_seconds=3600,
        on_request=True,
    ),
    Row(
        name="line.sound",
        unit="%",
        aim="ours < 1",
        about="sound lost over thin and bad lines beyond their own loss, beside baresip",
        module="measure.line_sound",
        network=Network.PRIVATE,
        limit_seconds=1500,
        on_request=True,
    ),
    Row(
        name="line.picture",
        unit="pictures/s",
        aim="freeze <= 0.5 s at 1 and 5 % loss",
        about="pictures over the same lines, with the longest freeze, beside baresip",
        module="measure.line_picture",
        network=Network.PRIVATE,
        limit_seconds=1500,
        on_request=True,
    ),
    Row(
        name="start.warm",
        unit="s",
        aim="ours < 15 s",
        about='script/demo -> "ready" on a full cache; no peer',
        module="measure.start_warm",
        network=Network.HOST,
        limit_seconds=300,
    ),
    Row(
        name="start.cold",
        unit="s",
        aim="-",
        about='script/demo -> "ready" of a fresh clone with an empty cache; no peer',
        module="measure.start_cold",
        network=Network.HOST,
        limit_seconds=3600,
        on_request=True,
    ),
)
