# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sound of a telephone outside: G.711 A-law over RTP (RFC 3551); what comes is kept."""

import array
import math
import socket
import threading
import time
import wave
from pathlib import Path

RATE_HZ, PACKET_SECONDS, PACKET_BYTES = 8000, 0.02, 160
AMPLITUDE = 8000
HEADER_BYTES = 12
_PAYLOAD_A_LAW = 8


def _linear(code: int) -> int:
    code ^= 0x55
    segment, value = code >> 4 & 7, (code & 15) << 4
    value += 0x108 if segment else 8
    value <<= max(0, segment - 1)
    return value if code & 0x80 else -value


_LINEAR = [_linear(code) for code in range(256)]


class OutsideSound:
    """Says a tone to whoever the other end is, from `say` on; `close` ends it."""

    def __init__(self, tone_hz: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self.port: int = self._socket.getsockname()[1]
        # One period of a second, so that packets join without a click.
        tone = [
            round(AMPLITUDE * math.sin(2 * math.pi * tone_hz * at / RATE_HZ))
            for at in range(RATE_HZ)
        ]
        codes = {
            value: min(range(256), key=lambda code: abs(_LINEAR[code] - value))
            for value in set(tone)
        }
        self._said = bytes(codes[value] for value in tone)
        self._heard = bytearray()
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []

    def say(self, host: str, port: int) -> None:
        """Begin to say the tone there, and to keep what comes."""
        for work in (lambda: self._say(host, port), self._hear):
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            self._threads.append(thread)

    @property
    def seconds_heard(self) -> float:
        """Tell how much has come."""
        return len(self._heard) / RATE_HZ

    def keep(self, file: Path, seconds: float) -> Path:
        """Write down the last seconds of what came."""
        last = bytes(self._heard[-int(seconds * RATE_HZ) :])
        with wave.open(str(file), "wb") as written:
            written.setnchannels(1)
            written.setsampwidth(2)
            written.setframerate(RATE_HZ)
            samples = array.array("h", (_LINEAR[code] for code in last))
            written.writeframes(samples.tobytes())
        return file

    def close(self) -> None:
        """End it."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def _say(self, host: str, port: int) -> None:
        number, due = 0, time.monotonic()
        while not self._is_over.wait(max(0.0, due - time.monotonic())):
            start = number * PACKET_BYTES % RATE_HZ
            header = b"\x80" + bytes([_PAYLOAD_A_LAW])
            header += (number & 0xFFFF).to_bytes(2, "big")
            header += (number * PACKET_BYTES & 0xFFFFFFFF).to_bytes(4, "big")
            packet = header + b"tone" + self._said[start : start + PACKET_BYTES]
            self._socket.sendto(packet, (host, port))
            number, due = number + 1, due + PACKET_SECONDS

    def _hear(self) -> None:
        while not self._is_over.is_set():
            try:
                packet = self._socket.recv(2048)
            except TimeoutError:
                continue
            if packet[1:2] and packet[1] & 0x7F == _PAYLOAD_A_LAW:
                self._heard += packet[HEADER_BYTES:]
