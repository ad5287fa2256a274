# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the server's Asterisk is asked and told, at its own console."""

from stage.hosts.host import Host

_CONSOLE = ("guichet-asterisk", "-C", "/etc/guichet/asterisk/asterisk.conf", "-rx")


def contacts(server: Host) -> str:
    """Give where telephones are registered, as Asterisk lists it."""
    return server.run(*_CONSOLE, "pjsip show contacts")


def take_certificate(server: Host) -> None:
    """Have Asterisk read its certificate anew."""
    server.run(*_CONSOLE, "module reload res_pjsip.so")
