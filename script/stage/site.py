# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages on a database of the caller's own: alone, or live behind their front."""

from pathlib import Path

import psutil
import requests

from provisioning.asterisk.documents_key import ensure_documents_key
from stage.endpoint import BINARIES
from stage.ports import HeldPort
from stage.processes import Program
from stage.waiting import PATIENCE

# A request waits while the pages are being loaded.
ANSWER_SECONDS = 30 * PATIENCE


class WebServer:
    """`guichet-web serve` as it is started in production."""

    def __init__(
        self, database_url: str, folder: Path, *options: str, secret_key: str
    ) -> None:
        self._held = HeldPort()
        port = self._held.number
        self.url = f"http://127.0.0.1:{port}"
        self.program = guichet_web(
            *(database_url, folder, secret_key),
            *("web", "serve", "--bind", f"127.0.0.1:{port}", *options),
        )

    def start(self) -> None:
        """Start it and return once it serves."""
        self.program.start()
        self.program.wait_until(lambda: _answers(self.url))

    def worker_pids(self) -> list[int]:
        """Give the processes that answer requests."""
        return [each.pid for each in psutil.Process(self.program.pid).children()]


class Site:
    """The pages and their live streams behind the front, as in production; browsers come to `url`.

    `tls` is a folder of `ensure_certificates`: with it, they come by HTTPS. `packages` is an
    apt repository that the front gives out.
    """

    def __init__(
        self,
        database_url: str,
        folder: Path,
        *options: str,
        secret_key: str,
        tls: Path | None = None,
        packages: Path | None = None,
    ) -> None:
        self._held = HeldPort()
        self.port = self._held.number
        self.front_folder = folder / "front"
        self.authority = str(tls / "ca.pem") if tls else True
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        # Plain HTTP that leads to the site's own address.
        self._held_to_redirect = HeldPort()
        self.redirect_url = f"http://127.0.0.1:{self._held_to_redirect.number}"
        redirected = ("--redirect-from", self.redirect_url.removeprefix("http://"))
        certificate = ("--certificate", str(tls / "server.pem")) if tls else ()
        key = ("--key", str(tls / "server.key")) if tls else ()
        depot = ("--packages", str(packages)) if packages else ()
        web = f"unix:{folder / 'web.sock'}"
        live = f"unix:{folder / 'live.sock'}"
        ground = (database_url, folder, secret_key)
        self.program = guichet_web(*ground, "web", "serve", "--bind", web, *options)
        self.live = guichet_web(*ground, "live", "live", "--bind", live)
        self.front = guichet_web(
            *(*ground, "front", "front", "--web", web, "--live", live),
            *("--listen", f"127.0.0.1:{self.port}"),
            *("--folder", str(self.front_folder), *certificate, *key),
            *(redirected if tls else ()),
            *depot,
            site_url=self.url,
        )

    @property
    def programs(self) -> list[Program]:
        """Give its programs."""
        return [self.program, self.live, self.front]

    def start(self) -> None:
        """Start all of it and return once it serves."""
        for program in self.programs:
            program.start()
        self.front.wait_until(lambda: _answers(self.url, self.authority))
        self.front.wait_until(self._is_live)

    def kill(self) -> None:
        """End all of it at once: nobody waits for what nobody needs any more."""
        for program in self.programs:
            program.kill()

    def _is_live(self) -> bool:
        # Whoever is not signed in is refused.
        answer = requests.get(
            f"{self.url}/direct", timeout=ANSWER_SECONDS, verify=self.authority
        )
        return answer.status_code == 401


def guichet_web(
    database_url: str,
    folder: Path,
    secret_key: str,
    name: str,
    *arguments: str,
    site_url: str = "",
) -> Program:
    """Give a command of `guichet-web`, to start; its log is NAME.log in the folder."""
    ensure_documents_key(folder / "documents.key")
    return Program(
        name,
        [str(BINARIES / "guichet-web"), *arguments],
        directory=folder,
        log=folder / f"{name}.log",
        environment={
            "GUICHET_DATABASE_URL": database_url,
            "GUICHET_SECRET_KEY": secret_key,
            "GUICHET_SECURE_COOKIES": "false",
            "GUICHET_SITE_URL": site_url,
            "GUICHET_TRUSTED_PROXIES": "unix",
            "GUICHET_TRUNK_CALLER_NUMBER": "0323000000",
            "GUICHET_DOCUMENTS_DIR": str(folder / "documents"),
            "GUICHET_DOCUMENTS_KEY_FILE": str(folder / "documents.key"),
        },
    )


def _answers(url: str, authority: str | bool = True) -> bool:
    try:
        answer = requests.get(f"{url}/sante", timeout=ANSWER_SECONDS, verify=authority)
    except requests.RequestException:
        return False
    return answer.status_code == 200
