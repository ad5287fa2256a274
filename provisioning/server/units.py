# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every unit of the server, in the order in which they are started; docs/install.md has
the table. The unit files are debian/guichet-server.<unit>."""

from dataclasses import dataclass

TARGET = "guichet-server.target"
FIREWALL = "guichet-firewall.service"
ASTERISK = "guichet-asterisk.service"
FRONT = "guichet-front.service"
WEB = "guichet-web.service"


@dataclass(frozen=True)
class Unit:
    """A unit: its name, whom it runs as, and what it does."""

    name: str
    user: str
    does: str

    @property
    def is_service(self) -> bool:
        """Tell whether it runs all the time."""
        return self.name.endswith(".service") and self.name not in STARTED_BY_TIMERS


STARTED_BY_TIMERS = frozenset(
    {
        "guichet-backup.service",
        "guichet-certificate.service",
        "guichet-journal.service",
        "guichet-logs.service",
        "guichet-promote.service",
        "guichet-prune.service",
        "guichet-reminders.service",
        "guichet-watch.service",
    }
)
UNITS = (
    Unit(TARGET, "", "all of the following"),
    Unit(ASTERISK, "guichet-asterisk", "registrations, calls, queues"),
    Unit(WEB, "guichet", "the pages and the APIs"),
    Unit("guichet-live.service", "guichet", "what changes on open pages"),
    Unit(FRONT, "guichet-front", "HTTPS for browsers and kiosks (nginx)"),
    Unit("guichet-dispatcher.service", "guichet", "places calls and follows them"),
    Unit("guichet-messages.service", "guichet", "sends e-mails and SMS"),
    Unit("guichet-webhooks.service", "guichet", "tells other software"),
    Unit("guichet-reminders.service", "guichet", "queues reminders"),
    Unit("guichet-reminders.timer", "", "every five minutes"),
    Unit("guichet-prune.service", "guichet", "forgets what is long over"),
    Unit("guichet-prune.timer", "", "by night"),
    Unit("guichet-journal.service", "guichet", "holds the journal to its chain"),
    Unit("guichet-journal.timer", "", "by night, after that"),
    Unit("guichet-logs.service", "guichet-asterisk", "rotates Asterisk's logs"),
    Unit("guichet-logs.timer", "", "every hour"),
    Unit("guichet-backup.service", "root", "keeps all that must not be lost"),
    Unit("guichet-backup.timer", "", "by night"),
    Unit("guichet-promote.service", "root", "gives all kiosks what the pilots tried"),
    Unit("guichet-promote.timer", "", "every evening"),
    Unit(
        "guichet-watch.service", "root", "looks at all of it, and writes to who repairs"
    ),
    Unit("guichet-watch.timer", "", "every three minutes"),
    Unit("guichet-certificate.service", "root", "renews the server's certificate"),
    Unit("guichet-certificate.timer", "", "every day"),
    Unit(FIREWALL, "root", "loads the firewall's own table, before any network"),
)


def services() -> list[str]:
    """Name what runs all the time, in the order of starting; the firewall is none of them."""
    return [each.name for each in UNITS if each.is_service and each.name != FIREWALL]


def enabled() -> list[str]:
    """Name what a server enables, the firewall left out."""
    started = [each.name for each in UNITS if each.name.endswith((".timer", ".target"))]
    return [*services(), *started]
