# SPDX-License-Identifier: AGPL-3.0-or-later
"""More calls are due than the server has ports of media for."""

from collections.abc import Iterator

import pytest

from booking_web.tables.states import AppointmentState as S
from provisioning.asterisk.capacity import PORTS_PER_CALL
from stage.appointments import AppointmentBook
from stage.endpoint import Endpoint
from stage.stack import Stage

pytestmark = pytest.mark.real

KIOSK, OTHERS = "kiosk-wassigny", ("kiosk-guise", "kiosk-marly-gomont")
ORGANISATION = "msa"


@pytest.fixture
def small(asterisk_stage: Stage) -> Iterator[Stage]:
    """Give the stage with ports for one call."""

    def narrow(rtp_last: int) -> None:
        asterisk_stage.stop("dispatcher", "asterisk")
        asterisk_stage.write_site(rtp_last)
        asterisk_stage.start("asterisk")

    narrow(asterisk_stage.ports.rtp_first + PORTS_PER_CALL - 1)
    yield asterisk_stage
    narrow(asterisk_stage.ports.rtp_last)


def test_the_call_that_fits_stands_and_of_the_others_the_server_is_the_cause(
    small: Stage, book: AppointmentBook, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    small.wait_ready(KIOSK)
    small.wait_ready(counsellor.slug)
    small.start(*OTHERS)
    first, *rest = [book.put(each, ORGANISATION) for each in (KIOSK, *OTHERS)]
    small.start("dispatcher")
    for number in rest:
        book.wait(number, S.INTERRUPTED, "server_full", timeout_seconds=40)
    # With video: all the ports that the one call takes are there.
    book.wait(first, S.IN_CALL, timeout_seconds=40)
    counsellor.order("hangup")
    book.wait(first, S.DONE)
    # Nobody rang at the other kiosks.
    kinds = [[period.kind for period in book.periods(number)] for number in rest]
    assert all("queued" not in each and "in_call" not in each for each in kinds)
