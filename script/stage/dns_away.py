# SPDX-License-Identifier: AGPL-3.0-or-later
"""A system on a machine whose DNS never answers: who asks it what, and does a call come up?

Run as `python -m stage.dns_away`, it makes the system, places a call, and prints what it saw
as JSON; `run_without_dns` runs it on a machine of its own.
"""

import json
from typing import Any

from stage.ami import BareAmi
from stage.asterisk_alone import asterisk_alone
from stage.processes import ProgramFailed
from stage.silent_dns import SilentDns, run_with_silent_dns
from stage.waiting import NotInTime

KIOSK, ORGANISATION = "kiosk-wassigny", "msa"
COUNSELLOR = "counsellor-msa-1"
CALL_SECONDS = 20.0
STORY_SECONDS = 150.0


def run_without_dns(hosts: str) -> dict[str, Any]:
    """Run the story where /etc/hosts holds these lines; give what it printed.

    `refused` holds what `guichet-provision site` said against it, else `connected` tells
    whether a call came up, and `names` what the DNS was asked for meanwhile.
    """
    return run_with_silent_dns("stage.dns_away", hosts, limit_seconds=STORY_SECONDS)


def story() -> dict[str, Any]:
    """Make the system, place a call, and tell what was seen."""
    dns = SilentDns()
    try:
        with asterisk_alone() as stage:
            stage.start(KIOSK, COUNSELLOR)
            dns.names.clear()
            with BareAmi.of_site(stage.settings_file) as ami:
                ami.place_call(KIOSK, ORGANISATION, "gv-1-1")
                try:
                    ami.wait_event("AgentConnect", CALL_SECONDS)
                    connected = True
                except NotInTime:
                    connected = False
            return {"refused": "", "connected": connected, "names": dns.names}
    except ProgramFailed as refused:
        return {"refused": str(refused)}


if __name__ == "__main__":
    print(json.dumps(story()))
