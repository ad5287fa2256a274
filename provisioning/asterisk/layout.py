# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the files of a running system lie: in one folder, or spread over a machine. Pure."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SiteLayout:
    """The paths of a site; whom each is for is decided by who makes the machine."""

    # Settings of the pages and the dispatcher.
    settings: Path
    documents: Path
    documents_key: Path
    doorbell: Path
    # The authority's and the server's certificate and key.
    tls: Path
    # Asterisk's asterisk.conf, odbc.ini and odbcinst.ini; its other files are in `etc`.
    asterisk: Path
    etc: Path
    lib: Path
    db: Path
    spool: Path
    data: Path
    run: Path
    log: Path
    # A folder that holds everything and is for its owner alone.
    closed: Path | None = None

    @classmethod
    def single(cls, directory: Path) -> "SiteLayout":
        """Keep everything in one folder of one owner: the demo, the tests, a trial."""
        directory = directory.resolve()
        base = directory / "asterisk"
        return cls(
            settings=directory / "guichet.toml",
            documents=directory / "documents",
            documents_key=directory / "documents.key",
            doorbell=directory / "doorbell.sock",
            tls=directory / "tls",
            asterisk=base,
            etc=base / "etc",
            lib=base / "lib",
            db=base / "db",
            spool=base / "spool",
            data=base / "data",
            run=base / "run",
            log=base / "log",
            closed=directory,
        )

    @classmethod
    def machine(cls, root: Path = Path("/")) -> "SiteLayout":
        """Keep each file where Debian keeps its kind; each service reads only its own."""
        etc, state = root / "etc/guichet", root / "var/lib/guichet-asterisk"
        return cls(
            settings=etc / "guichet.toml",
            documents=root / "var/lib/guichet/documents",
            documents_key=etc / "documents.key",
            doorbell=root / "run/guichet/doorbell.sock",
            tls=etc / "tls",
            asterisk=etc / "asterisk",
            etc=etc / "asterisk/etc",
            lib=state / "lib",
            db=state / "db",
            spool=state / "spool",
            data=state / "data",
            run=root / "run/guichet-asterisk",
            log=root / "var/log/guichet-asterisk",
        )

    @property
    def folders(self) -> tuple[Path, ...]:
        """Name the folders that Asterisk must find."""
        return (
            *(self.asterisk, self.etc, self.lib, self.lib / "keys", self.db),
            *(self.spool, self.data, self.run, self.log),
        )

    @property
    def control_socket(self) -> Path:
        """Give where Asterisk's own console is reached."""
        return self.run / "asterisk.ctl"
