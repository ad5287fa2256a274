# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mail server beside the server's own programs: on its loopback, run by this machine."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from stage.hosts.host_set import HostSet
from stage.processes import DIE_WITH_STAGE
from stage.smtp_server import SmtpServer

_ENDS = "\x04"


class Mails:
    """What it takes: `port` is where it listens."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.port = int(self._line())

    def last(self) -> str:
        """Wait for one e-mail more and give its text."""
        lines = iter(self._line, _ENDS)
        return "\n".join(lines)

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise OSError("the mail server has ended")
        return line.rstrip("\n")


@contextmanager
def mail_taker(hosts: HostSet) -> Iterator[Mails]:
    """Have it listen at the server host's 127.0.0.1 meanwhile."""
    process = subprocess.Popen(
        [
            *DIE_WITH_STAGE,
            *hosts.network.enter("server"),
            *(sys.executable, "-P", "-m", __name__),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Mails(process)
    finally:
        process.kill()
        process.wait()


def _serve() -> None:
    server = SmtpServer()
    server.start()
    print(server.port, flush=True)
    told = 0
    while True:
        for _recipient, mail in server.mails[told:]:
            told += 1
            print(mail.get_content().replace("\r", ""), _ENDS, sep="\n", flush=True)
        time.sleep(0.1)


if __name__ == "__main__":
    _serve()
