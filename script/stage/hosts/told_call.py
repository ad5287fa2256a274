# SPDX-License-Identifier: AGPL-3.0-or-later
"""A call begun by the secretary's page, by a process in the hosts' network; it goes on after.

`begin_call` starts this module there; it prints the appointment's number.
"""

import json
import sys

from stage.hosts.host_set import HostSet
from stage.hosts.told_story import BROKEN, told_there
from stage.hosts.village import Village
from stage.secretary import Secretary
from stage.story import ORGANISATION, RESIDENT, SECRETARY

CALL_SECONDS = 60.0


class NoCall(Exception):
    """The secretary's booking did not become a call; the text says why."""


def begin_call(host_set: HostSet) -> int:
    """Have a call between kiosk and counsellor, and give its appointment; raises NoCall."""
    told = told_there(host_set, __name__, CALL_SECONDS)
    if told.get("problem"):
        raise NoCall(str(told["problem"]))
    return int(told["appointment"])


def main(name: str) -> None:
    """Book now, wait until both talk, and print the number."""
    village, told = Village(HostSet.find(name)), dict[str, int | str]()
    try:
        with Secretary(village.url, village.authority) as secretary:
            secretary.sign_in(SECRETARY, village.passwords()[SECRETARY])
            watch = secretary.watch()
            told["appointment"] = number = secretary.book(RESIDENT, ORGANISATION)
            watch.wait_state(number, "in_call")
    except BROKEN as error:
        told["problem"] = f"{type(error).__name__}: {error}"
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
