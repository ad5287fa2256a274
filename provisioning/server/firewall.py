# SPDX-License-Identifier: AGPL-3.0-or-later
"""The firewall: a table of nftables of our own, beside whatever else there is."""

from provisioning.server.answers import Answers
from provisioning.server.ports import open_ports
from provisioning.server.templated import render
from provisioning.server.units import FIREWALL
from provisioning.server.work import Work

RULES = "/etc/guichet/firewall.nft"


def firewall_text(answers: Answers) -> str:
    """Give the rules; loading them again replaces them at once."""
    return render(
        "firewall.nft.j2",
        {"ports": open_ports(answers), "also_open": answers.firewall.also_open},
    )


def set_up_firewall(work: Work) -> bool:
    """Load the table now and at each start, or take it away where none is wanted."""
    programs, file = work.machine.programs, work.machine.path(RULES)
    if not work.answers.firewall.enabled:
        if not file.exists():
            return False
        programs.run("systemctl", "disable", "--now", "--quiet", FIREWALL)
        file.unlink()
        return True
    has_changed = work.write(file, firewall_text(work.answers))
    programs.run("systemctl", "enable", "--quiet", FIREWALL)
    programs.run("systemctl", "reload-or-restart" if has_changed else "start", FIREWALL)
    return has_changed
