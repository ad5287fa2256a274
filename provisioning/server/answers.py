# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the administrator chooses of a server: read from a file, checked, written. Pure but
for the file."""

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from provisioning.inventory.toml_text import to_toml
from provisioning.server.errors import ServerError

_NAME = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}"
)
# RFC 3986, without what begins a query or a fragment.
_OF_ADDRESSES = re.compile(r"[A-Za-z0-9:/@\[\]._~!$&()*+,;=%-]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PORT = Field(ge=1, le=65535)
# RFC 1918: who comes from there has come by a network of the site's own, or a tunnel.
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
# How long a new server keeps what it holds: appointments two years, documents a month after the
# hand-over. Drafts go after 90 days, and who read what after a year, everywhere.
NEW_TERMS = {"forget_after_days": 730, "forget_documents_after_days": 30}


class AnswersError(ServerError):
    """The answers cannot be used; the message has a sentence for each fault."""


def _host(value: str) -> str:
    name = value.strip().lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        if not _NAME.fullmatch(name):
            raise ValueError(
                f'"{value}" is neither a name such as guichet.example.fr nor an address'
            ) from None
        return name


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError(f'"{value}" is no e-mail address')
    return value


def _absolute(value: Path) -> Path:
    if not value.is_absolute():
        raise ValueError(f'"{value}" must be an absolute path')
    return value


def _network(value: str) -> str:
    try:
        return str(ipaddress.IPv4Network(value.strip()))
    except ValueError:
        raise ValueError(f'"{value}" is no network such as 192.168.1.0/24') from None


def _public_address(value: str) -> str:
    try:
        return str(ipaddress.IPv4Address(value.strip()))
    except ValueError:
        raise ValueError(f'"{value}" is no address such as 203.0.113.10') from None


def _proxy(value: str) -> str:
    wanted = value.strip().rstrip("/")
    wanted = wanted if "://" in wanted else f"http://{wanted}"
    try:
        address = urlsplit(wanted)
        _host(address.hostname or "")
        is_whole = (address.scheme, address.path) == ("http", "") and address.port
    except ValueError:
        is_whole = None
    # It is written into files of apt and of systemd.
    if not is_whole or not _OF_ADDRESSES.fullmatch(wanted):
        raise ValueError(
            "this is no Web proxy such as http://proxy.example.fr:3128; with a password:"
            " http://name:password@proxy.example.fr:3128"
        )
    return wanted


Host = Annotated[str, AfterValidator(_host)]
Network = Annotated[str, AfterValidator(_network)]
PublicAddress = Annotated[str, AfterValidator(_public_address)]
ProxyUrl = Annotated[str, AfterValidator(_proxy)]
Email = Annotated[str, AfterValidator(_email)]
PersonName = Annotated[str, Field(min_length=1, max_length=100)]
File = Annotated[Path, AfterValidator(_absolute)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CertificateAnswers(_Table):
    """Who vouches for the server.

    `own`: an authority of the site's own, which kiosks learn when they are enrolled;
    browsers have to be told of it. `acme`: Let's Encrypt or another. `files`: PEM files
    that somebody else renews.
    """

    kind: Literal["own", "acme", "files"] = "own"
    # ACME: where the authority writes to, and its directory where it is not Let's Encrypt.
    email: Email | None = None
    directory_url: str | None = None
    # Files: the certificate with its chain, its key, and its authority where browsers do
    # not know it.
    certificate: File | None = None
    key: File | None = None
    authority: File | None = None

    @model_validator(mode="after")
    def _complete(self) -> "CertificateAnswers":
        if self.kind == "acme" and self.email is None:
            raise ValueError('kind "acme" needs "email": the authority writes there')
        if self.kind == "files" and not (self.certificate and self.key):
            raise ValueError('kind "files" needs "certificate" and "key"')
        return self


class MailAnswers(_Table):
    """The mail server by which e-mails leave."""

    host: Host
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = None
    sender: Email
    # Who is told when a machine needs somebody; None: as the settings say already.
    alerts: tuple[Email, ...] | None = None


class AdministratorAnswers(_Table):
    """Who signs in first."""

    name: PersonName
    email: Email


class FirewallAnswers(_Table):
    """The firewall's own table; `also_open` are further TCP ports, such as SSH's."""

    enabled: bool = True
    also_open: tuple[Annotated[int, PORT], ...] = (22,)


class ProxyAnswers(_Table):
    """The Web proxy to the Internet, where there is one."""

    # Its address, with a name and a password where it asks for them.
    url: ProxyUrl
    # Names and addresses that are reached without it, besides the server's own.
    direct: tuple[Host, ...] = ()


class UpdatesAnswers(_Table):
    """Who tries a new version of the kiosk first, by the kiosks' slugs, and what is given out."""

    pilots: tuple[Annotated[str, Field(pattern="^[a-z0-9-]+$")], ...] = ()
    # From its publication on; by default a morning's self-test, and a day of appointments.
    trial_hours: int = Field(default=20, ge=0, le=1000)
    # Kiosks take Debian's packages from this server too: those that reach nothing else.
    debian: bool = False


class Answers(_Table):
    """All that is chosen of a server."""

    name: Host
    other_names: tuple[Host, ...] = ()
    # Of a router before the server, under which it is reached; none: there is no router.
    public_address: PublicAddress | None = None
    # Whose machines come without that router, and are told the server's own address.
    local_networks: tuple[Network, ...] = PRIVATE
    # SQLite: of servers that had it already, until `guichet-server move-database`.
    database: Literal["postgresql", "sqlite"] = "postgresql"
    kiosks: int = Field(default=10, ge=1, le=2000)
    # UDP and TCP 5060, for telephones that know no TLS.
    softphones: bool = False
    # Prometheus reads /metrics, with a token; None: as the settings say already.
    metrics: bool | None = None
    forget_after_days: int = Field(default=1000, ge=1, le=1826)
    # Documents go sooner, so long after their appointment: 30 on a server that is installed
    # anew; none: as guichet.toml says.
    forget_documents_after_days: int | None = Field(default=None, ge=1, le=1826)
    administrator: AdministratorAnswers
    certificate: CertificateAnswers = CertificateAnswers()
    mail: MailAnswers | None = None
    # None: the Internet is reached without one, or not at all.
    proxy: ProxyAnswers | None = None
    firewall: FirewallAnswers = FirewallAnswers()
    updates: UpdatesAnswers = UpdatesAnswers()

    @model_validator(mode="after")
    def _nameable(self) -> "Answers":
        if self.certificate.kind == "acme" and is_address(self.name):
            raise ValueError('an authority vouches for names: "name" is an address')
        return self

    @model_validator(mode="after")
    def _documents_go_first(self) -> "Answers":
        if (self.forget_documents_after_days or 0) > self.forget_after_days:
            raise ValueError(
                '"forget_documents_after_days" must not be longer than'
                ' "forget_after_days"'
            )
        return self

    def with_terms_of(self, known: "Answers | None") -> "Answers":
        """Give these with how long things are kept, where they do not say it themselves.

        It stays as `known`, what the server is already: of one that has kept things for
        longer nothing is deleted unasked. None: the server is new, and `NEW_TERMS` are it.
        """
        if self.model_fields_set & NEW_TERMS.keys():
            return self
        terms = NEW_TERMS if known is None else known.model_dump(include=set(NEW_TERMS))
        return self.model_copy(update=terms)

    def with_database_of(self, *, has_file: bool) -> "Answers":
        """Give these with SQLite where they do not say it, and the server has its file.

        What a server holds stays where it is, whatever a new one would have.
        """
        if "database" in self.model_fields_set or not has_file:
            return self
        return self.model_copy(update={"database": "sqlite"})

    @property
    def names(self) -> tuple[str, ...]:
        """Give every name of the server, the first one first."""
        return tuple(dict.fromkeys((self.name, *self.other_names)))

    @property
    def site_url(self) -> str:
        """Give how browsers name the site."""
        return f"https://[{self.name}]" if ":" in self.name else f"https://{self.name}"


def read_answers(file: Path, *, name: str | None = None) -> Answers:
    """Read a file of answers; `name` stands before the file's. Raises AnswersError."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AnswersError(f"{file}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AnswersError(f"{file}: this is not TOML: {error}") from error
    return answers_of(document | ({"name": name} if name else {}), str(file))


def answers_of(document: Mapping[str, Any], where: str) -> Answers:
    """Check plain values; raises AnswersError with a sentence for each fault."""
    try:
        return Answers.model_validate(document)
    except ValidationError as error:
        faults = [_sentence(where, dict(each)) for each in error.errors()]
        raise AnswersError("\n".join(faults)) from error


def answers_text(answers: Answers) -> str:
    """Write the answers as the file that `read_answers` reads."""
    document = answers.model_dump(mode="json", exclude_none=True)
    return (
        "# SPDX-License-Identifier: AGPL-3.0-or-later\n"
        "# What this server is. Change it, then run: guichet-server install\n"
        + to_toml(document)
    )


def _sentence(where: str, fault: dict[str, Any]) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    said = words_of(fault)
    return f'{where}, key "{key}": {said}' if key else f"{where}: {said}"


def words_of(fault: Mapping[str, Any]) -> str:
    """Say what is wrong with a value, of one of pydantic's errors."""
    said: str = {
        "extra_forbidden": "is no key that is known; see docs/install.md",
        "missing": "is missing",
    }.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    return said


def is_address(name: str) -> bool:
    """Tell whether the name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
