# SPDX-License-Identifier: AGPL-3.0-or-later
"""device.print: from the code's last digit to CUPS's acceptance, beside `lp`."""

import time

from measure.device_call import DeviceCall, SpoolWatch
from measure.lp_peer import milliseconds_between, run_lp, wait_printed
from measure.rows import Figures

RUNS = 20
WARM_UP_RUNS = 2
PAGES = ("Demande de prestation", "Signature")


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
                wait_printed(call.devices, 2 * run + 1)
                lp_began.append(time.time())
                run_lp(call.devices, file)
                wait_printed(call.devices, 2 * run + 2)
        keyed = call.last_digits(capture.messages())
        accepted = watch.accepted()
    if len(keyed) != len(lp_began) or len(accepted) != 2 * len(lp_began):
        raise RuntimeError(f"{len(keyed)} codes and {len(accepted)} jobs were seen")
    ours = milliseconds_between(keyed, accepted[0::2])
    peer = milliseconds_between(lp_began, accepted[1::2])
    return Figures(
        ours[WARM_UP_RUNS:],
        peer[WARM_UP_RUNS:],
        (
            "ours has fetched the document while its code was keyed, as a person keys it",
        ),
    )
