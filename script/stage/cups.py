# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real CUPS and a real IPP printer for one kiosk: private, on free ports, no root.

`ippeveprinter` keeps every sheet in `printed`; `set_faults` makes it run out of paper,
jam, open its door, or take its time.
"""

import os
import pwd
import shutil
import socket
from pathlib import Path
from typing import Any

import cups

from stage.owned_folder import OwnedFolder
from stage.processes import Program, run_once
from stage.waiting import wait_for

DUPLEX_AND_COLOUR = ("-2", "-s", "60,60")
# What the printer's command is asked for apart from IPP's own reasons.
SLOW = "slow"
FOLDER_PREFIX = "guichet-cups-"

CUPSD_CONF = """\
Listen 127.0.0.1:{port}
Browsing Off
DefaultAuthType None
WebInterface No
LogLevel warn
MaxLogSize 1m
PreserveJobFiles No
PreserveJobHistory 3600
DirtyCleanInterval 0
JobRetryInterval 1
JobKillDelay 2
<Location />
  Order allow,deny
  Allow from 127.0.0.1
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues none
  SubscriptionPrivateAccess default
  SubscriptionPrivateValues default
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""

CUPS_FILES_CONF = """\
User {user}
Group {group}
SystemGroup nogroup
ServerRoot {base}/etc
RequestRoot {base}/spool
TempDir {base}/tmp
CacheDir {base}/cache
StateDir {base}/state
AccessLog {base}/log/access_log
ErrorLog {base}/log/error_log
PageLog {base}/log/page_log
FileDevice No
"""

# ippeveprinter speaks to a bus when it starts, but is content when nobody there
# announces printers: so a bus of our own spares us avahi, which wants root.
BUS_CONF = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={base}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

# Prints a job: waits as long as a fault lasts, then keeps the file under the job's title,
# as often as there are copies, since CUPS leaves copying to a printer that can.
# A line "slow" in the faults' file holds the job on the printer without any complaint.
PRINT_COMMAND = """\
#!/bin/sh
base={base}
uri={uri}
raised= waited=
echo begin >> "$base/begun"
trap 'rm -f "$base/at-work"' EXIT
trap 'exit 1' TERM INT
: > "$base/at-work"
while [ -s "$base/faults" ]; do
    for reason in $(cat "$base/faults"); do
        [ "$reason" = slow ] && continue
        case " $raised " in *" $reason "*) continue ;; esac
        raised="$raised $reason"
        echo "STATE: +$reason-error" >&2
    done
    waited=yes
    sleep 0.05
done
for reason in $raised; do echo "STATE: -$reason-error" >&2; done
# ippeveprinter leaves it to its command to stop when the job is cancelled, of which the printer
# may hear a moment after whoever cancelled it was told that it is.
if [ -n "$waited" ]; then
    for turn in 1 2 3 4 5; do
        if ipptool -t -d "job=$IPP_JOB_ID" "$uri" "$base/job.test" |
            grep -q processing-to-stop-point; then
            exit 0
        fi
        sleep 0.1
    done
fi
for file; do :; done
echo "$IPP_SIDES $IPP_PRINT_COLOR_MODE" >> "$base/options"
copies=${IPP_COPIES:-1}
while [ "$copies" -gt 0 ]; do
    copies=$((copies - 1))
    count=$(ls "$base/printed" | wc -l)
    cp "$file" "$base/printed/.part"
    mv "$base/printed/.part" "$base/printed/$(printf %03d "$count")-$IPP_JOB_NAME.pdf"
done
"""


# Asks the printer about one of its jobs.
JOB_TEST = """\
{
    OPERATION Get-Job-Attributes
    GROUP operation-attributes-tag
    ATTR charset attributes-charset utf-8
    ATTR language attributes-natural-language en
    ATTR uri printer-uri $uri
    ATTR integer job-id $job
    DISPLAY job-state-reasons
}
"""


class CupsServer:
    """One printer and the CUPS in front of it; the queue is named `queue`."""

    def __init__(
        self, directory: Path, *, cups_port: int, printer_port: int, queue: str
    ) -> None:
        self.port = cups_port
        self.printer_port = printer_port
        self.queue = queue
        self._folder = OwnedFolder(FOLDER_PREFIX)
        self.base = self._folder.path
        # CUPS's filters have a user of their own, who must go through.
        self.base.chmod(0o711)
        self.printed = self.base / "printed"
        self._directory = directory
        self._write_files()
        self.bus = self._program(
            "bus",
            "dbus-daemon",
            f"--config-file={self.base}/bus.conf",
            "--nofork",
            "--nopidfile",
        )
        self.printer = self._program(
            "printer",
            "ippeveprinter",
            *DUPLEX_AND_COLOUR,
            *("-r", "off", "-f", "application/pdf,image/pwg-raster"),
            *("-c", f"{self.base}/print-command", "-d", f"{self.base}/printer"),
            *("-p", str(printer_port), queue),
        )
        self.cupsd = self._program(
            "cupsd",
            "cupsd",
            "-f",
            *("-c", f"{self.base}/etc/cupsd.conf"),
            *("-s", f"{self.base}/etc/cups-files.conf"),
        )

    def start(self) -> None:
        """Start the printer and CUPS, make the queue, return once it takes jobs."""
        self.bus.start()
        # Its socket is there before it listens, and a printer that finds it deaf gives up.
        self.bus.wait_until(self._bus_listens)
        self.start_printer()
        self.start_cupsd()
        self._admin("-p", self.queue, "-E", "-v", self.printer_uri, "-m", "everywhere")
        options = (
            "printer-error-policy=retry-current-job",
            # ippeveprinter says that sheets come out face up, so CUPS turns the order.
            "outputorder-default=normal",
        )
        for option in options:
            self._admin("-p", self.queue, "-o", option)

    @property
    def printer_uri(self) -> str:
        """Give the address at which the printer itself answers."""
        return f"ipp://localhost:{self.printer_port}/ipp/print"

    def connect(self) -> Any:
        """Give a connection of pycups of its own."""
        return cups.Connection(host="127.0.0.1", port=self.port)

    def start_printer(self) -> None:
        """Plug the printer in."""
        self.printer.start()
        self.printer.wait_until(lambda: _answers(self.printer_port))

    def unplug_printer(self) -> None:
        """Make the printer vanish in the middle of whatever it does."""
        self.printer.kill()
        (self.base / "at-work").unlink(missing_ok=True)

    def start_cupsd(self) -> None:
        """Start CUPS, which takes up the jobs that it had."""
        self.cupsd.start()
        self.cupsd.wait_until(lambda: _answers(self.port))

    def set_faults(self, *reasons: str) -> None:
        """Raise these IPP reasons (`media-empty`, ...) or `SLOW` with the next job.

        The job waits until they are set anew; none at all lets it finish.
        """
        part = self.base / "faults.part"
        part.write_text("".join(f"{reason}\n" for reason in reasons))
        part.rename(self.base / "faults")

    def pause(self) -> None:
        """Pause the queue, as an administrator would."""
        self._run("cupsdisable", self.queue)

    def resume(self) -> None:
        """Let the queue go on."""
        self._run("cupsenable", self.queue)

    def heal(self) -> None:
        """End every job and fault, plug everything in, take the sheets away."""
        self.set_faults()
        self.start_printer()
        self.start_cupsd()
        self.resume()
        self._run("cancel", "-a", "-x")
        self.wait_idle()
        for file in self.printed_files():
            file.unlink()
        for name in ("begun", "options"):
            (self.base / name).unlink(missing_ok=True)

    def wait_idle(self) -> None:
        """Return once CUPS has no job and the printer's mechanics stand still."""
        wait_for(self.is_idle, "the printer is idle")

    def _bus_listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            return connection.connect_ex(str(self.base / "bus")) == 0

    def is_idle(self) -> bool:
        """Tell whether CUPS has no job and the printer's mechanics stand still."""
        connection = self.connect()
        found = connection.getPrinterAttributes(
            self.queue, requested_attributes=["printer-state"]
        )
        is_still = found["printer-state"] != cups.IPP_PRINTER_PROCESSING
        is_at_work = (self.base / "at-work").exists()
        return is_still and not is_at_work and not connection.getJobs()

    def printed_files(self) -> list[Path]:
        """Give what came out of the printer, in order."""
        return sorted(self.printed.glob("*.pdf"))

    def options_used(self) -> list[str]:
        """Give `sides colour-mode` as the printer got them, job by job."""
        file = self.base / "options"
        return file.read_text().splitlines() if file.exists() else []

    def begun(self) -> int:
        """Count the jobs that reached the printer's mechanics, finished or not."""
        file = self.base / "begun"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def wait_begun(self, count: int = 1) -> None:
        """Return once the printer has begun that many jobs."""
        wait_for(lambda: self.begun() >= count, f"the printer began {count} jobs")

    def stop(self) -> None:
        """Stop all and remove the folder with what was printed."""
        for program in (self.cupsd, self.printer, self.bus):
            program.kill()
        self._folder.remove()

    def __enter__(self) -> "CupsServer":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _write_files(self) -> None:
        user, group = _cups_user()
        for name in ("etc", "spool", "tmp", "cache", "state", "log"):
            (self.base / name).mkdir()
        # What residents printed is for who runs the stage alone, at the printer too.
        for name in ("printer", "printed"):
            (self.base / name).mkdir(mode=0o700)
        values = {"base": self.base, "port": self.port, "user": user, "group": group}
        for name, text in (
            ("etc/cupsd.conf", CUPSD_CONF),
            ("etc/cups-files.conf", CUPS_FILES_CONF),
            ("bus.conf", BUS_CONF),
        ):
            (self.base / name).write_text(text.format(**values))
        command = self.base / "print-command"
        text = PRINT_COMMAND.replace("{base}", str(self.base))
        command.write_text(text.replace("{uri}", self.printer_uri))
        (self.base / "job.test").write_text(JOB_TEST)
        command.chmod(0o755)

    def _program(self, name: str, program: str, *arguments: str) -> Program:
        return Program(
            f"{name}-{self.queue}",
            [_find(program), *arguments],
            directory=self._directory,
            log=self._directory / "log" / f"{name}-{self.queue}.log",
            environment={
                "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.base}/bus",
                "TMPDIR": str(self.base / "tmp"),
            },
        )

    def _admin(self, *arguments: str) -> None:
        self._run("lpadmin", *arguments)

    def _run(self, program: str, *arguments: str) -> str:
        return run_once(
            [_find(program), "-h", f"127.0.0.1:{self.port}", *arguments],
            directory=self._directory,
        )


def _cups_user() -> tuple[str, str]:
    """Give user and group for CUPS's filters: never root, which CUPS refuses."""
    if os.getuid() == 0:
        return "lp", "lp"
    user = pwd.getpwuid(os.getuid())
    return user.pw_name, str(user.pw_gid)


def _find(program: str) -> str:
    """Give the program's path; Debian keeps some where only root's PATH looks."""
    search = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    found = shutil.which(program, path=search)
    if found is None:
        raise FileNotFoundError(f"{program} is missing: run script/setup")
    return found


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
