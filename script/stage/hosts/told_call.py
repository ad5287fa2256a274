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
from stage.story import COUNSELLOR, ORGANISATION, RESIDENT, SECRETARY

CALL_SECONDS = 60.0


class NoCall(Exception):
    """The secretary's booking did not become a call; the text says why."""


def begin_call(host_set: HostSet) -> int:
    """Have a call between kiosk and counsellor, and give its appointment; raises NoCall."""
    return _told(host_set)


def call_again(host_set: HostSet, appointment: int) -> None:
    """Have the secretary call an interrupted appointment again, to its end; raises NoCall."""
    _told(host_set, str(appointment))


def _told(host_set: HostSet, *arguments: str) -> int:
    told = told_there(host_set, __name__, CALL_SECONDS, *arguments)
    if told.get("problem"):
        raise NoCall(str(told["problem"]))
    return int(told["appointment"])


def main(name: str, again: str = "") -> None:
    """Book now, or call again and hang up; print the appointment's number."""
    village, told = Village(HostSet.find(name)), dict[str, int | str]()
    try:
        with Secretary(village.url, village.authority) as secretary:
            secretary.sign_in(SECRETARY, village.passwords()[SECRETARY])
            watch = secretary.watch()
            if again:
                told["appointment"] = number = int(again)
                secretary.press(number, "appeler")
            else:
                told["appointment"] = number = secretary.book(RESIDENT, ORGANISATION)
            watch.wait_state(number, "in_call")
            if again:
                village.counsellor(COUNSELLOR).order("hangup")
                watch.wait_state(number, "done")
    except BROKEN as error:
        told["problem"] = f"{type(error).__name__}: {error}"
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
