# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asks the administrator what a server is to be: a handful of questions."""

from typing import Annotated, Any

import click
from pydantic import BeforeValidator, TypeAdapter, ValidationError

from provisioning.server.answers import (
    PORT,
    Answers,
    AnswersError,
    Email,
    File,
    Host,
    PersonName,
    ProxyUrl,
    PublicAddress,
    answers_of,
    words_of,
)

CERTIFICATES = {
    "own": "an authority of our own",
    "acme": "Let's Encrypt",
    "files": "PEM files that I have",
}
_BETWEEN_BLANKS = BeforeValidator(str.split)
# Nothing is an answer too.
_HOST_OR_NONE = Annotated[Host | None, BeforeValidator(lambda typed: typed or None)]
_NONE = BeforeValidator(lambda typed: None if typed == "none" else typed)


def ask(name: str, router: str | None = None, proxy: str | None = None) -> Answers:
    """Ask at the terminal; what was mistyped is asked again. Raises AnswersError.

    `router` is an address, other than this machine's, to which the name leads already;
    `proxy` is the one that apt goes by.
    """
    try:
        TypeAdapter(Host).validate_python(name)
    except ValidationError as error:
        raise AnswersError(words_of(dict(error.errors()[0]))) from error
    click.echo(f"What {name} is to be. Enter takes what stands in brackets.", err=True)
    document: dict[str, Any] = {"name": name}
    document["administrator"] = {
        "name": _text("Administrator's name", PersonName),
        "email": _text("Administrator's e-mail address", Email),
    }
    document["kiosks"] = click.prompt(
        "How many kiosks", default=10, type=click.IntRange(1, 2000), err=True
    )
    document["certificate"] = _certificate()
    document["other_names"] = _text(
        "Other names or addresses of this server, between blanks",
        Annotated[tuple[Host, ...], _BETWEEN_BLANKS],
        default="",
    )
    if address := _public_address(router):
        document["public_address"] = address
    if url := _text(
        "Web proxy to the Internet (none: it is reached without, or not at all)",
        Annotated[ProxyUrl | None, _NONE],
        default=proxy or "none",
    ):
        document["proxy"] = {"url": url}
    document["softphones"] = click.confirm(
        "Do telephones come that know no TLS (port 5060)", default=False, err=True
    )
    if mail := _mail(document["administrator"]["email"]):
        document["mail"] = mail
    if click.confirm("Does Prometheus watch this server", default=False, err=True):
        document["metrics"] = True
    click.echo(
        "Residents are forgotten two years after their last appointment, documents go a"
        " month after it: forget_after_days and forget_documents_after_days in"
        " /etc/guichet/server.toml.",
        err=True,
    )
    return answers_of(document, "your answers").with_terms_of(None)


def _public_address(router: str | None) -> str | None:
    click.echo(
        "Where a router stands between this server and its kiosks, as in most DMZs, who comes by"
        " it must be told the router's address, or nobody hears or sees anything.",
        err=True,
    )
    address: str | None = _text(
        "The router's public address (none: no router)",
        Annotated[PublicAddress | None, _NONE],
        default=router or "none",
    )
    return address


def _certificate() -> dict[str, Any]:
    for kind, words in CERTIFICATES.items():
        click.echo(f"  {kind}: {words}", err=True)
    kind = _choice("Certificate", list(CERTIFICATES))
    if kind == "acme":
        return {"kind": kind, "email": _text("E-mail address for the authority", Email)}
    if kind == "files":
        return {
            "kind": kind,
            "certificate": _text("Certificate with its chain (PEM)", File),
            "key": _text("Its key (PEM)", File),
        }
    return {"kind": kind}


def _mail(administrator: str) -> dict[str, Any] | None:
    host = _text("Mail server (empty: no e-mail goes out)", _HOST_OR_NONE, default="")
    if not host:
        return None
    mail: dict[str, Any] = {"host": host}
    mail["security"] = _choice("Its security", ["starttls", "tls", "none"])
    usual = {"starttls": 587, "tls": 465, "none": 25}[mail["security"]]
    mail["port"] = _text("Its port", Annotated[int, PORT], default=str(usual))
    mail["sender"] = _text("Address that e-mails come from", Email)
    if username := _text("User name there (empty: none)", default=""):
        mail["username"] = username
        mail["password"] = click.prompt("Password", hide_input=True, err=True)
    mail["alerts"] = _text(
        "Who is told when a machine needs somebody",
        Annotated[tuple[Email, ...], _BETWEEN_BLANKS],
        default=administrator,
    )
    return mail


def _text(question: str, kind: Any = str, default: str | None = None) -> Any:
    """Ask until it is an answer of that kind; an empty default may be left empty."""
    known = TypeAdapter(kind)

    def value_of(typed: str) -> Any:
        try:
            return known.validate_python(typed.strip())
        except ValidationError as error:
            # click says so and asks again.
            raise click.UsageError(words_of(dict(error.errors()[0]))) from error

    return click.prompt(
        question,
        default=default,
        show_default=bool(default),
        value_proc=value_of,
        err=True,
    )


def _choice(question: str, choices: list[str]) -> str:
    answer: str = click.prompt(
        question, default=choices[0], type=click.Choice(choices), err=True
    )
    return answer
