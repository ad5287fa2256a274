# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-kiosk browse` below another root: `python -m stage.kiosk_browse ROOT PORT`.

Its browser can be looked into at the port, and runs as root without a sandbox: it is
nobody's machine.
"""

import sys
from pathlib import Path

from sip_endpoints.log import configure_log
from sip_endpoints.machine.session.second_screen import make_screen
from sip_endpoints.machine.system.places import Places
from sip_endpoints.running import StopRequest


def main() -> int:
    """Run until stopped; give the exit status."""
    root, port = Path(sys.argv[1]), int(sys.argv[2])
    configure_log("info")
    words = ["--no-sandbox", f"--remote-debugging-port={port}"]
    screen = make_screen(Places(root), words)
    stop = StopRequest()
    stop.listen_to_signals()
    return 0 if screen.run(stop) else 1


if __name__ == "__main__":
    sys.exit(main())
