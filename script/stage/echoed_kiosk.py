# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's telephone as in `stage.heard_kiosk`, of which what a call brings is kept as well.

Of a call that sends all back that is what the kiosk sent, whether or not its room hears it.
`python -m stage.echoed_kiosk ECHO.wav KEPT.wav SAID.wav run BUNDLE ...`
"""

import sys
from pathlib import Path

import pjsua2 as pj

from stage import heard_kiosk
from stage.heard_kiosk import DEVICE, HeardPhone


class EchoedPhone(HeardPhone):
    """The stack's telephone, with one more ear at each call."""

    echo: Path

    def start(self) -> None:
        """Start it, and open the files."""
        super().start()
        self._echo = pj.AudioMediaRecorder()
        self._echo.createRecorder(str(self.echo))

    def close(self) -> None:
        """Close the files, then all."""
        self._echo = None
        super().close()

    def _follow(self) -> None:
        super()._follow()
        own = {each.getPortId() for each in (self._ear, self._mouth, self._echo)}
        found = pj.Endpoint.instance().mediaEnumPorts2()
        for port in found:
            if port.getPortId() not in own | {DEVICE}:
                port.startTransmit(self._echo)


def main() -> None:
    """Run the kiosk's own command on such a telephone."""
    EchoedPhone.echo = Path(sys.argv.pop(1))
    setattr(heard_kiosk, "HeardPhone", EchoedPhone)
    heard_kiosk.main()


if __name__ == "__main__":
    main()
