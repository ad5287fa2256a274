# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody has got hold of the kiosk's browser: what its user may do of the machine is nothing."""

from sip_endpoints.machine.system.choices import QUEUE
from stage.hosts.faults.ground import Ground

_USER = "guichet-kiosk"
_LOGIND = (
    "org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager"
)
_CLOCK = (
    "org.freedesktop.timedate1 /org/freedesktop/timedate1 org.freedesktop.timedate1"
)
_NAMES = (
    "org.freedesktop.hostname1 /org/freedesktop/hostname1 org.freedesktop.hostname1"
)
_UNITS = "org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager"
_TRIED = (
    f"busctl call {_LOGIND} PowerOff b false",
    f"busctl call {_LOGIND} Reboot b false",
    f"busctl call {_CLOCK} SetTime xbb 1700000000000000 false false",
    f"busctl call {_CLOCK} SetTimezone sb UTC false",
    f"busctl call {_NAMES} SetStaticHostname sb stolen false",
    f"busctl call {_UNITS} StopUnit ss guichet-phone.service replace",
    f"busctl call {_UNITS} Reload",
    "systemctl --no-ask-password start guichet-update.service",
    "systemd-run --no-ask-password --wait id",
    f"lpadmin -x {QUEUE}",
    f"cupsdisable {QUEUE}",
    "nft flush ruleset",
    "sh -c 'echo x >/etc/guichet-kiosk/kiosk.toml'",
    "sh -c 'echo x >/etc/chromium/policies/managed/more.json'",
    "sh -c 'echo x >/usr/share/guichet-kiosk/sway.conf'",
    "cat /etc/guichet-kiosk/grant.json",
    "cat /etc/guichet-kiosk/bridge.toml",
    "ls /var/lib/guichet-bridge",
    "ls /var/lib/guichet-update",
    "ls /var/lib/guichet-kiosk/machine",
    "ls /var/spool/cups",
    "cat /etc/shadow",
    "guichet-kiosk leave --yes",
    "guichet-kiosk update --now",
)


# In whose words each says that it is this user who may not; else it failed for another reason,
# and nothing was tried.
_REFUSALS = (
    *("access denied", "authentication", "permission", "not permitted", "forbidden"),
    *("en root", "unauthorized", "not privileged"),
)


def user_of_browser(ground: Ground) -> None:
    """In a call all that would hurt the machine is tried as the browser's user, unconfined.

    Less is there in truth: Chromium's own sandbox, and that of its unit.
    """
    appointment = ground.begin_call()
    names = ground.kiosk.run("hostname")
    said = {words: _tried(ground, words) for words in _TRIED}
    odd = {
        words: text
        for words, text in said.items()
        if not any(word in text.lower() for word in _REFUSALS)
    }
    ground.seen["refused"] = len(said) - len(odd)
    ground.expect(not odd, f"as {_USER}: {odd}")
    ground.expect(ground.kiosk.run("hostname") == names, "the kiosk has another name")
    ground.expect_call(appointment)
    ground.end_call(appointment)


def _tried(ground: Ground, words: str) -> str:
    """Give what a command of that user complains of; that it ended well, where it did."""
    shell = ("sh", "-c", f"timeout 20 {words}")
    done = ground.kiosk.ask("runuser", "-u", _USER, "--", *shell)
    text = (done.stdout + done.stderr).decode(errors="replace").strip()
    return text if done.returncode else f"ended well: {len(text)} characters"
