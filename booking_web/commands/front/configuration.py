# SPDX-License-Identifier: AGPL-3.0-or-later
"""What nginx is told: where to listen, what stands behind, and how much it takes from whom."""

import grp
import os
import pwd
import resource
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from booking_web.base.access_log import UNTOLD
from booking_web.base.listening import is_unix
from booking_web.base.settings import Settings, SettingsError
from booking_web.shell.forms.form_sizes import (
    FORM_SLACK_BYTES,
    MAX_CHUNK_BYTES,
    MAX_FORM_BYTES,
    MAX_LIBRARY_BYTES,
    MAX_PICTURE_BYTES,
)
from booking_web.shell.site.security_headers import headers_of_every_answer
from booking_web.shell.site.trusted_proxies import TrustedProxies

TEMPLATE = "nginx.conf.jinja"
STATIC_FOLDER = Path(__file__).resolve().parents[2] / "static"
WORDS_FOLDER = Path(__file__).resolve().parent / "words"
CONNECTIONS = 8192
MAX_WORKERS = 4
# Debian's libnginx-mod-http-brotli-filter; without it, gzip alone.
BROTLI_MODULE = Path("/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so")
# A document that is a little too large is refused by the page, which says so in words.
DOCUMENT_SLACK_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Front:
    """One front: addresses to listen on, servers behind it, a folder of its own.

    `pages` and `live` are HOST:PORT or unix:PATH. Without certificate and key it speaks
    plain HTTP.
    """

    listen: tuple[str, ...]
    pages: str
    live: str
    folder: Path
    certificate: Path | None = None
    key: Path | None = None
    outer_proxies: tuple[str, ...] = ()
    documents_max_megabytes: int = 25
    is_https: bool = True
    # "off", or where nginx writes a line for each request.
    access_log: str = "/dev/stdout"
    # The method and the path of which a 204 is no news.
    untold: str = UNTOLD
    # Plain HTTP that only leads to the site's own address.
    redirect_from: tuple[str, ...] = ()
    site_url: str = ""
    # A folder with `.well-known/acme-challenge`, which plain HTTP shows (RFC 8555, 8.3).
    challenges: Path | None = None
    # An apt repository for kiosks.
    packages: Path | None = None
    # What keeps Debian's packages, HOST:PORT or unix:PATH; empty: nobody is given them here.
    archive: str = ""
    # Where Asterisk takes SIP in WebSockets, on the loopback; 0: nowhere.
    ws_port: int = 0

    @property
    def scheme(self) -> str:
        """Give what the pages are told of how the browser came."""
        if self.certificate:
            return "https"
        # Another proxy ends TLS: its own word is handed on.
        return "$http_x_forwarded_proto" if self.outer_proxies else "http"

    @property
    def user(self) -> str:
        """Name whom nginx's workers run as: root hands over to the folder's owner."""
        if os.geteuid() != 0:
            return ""
        owner = self.folder.stat()
        return f"{pwd.getpwuid(owner.st_uid)[0]} {grp.getgrgid(owner.st_gid)[0]}"

    @property
    def brotli_module(self) -> Path | None:
        """Give the module that compresses a tenth better than gzip, where it is installed."""
        return BROTLI_MODULE if BROTLI_MODULE.exists() else None

    @property
    def workers(self) -> int:
        """Give the number of nginx's processes that serve."""
        return min(MAX_WORKERS, os.cpu_count() or 1)

    @property
    def descriptors(self) -> int:
        """Give how many files and sockets each may have open; two for a live page."""
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        wanted = 2 * CONNECTIONS
        return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)

    @property
    def connections(self) -> int:
        """Give how many connections each may have."""
        return min(CONNECTIONS, self.descriptors // 2)

    @property
    def form_bytes(self) -> int:
        """Give how large a body may be of which nothing else is said."""
        return MAX_FORM_BYTES + FORM_SLACK_BYTES

    @property
    def document_bytes(self) -> int:
        """Give how large the body of a counsellor's upload may be."""
        return self.documents_max_megabytes * 1024 * 1024 + DOCUMENT_SLACK_BYTES

    @property
    def library_bytes(self) -> int:
        """Give how large the body of a form, or of a library of forms, may be."""
        return MAX_LIBRARY_BYTES + DOCUMENT_SLACK_BYTES

    @property
    def picture_bytes(self) -> int:
        """Give how large the body of a mark or of a photo may be."""
        return MAX_PICTURE_BYTES + FORM_SLACK_BYTES + DOCUMENT_SLACK_BYTES

    @property
    def piece_bytes(self) -> int:
        """Give how large a piece of a kiosk's scan may be."""
        return MAX_CHUNK_BYTES

    @property
    def static_folder(self) -> Path:
        """Give where style sheets, scripts and pictures lie."""
        return STATIC_FOLDER

    @property
    def words_folder(self) -> Path:
        """Give where lies what the front itself has to say, by status."""
        return WORDS_FOLDER

    @property
    def static_headers(self) -> dict[str, str]:
        """Give what a browser is told with each of them."""
        return headers_of_every_answer(self.is_https)


def front_of(
    settings: Settings,
    *,
    listen: tuple[str, ...],
    pages: str,
    live: str,
    folder: Path,
    certificate: Path | None = None,
    key: Path | None = None,
    access_log: str = "/dev/stdout",
    redirect_from: tuple[str, ...] = (),
    challenges: Path | None = None,
    packages: Path | None = None,
    archive: str | None = None,
) -> Front:
    """Put together the front of a site; raises SettingsError for settings it cannot use."""
    site_url = (settings.site_url or "").rstrip("/")
    if redirect_from and not site_url.startswith("https://"):
        raise SettingsError(
            "--redirect-from leads to the site's own address: set site_url to one that"
            " begins with https://"
        )
    own = ("127.0.0.1/32", "::1/128")
    outer = TrustedProxies(settings.trusted_proxies).networks()
    return Front(
        listen=listen,
        pages=_upstream(pages),
        live=_upstream(live),
        folder=folder.resolve(),
        certificate=certificate.resolve() if certificate else None,
        key=key.resolve() if key else None,
        # The loopback is this front itself, as the pages see it.
        outer_proxies=tuple(each for each in outer if each not in own),
        documents_max_megabytes=settings.documents_max_megabytes,
        is_https=settings.secure_cookies,
        access_log=access_log,
        redirect_from=redirect_from,
        site_url=site_url,
        challenges=challenges.resolve() if challenges else None,
        packages=packages.resolve() if packages else None,
        archive=_upstream(archive or ""),
        ws_port=settings.ws_port,
    )


def written(front: Front) -> str:
    """Give nginx's configuration."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["quoted"] = _quoted
    return environment.get_template(TEMPLATE).render(front=front)


def _quoted(value: object) -> str:
    """Give one word of nginx's, also of a path with a blank or a semicolon in it."""
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _upstream(address: str) -> str:
    return address if is_unix(address) else address.replace("localhost:", "127.0.0.1:")
