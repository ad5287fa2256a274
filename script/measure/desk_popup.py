# SPDX-License-Identifier: AGPL-3.0-or-later
"""desk.popup: the desk's telephone rings -> the appointment's page is painted beside it."""

from measure.desk_ground import DeskGround
from measure.rows import Figures
from stage.waiting import wait_for

RUNS = 10
WARM_UP_RUNS = 1
# Wall-clock milliseconds at which the page in the frame was first painted.
PAINTED_AT = """
appointment => {
  const framed = frames.dossier;
  if (framed.location.pathname !== `/rendez-vous/${appointment}`) return 0;
  const paint = framed.performance.getEntriesByName("first-contentful-paint")[0];
  return paint === undefined ? 0 : framed.performance.timeOrigin + paint.startTime;
}
"""
RANG_AT = "deskWatch.states.findLast(each => each.state === 'ringing').at"


def measure() -> Figures:
    """Ring again and again, for another appointment each time."""
    times = []
    with DeskGround() as ground:
        for _ in range(WARM_UP_RUNS + RUNS):
            with ground.ringing() as appointment:
                painted = wait_for(
                    lambda: ground.page.evaluate(PAINTED_AT, appointment),
                    "the appointment's page is shown",
                )
                times.append(painted - ground.page.evaluate(RANG_AT))
                ground.page.locator("[data-act=answer]").click()
    return Figures(tuple(times[WARM_UP_RUNS:]))
