# SPDX-License-Identifier: AGPL-3.0-or-later
"""Our systemd units, through systemctl."""

from dataclasses import dataclass

from sip_endpoints.machine.system.programs import Run, run

TARGET = "guichet-kiosk.target"
SESSION, SOUND, PHONE = (
    "guichet-session.service",
    "guichet-sound.service",
    "guichet-phone.service",
)
SCREEN, BRIDGE, AGENT = (
    "guichet-screen.service",
    "guichet-bridge.service",
    "guichet-agent.service",
)
# Does nothing at a kiosk whose site has brought no model.
CAPTIONS = "guichet-captions.service"
# A template: the instance is the reason why the test is made.
SELF_TEST, SELF_TEST_TIMER = "guichet-self-test@{}.service", "guichet-self-test.timer"
APPLY = "guichet-apply.service"
# On the first terminal of a PC that a server's medium installed, until it is a kiosk.
ENROLMENT = "guichet-enrolment.service"
UPDATE, UPDATE_TIMER = "guichet-update.service", "guichet-update.timer"
# Debian's own: its lists, then what is newer in them; the second waits for the first.
DEBIAN_UPDATES = ("apt-daily.service", "apt-daily-upgrade.service")
# Before all others, at each boot: what a power cut left of an update.
RECOVERY = "guichet-update-recover.service"
SOUND_POLICY = "guichet-sound-policy.service"
MEMBERS = (SESSION, SOUND, SOUND_POLICY, PHONE, SCREEN, BRIDGE, AGENT, CAPTIONS)
FIREWALL = "guichet-kiosk-firewall.service"
STARTED = (TARGET, SELF_TEST_TIMER, UPDATE_TIMER, FIREWALL)
ENABLED = (*STARTED, RECOVERY)
# A kiosk neither sleeps nor asks anybody to sign in on its screens.
MASKED = (
    "sleep.target",
    "suspend.target",
    "hibernate.target",
    "hybrid-sleep.target",
    "suspend-then-hibernate.target",
    "getty@tty1.service",
    "autovt@.service",
)
# What comes with CUPS and is in a kiosk's way: queues of every printer around, and profiles of
# colours, for which CUPS waits seconds where their service does not answer.
UNWANTED = ("cups-browsed.service", "colord.service")
# Starting waits for what each unit waits for; a stuck driver must not hold it for ever.
START_SECONDS = 150.0


@dataclass(frozen=True, slots=True)
class UnitState:
    """How a unit is, in systemd's words."""

    name: str
    active: str
    sub: str
    result: str
    restarts: int


class Units:
    """Starts, stops and asks our units."""

    def __init__(self, run: Run = run) -> None:
        self._run = run

    def enable(self) -> None:
        """Have the kiosk start with the machine, and let nothing else have its screens."""
        self._run(["systemctl", "daemon-reload"])
        self._run(["systemctl", "mask", "--quiet", *MASKED, *UNWANTED])
        # cups-browsed takes its queues away first, one by one; nobody waits for that.
        self._run(["systemctl", "stop", "--no-block", *UNWANTED], may_fail=True)
        self._run(["systemctl", "enable", "--quiet", *ENABLED])

    def disable(self) -> None:
        """Undo `enable`, and stop all of it."""
        self._run(
            ["systemctl", "disable", "--quiet", *ENABLED, ENROLMENT], may_fail=True
        )
        self._run(
            ["systemctl", "stop", *STARTED, *MEMBERS],
            limit_seconds=START_SECONDS,
            may_fail=True,
        )
        self._run(["systemctl", "unmask", "--quiet", *MASKED, *UNWANTED])
        self._run(["systemctl", "daemon-reload"])

    def are_any_up(self) -> bool:
        """Say whether some unit of the kiosk runs, or is on its way."""
        down = ("inactive", "failed", "")
        return any(self.state(name, "ActiveState") not in down for name in MEMBERS)

    def start(self) -> None:
        """Start what is not running; what is to come back later is not waited for."""
        self._run(["systemctl", "reset-failed", *MEMBERS], may_fail=True)
        self._run(
            ["systemctl", "start", "--no-block", *STARTED], limit_seconds=START_SECONDS
        )

    def restart(self, *names: str) -> None:
        """Have units begin anew, in systemd's own order; nobody waits for them."""
        self._run(["systemctl", "restart", "--no-block", *names])

    def begin(self, name: str) -> None:
        """Have a unit started that does one thing; one that is at it goes on."""
        self._run(["systemctl", "start", "--no-block", name])

    def is_at_it(self, name: str) -> bool:
        """Say whether a unit that does one thing is doing it."""
        return self.state(name, "ActiveState") == "activating"

    def restart_now(self, name: str) -> None:
        """Have one unit end and begin anew, and wait until it did."""
        self._run(["systemctl", "restart", name], may_fail=True)

    def begin_anew(self) -> None:
        """Restart all but the agent, who may be the one that asks, and the screens' session."""
        self._run(["systemctl", "daemon-reload"])
        self.restart(SOUND, PHONE, SCREEN, BRIDGE, CAPTIONS, FIREWALL)

    def reload_manager(self, *names: str) -> None:
        """Have services of the system read their settings again, where they run."""
        for name in names:
            self._run(["systemctl", "try-reload-or-restart", name], may_fail=True)

    def start_now(self, name: str, limit_seconds: float) -> bool:
        """Start a unit and wait for its end; say whether it went well."""
        ran = self._run(
            ["systemctl", "start", name], limit_seconds=limit_seconds, may_fail=True
        )
        return ran.code == 0

    def is_testing(self) -> bool:
        """Say whether a self-test is under way."""
        every = SELF_TEST.format("*")
        ran = self._run(["systemctl", "list-units", "--plain", "--no-legend", every])
        return any("activating" in line.split() for line in ran.output.splitlines())

    def state(self, name: str, key: str) -> str:
        """Give one property of a unit; empty where systemd does not answer."""
        ran = self._run(
            ["systemctl", "show", "--property", key, "--value", name], may_fail=True
        )
        return ran.output.strip()

    def states(self) -> list[UnitState]:
        """Give how each of our units is."""
        keys = ("ActiveState", "SubState", "Result", "NRestarts")
        found = []
        for name in (TARGET, *MEMBERS):
            active, sub, result, restarts = (self.state(name, key) for key in keys)
            count = int(restarts) if restarts.isdigit() else 0
            found.append(UnitState(name, active, sub, result, count))
        return found
