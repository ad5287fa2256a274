# SPDX-License-Identifier: AGPL-3.0-or-later
"""desk.print: a click on a document's button in the desk -> CUPS accepted it, beside `lp`."""

import time

from measure.desk_ground import DeskGround
from measure.device_call import SpoolWatch
from measure.lp_peer import milliseconds_between, run_lp, wait_printed
from measure.rows import Figures
from stage.papers import form_pdf
from stage.story import KIOSK
from stage.waiting import wait_for

RUNS = 20
WARM_UP_RUNS = 2
PAGES = ("Demande de prestation", "Signature")
# The press as the page has it: what Playwright does before it is no counsellor's time.
CLICKED_AT = """
id => {
  const framed = frames.dossier.document;
  framed.getElementById(id).addEventListener("click", () => { window.clickedAt = Date.now(); });
}
"""


def measure() -> Figures:
    """Press the button and run `lp` in turn, with the same file, at the same CUPS."""
    clicked: list[float] = []
    lp_began: list[float] = []
    with DeskGround(devices=True) as ground, ground.desk_call():
        devices = ground.stage.devices_of(KIOSK)
        content = form_pdf(*PAGES)
        file = ground.stage.directory / "form.pdf"
        file.write_bytes(content)
        appointment = wait_for(ground.phone.shown, "the appointment's page is shown")
        number = ground.phone.console().upload(appointment, file.name, content)
        with SpoolWatch(devices) as watch:
            for run in range(RUNS + WARM_UP_RUNS):
                ground.page.evaluate(CLICKED_AT, f"imprimer-{number}")
                ground.phone.print_document(number)
                wait_printed(devices, 2 * run + 1)
                clicked.append(ground.page.evaluate("clickedAt") / 1000)
                lp_began.append(time.time())
                run_lp(devices, file)
                wait_printed(devices, 2 * run + 2)
        accepted = watch.accepted()
    if len(accepted) != 2 * len(clicked):
        raise RuntimeError(f"{len(clicked)} clicks and {len(accepted)} jobs were seen")
    return Figures(
        milliseconds_between(clicked, accepted[0::2])[WARM_UP_RUNS:],
        milliseconds_between(lp_began, accepted[1::2])[WARM_UP_RUNS:],
        (
            "a click is a request, a job of the server, a code to the kiosk and its answer",
        ),
    )
