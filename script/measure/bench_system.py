# SPDX-License-Identifier: AGPL-3.0-or-later
"""The project, running in the row's private network with the directory of the bench.

It is the stage of the demo and of the tests, with other kiosks in its inventory.
"""

import os
import shutil
import tempfile
import tomllib
from contextlib import ExitStack
from pathlib import Path

from measure.bare_ami import AmiAccount
from measure.baresip import Picture
from measure.bench_rows import allow_md5, allow_plain_sip, forget_wrap_up
from measure.inventory import ANSWERED, Crowd, inventory
from measure.private_network import ADDRESS
from measure.row_process import KEEP_VARIABLE
from measure.sip_capture import SipMessage, parse_capture
from measure.sipp_kiosks import SippKiosks
from sip_endpoints.settings import MediaSettings
from stage.asterisk import AsteriskServer
from stage.endpoint import Endpoint
from stage.stack import Stage, StageOptions
from stage.waiting import wait_for

REGISTER_SECONDS = 30.0
# What the product asks for.
_OURS = MediaSettings()
PICTURE = Picture(
    _OURS.width, _OURS.height, _OURS.frames_per_second, _OURS.bitrate_kbps
)


class BenchSystem:
    """A context manager: inside it Asterisk runs and what was asked for; after it, nothing."""

    def __init__(self, crowd: Crowd = Crowd(0), *, browsers: bool = False) -> None:
        """Take how many kiosks sipp plays, and whether browsers may be endpoints."""
        self._crowd = crowd
        self._browsers = browsers
        self._stack = ExitStack()

    def __enter__(self) -> "BenchSystem":
        try:
            self._enter()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start_kiosk(self, slug: str) -> Endpoint:
        """Start `guichet-kiosk` with the bundle of that kiosk, and wait until it is ready."""
        self.stage.start(slug)
        return self.stage.kiosk(slug)

    def softphone_bundle(self, slug: str) -> Path:
        """Return the bundle for baresip, which knows MD5 digests only."""
        bundle = self.stage.bundles / f"{slug}.toml"
        allow_md5(self.database, slug, _secret(bundle))
        return bundle

    def start_crowd(self) -> None:
        """Register the crowd's kiosks from sipp, which answers for all of them."""
        secrets = {
            slug: _secret(self.stage.bundles / f"{slug}.toml")
            for slug in self._crowd.kiosks()
        }
        allow_plain_sip(self.database, list(secrets))
        port = self.stage.ports.sip
        crowd = SippKiosks(secrets, ADDRESS, port, self.folder / "sipp")
        self._stack.callback(crowd.stop)
        wait_for(
            lambda: self._registered() >= set(secrets),
            "every kiosk of the crowd is registered",
            REGISTER_SECONDS,
            poll_seconds=0.5,
        )

    def wait_registered(self, *slugs: str) -> None:
        """Return once each of them has a contact in Asterisk."""
        wait_for(
            lambda: self._registered() >= set(slugs),
            f"{', '.join(slugs)} are registered",
            REGISTER_SECONDS,
            poll_seconds=0.2,
        )

    def sip_capture(self) -> "SipCapture":
        """Return a context manager that records the SIP messages of its block."""
        return SipCapture(self.stage.asterisk, self.folder)

    def _enter(self) -> None:
        # In the row's own temporary folder, which goes even when the row is killed.
        self.folder = Path(tempfile.mkdtemp(prefix="gb-"))
        self._stack.callback(_remove_or_keep, self.folder)
        file = self.folder / "inventory.toml"
        file.write_text(inventory(self._crowd, browsers=self._browsers))
        options = StageOptions(
            bind=ADDRESS, softphones=True, browsers=self._browsers, inventory=file
        )
        self.stage = self._stack.enter_context(Stage(self.folder / "site", options))
        self.stage.prepare()
        if self._browsers:
            # The bench's browser is behind a line of its own, and comes by no front.
            file = self.stage.directory / "asterisk/etc/http.conf"
            text = file.read_text()
            file.write_text(text.replace("127.0.0.1", ADDRESS))
        self.database = self.stage.directory / "guichet.db"
        forget_wrap_up(self.database, ANSWERED)
        settings = tomllib.loads(self.stage.settings_file.read_text())
        self.ami = AmiAccount(
            settings["ami_host"],
            settings["ami_port"],
            settings["ami_username"],
            settings["ami_secret"],
        )
        self.stage.start("asterisk")

    def _registered(self) -> set[str]:
        """Return the endpoints that answered Asterisk's OPTIONS: others are not called."""
        lines = self.stage.asterisk.cli("pjsip show contacts").splitlines()
        contacts = [line.split() for line in lines if " Avail " in line]
        return {words[1].split("/")[0] for words in contacts}


class SipCapture:
    """Asterisk's own capture, switched on for a block."""

    def __init__(self, asterisk: AsteriskServer, folder: Path) -> None:
        self._asterisk = asterisk
        self._file = folder / "sip.pcap"

    def __enter__(self) -> "SipCapture":
        for command in (
            # Not among the site's modules: what was said must not land in a log.
            "module load res_pjsip_logger.so",
            f"pjsip set logger pcap {self._file}",
            "pjsip set logger verbose off",
            "pjsip set logger on",
        ):
            self._asterisk.cli(command)
        return self

    def __exit__(self, *_: object) -> None:
        # Asterisk keeps the last messages in memory until it closes the file.
        self._asterisk.cli("module unload res_pjsip_logger.so")

    def messages(self) -> list[SipMessage]:
        """Return what was recorded, after the block."""
        return parse_capture(self._file.read_bytes())


def _remove_or_keep(folder: Path) -> None:
    if kept := os.environ.get(KEEP_VARIABLE):
        shutil.copytree(folder, kept, symlinks=True, ignore=_sockets)
    shutil.rmtree(folder, ignore_errors=True)


def _sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if Path(folder, name).is_socket()]


def _secret(bundle: Path) -> str:
    return str(tomllib.loads(bundle.read_text())["sip"]["secret"])
