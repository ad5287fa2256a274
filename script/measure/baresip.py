# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs baresip as peer of an endpoint: same TLS, same SRTP, same codecs, same picture."""

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measure.private_network import ADDRESS

MODULE_FOLDER = Path("/usr/lib/baresip/modules")
MODULES = ("opus", "g711", "ausine", "aubridge", "vp8", "fakevideo", "srtp")
APPLICATIONS = ("account", "menu")
FAREWELL_SECONDS = 5
_RATES = re.compile(rb"efps=(\d+\.\d)/(\d+\.\d)")


class BaresipError(Exception):
    """baresip is missing or did not start; the text says what to do."""


@dataclass(frozen=True)
class Picture:
    """The picture that an endpoint sends, by the same figures on both sides."""

    width: int
    height: int
    frames_per_second: int
    bitrate_kbps: int


class Baresip:
    """One baresip that answers every call by itself, registered with a bundle."""

    def __init__(
        self,
        bundle: Path,
        folder: Path,
        picture: Picture,
        *,
        behind: Sequence[str] = (),
        address: str = ADDRESS,
        x11_display: str | None = None,
    ) -> None:
        """Start it; what comes is drawn on that X11 display, or dropped."""
        if shutil.which("baresip") is None:
            raise BaresipError("baresip is missing: apt-get install baresip-core")
        folder.mkdir(parents=True)
        sip = tomllib.loads(bundle.read_text())["sip"]
        self.slug = sip["user"]
        ca_file = bundle.parent.absolute() / sip["ca_file"]
        (folder / "config").write_text(
            _config(self.slug, ca_file, picture, address, x11_display is not None)
        )
        (folder / "accounts").write_text(_account(sip))
        (folder / "contacts").touch()
        self._log = folder / "baresip.log"
        self._log_read = 0
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [*behind, "baresip", "-f", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "DISPLAY": x11_display or ""},
            )

    @property
    def pid(self) -> int:
        """Give the process to measure; raise where it is gone."""
        if self._process.poll() is not None:
            raise BaresipError(f"baresip stopped: {self.log_end()}")
        return self._process.pid

    def rates(self) -> tuple[float, float]:
        """Return the pictures a second that it sends and receives, as it last said."""
        return parse_rates(self._log.read_bytes()[self._log_read :])

    def forget_rates(self) -> None:
        """Leave out of `rates` what it has said of its calls so far."""
        self._log_read = self._log.stat().st_size

    def log_end(self) -> str:
        """Return the last words of its log."""
        return self._log.read_text("utf-8", "replace")[-300:]

    def stop(self) -> None:
        """End it; it hangs up and unregisters by itself."""
        self._process.terminate()
        try:
            self._process.wait(FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def parse_rates(log: bytes) -> tuple[float, float]:
    """Return the last `efps=sent/received` of a log, zeros where there is none."""
    found = _RATES.findall(log)
    return (float(found[-1][0]), float(found[-1][1])) if found else (0.0, 0.0)


def _config(
    slug: str, ca_file: Path, picture: Picture, address: str, is_drawn: bool
) -> str:
    lines = [
        "poll_method epoll",
        f"sip_listen {address}:0",
        f"sip_cafile {ca_file}",
        f"net_interface {address}",
        "call_max_calls 4",
        # A steady tone: the peer's audio encoder works as ours does.
        "audio_source ausine,440",
        f"audio_player aubridge,{slug}",
        f"audio_alert aubridge,{slug}",
        "ausrc_srate 48000",
        "auplay_srate 48000",
        "video_source fakevideo,nil",
        f"video_display {'x11' if is_drawn else 'fakevideo'},nil",
        f"video_size {picture.width}x{picture.height}",
        f"video_bitrate {picture.bitrate_kbps * 1000}",
        f"video_fps {picture.frames_per_second}",
        "videnc_format yuv420p",
        f"module_path {MODULE_FOLDER}",
        *(f"module {name}.so" for name in (*MODULES, *(("x11",) * is_drawn))),
        *(f"module_app {name}.so" for name in APPLICATIONS),
    ]
    return "\n".join(lines) + "\n"


def _account(sip: dict[str, str]) -> str:
    address = f"sip:{sip['user']}@{sip['server']}:{sip['port']};transport=tls"
    options = [
        f"auth_pass={sip['secret']}",
        "answermode=auto",
        "regint=300",
        "mediaenc=srtp-mand",
        "audio_codecs=opus/48000/2,pcmu",
        "video_codecs=vp8",
        "dtmfmode=info",
    ]
    return f"<{address}>;" + ";".join(options) + "\n"
