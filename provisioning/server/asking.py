# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asks the administrator what a server is to be: a handful of questions."""

from typing import Any

import click

from provisioning.server.answers import Answers, answers_of

CERTIFICATES = {
    "own": "an authority of our own",
    "acme": "Let's Encrypt",
    "files": "PEM files that I have",
}


def ask(name: str) -> Answers:
    """Ask at the terminal; what was mistyped is asked again. Raises AnswersError."""
    click.echo(f"What {name} is to be. Enter takes what stands in brackets.", err=True)
    document: dict[str, Any] = {"name": name}
    document["administrator"] = {
        "name": _text("Administrator's name"),
        "email": _text("Administrator's e-mail address"),
    }
    document["kiosks"] = click.prompt(
        "How many kiosks", default=10, type=click.IntRange(1, 2000), err=True
    )
    document["database"] = _choice("Database", ["sqlite", "postgresql"])
    document["certificate"] = _certificate()
    document["other_names"] = _text(
        "Other names or addresses of this server, between blanks", default=""
    ).split()
    document["softphones"] = click.confirm(
        "Do telephones come that know no TLS (port 5060)", default=False, err=True
    )
    if mail := _mail(document["administrator"]["email"]):
        document["mail"] = mail
    if click.confirm("Does Prometheus watch this server", default=False, err=True):
        document["metrics"] = True
    return answers_of(document, "your answers")


def _certificate() -> dict[str, Any]:
    for kind, words in CERTIFICATES.items():
        click.echo(f"  {kind}: {words}", err=True)
    kind = _choice("Certificate", list(CERTIFICATES))
    if kind == "acme":
        return {"kind": kind, "email": _text("E-mail address for the authority")}
    if kind == "files":
        return {
            "kind": kind,
            "certificate": _text("Certificate with its chain (PEM)"),
            "key": _text("Its key (PEM)"),
        }
    return {"kind": kind}


def _mail(administrator: str) -> dict[str, Any] | None:
    host = _text("Mail server (empty: no e-mail goes out)", default="")
    if not host:
        return None
    mail: dict[str, Any] = {"host": host}
    mail["security"] = _choice("Its security", ["starttls", "tls", "none"])
    usual = {"starttls": 587, "tls": 465, "none": 25}[mail["security"]]
    mail["port"] = click.prompt("Its port", default=usual, type=int, err=True)
    mail["sender"] = _text("Address that e-mails come from")
    if username := _text("User name there (empty: none)", default=""):
        mail["username"] = username
        mail["password"] = click.prompt("Password", hide_input=True, err=True)
    told = _text("Who is told when a machine needs somebody", default=administrator)
    mail["alerts"] = told.split()
    return mail


def _text(question: str, default: str | None = None) -> str:
    answer: str = click.prompt(
        question, default=default, show_default=bool(default), err=True
    )
    return answer.strip()


def _choice(question: str, choices: list[str]) -> str:
    answer: str = click.prompt(
        question, default=choices[0], type=click.Choice(choices), err=True
    )
    return answer
