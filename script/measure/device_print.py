# SPDX-License-Identifier: AGPL-3.0-or-later
"""device.print: from the code's last digit to CUPS's acceptance, beside `lp`."""

import time

from measure.device_call import DeviceCall, SpoolWatch
from measure.rows import Figures
from stage.processes import run_once
from stage.waiting import wait_for

RUNS = 20
WARM_UP_RUNS = 2
PAGES = ("Demande de prestation", "Signature")
PRINT_SECONDS = 30.0


def measure() -> Figures:
    """Key a code and run `lp` in turn, with the same file, at the same CUPS."""
    lp_began: list[float] = []
    with DeviceCall() as call, SpoolWatch(call.devices) as watch:
        # The same code twice within seconds counts once: two documents take turns.
        numbers = [call.upload(*PAGES)[0] for _ in range(2)]
        file = call.folder / "form.pdf"
        file.write_bytes(call.upload(*PAGES)[1])
        with call.sip_capture() as capture:
            for run in range(RUNS + WARM_UP_RUNS):
                call.key(f"*1{numbers[run % 2]}#")
                _wait_printed(call, 2 * run + 1)
                lp_began.append(time.time())
                _lp(call, str(file))
                _wait_printed(call, 2 * run + 2)
        keyed = call.last_digits(capture.messages())
        accepted = watch.accepted()
    if len(keyed) != len(lp_began) or len(accepted) != 2 * len(lp_began):
        raise RuntimeError(f"{len(keyed)} codes and {len(accepted)} jobs were seen")
    ours = _milliseconds(keyed, accepted[0::2])
    peer = _milliseconds(lp_began, accepted[1::2])
    return Figures(
        ours,
        peer,
        (
            "ours has fetched the document while its code was keyed, as a person keys it",
        ),
    )


def _milliseconds(began: list[float], ended: list[float]) -> tuple[float, ...]:
    pairs = zip(began, ended, strict=True)
    return tuple((end - begin) * 1000 for begin, end in pairs)[WARM_UP_RUNS:]


def _lp(call: DeviceCall, file: str) -> None:
    cups = call.devices.cups
    run_once(
        ["lp", "-h", f"127.0.0.1:{cups.port}", "-d", cups.queue, file],
        directory=call.folder,
    )


def _wait_printed(call: DeviceCall, count: int) -> None:
    cups = call.devices.cups
    wait_for(
        lambda: len(cups.printed_files()) >= count,
        f"{count} prints came out",
        PRINT_SECONDS,
    )
    cups.wait_idle()
    # The bridge is done too: its next job must not wait for the end of this one.
    wait_for(lambda: call.devices.is_idle(), "the bridge is idle", PRINT_SECONDS)
