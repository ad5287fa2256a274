# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's telephone without a sound card whose loudspeaker is kept, and whose microphone speaks.

It is `guichet-kiosk` itself. Whatever the stack's bridge gives its loudspeaker is given to a
recorder as well; whatever hears its microphone hears a file too.
`python -m stage.heard_kiosk KEPT.wav SAID.wav run BUNDLE ...`
"""

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pjsua2 as pj

from sip_endpoints import kiosk_command
from sip_endpoints.call.phone import PhoneEvent
from sip_endpoints.pjsua import phone as pjsua_phone
from sip_endpoints.pjsua.phone import PjsuaPhone

# Of the bridge's ports, the sound device.
DEVICE = 0


class HeardPhone(PjsuaPhone):
    """The stack's telephone, with an ear at its loudspeaker and a mouth at its microphone."""

    kept: Path
    said: Path

    def start(self) -> None:
        """Start it, and open both files."""
        super().start()
        self._ear = pj.AudioMediaRecorder()
        self._ear.createRecorder(str(self.kept))
        self._mouth = pj.AudioMediaPlayer()
        self._mouth.createPlayer(str(self.said))

    def pump(self, timeout_seconds: float) -> Sequence[PhoneEvent]:
        """Let the stack work, and follow who hears whom."""
        events = super().pump(timeout_seconds)
        if self._calls:
            # A port may go while it is looked at; the next look is soon.
            with suppress(pj.Error):
                self._follow()
        return events

    def close(self) -> None:
        """Close the files, then all."""
        self._ear = self._mouth = None
        super().close()

    def _follow(self) -> None:
        # The vector must outlive what is read from it.
        found = pj.Endpoint.instance().mediaEnumPorts2()
        ports = {port.getPortId(): port for port in found}
        own = {self._ear.getPortId(), self._mouth.getPortId()}
        for number, port in ports.items():
            if number not in own and DEVICE in self._listeners(port):
                port.startTransmit(self._ear)
        for number in self._listeners(ports[DEVICE]):
            if number not in own and number in ports:
                self._mouth.startTransmit(ports[number])

    def _listeners(self, port: pj.AudioMedia) -> list[int]:
        """Number the ports that hear one."""
        info = port.getPortInfo()
        return [int(each) for each in info.listeners]


def main() -> None:
    """Run the kiosk's own command on such a telephone."""
    kept, said, *arguments = sys.argv[1:]
    HeardPhone.kept, HeardPhone.said = Path(kept), Path(said)
    # The command imports it when it runs.
    setattr(pjsua_phone, "PjsuaPhone", HeardPhone)
    kiosk_command.main(arguments)


if __name__ == "__main__":
    main()
