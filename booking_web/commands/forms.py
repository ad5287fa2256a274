# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line `guichet-web forms`."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.commands.settings import with_settings
from booking_web.domain.documents.archive import open_archive
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.forms.asked import AskedField
from booking_web.domain.forms.errors import (
    EngineUnavailable,
    FormRefused,
    LibraryRefused,
)
from booking_web.domain.forms.handed_on import (
    HandedRefused,
    is_library,
    read_again,
    read_library,
)
from booking_web.domain.forms.library import Library, Sent
from booking_web.domain.forms.library_reading import list_forms
from booking_web.domain.forms.reader import FormRead, FormReader
from booking_web.shell.languages import in_french
from booking_web.telling.our_forms.catalogue import OUR_FORMS
from booking_web.telling.our_forms.making import make
from booking_web.words.documents import trouble_sentence
from booking_web.words.form_library import handed_sentence, library_sentence
from booking_web.words.forms import engine_words, refusal_sentence
from provisioning.database.engine import Database
from provisioning.database.models import Organisation

# Whom the library's acts name: nobody is signed in here.
ACTOR = "guichet-web"


@dataclass(frozen=True)
class Wanted:
    """A form that is to be in a library."""

    title: str
    form: FormRead
    asked: tuple[AskedField, ...] = ()


@click.group("forms")
def forms() -> None:
    """Keep the organisations' libraries of forms (see docs/manager.md)."""


@forms.command("add")
@click.argument(
    "files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--organisation",
    "slugs",
    multiple=True,
    required=True,
    metavar="SLUG",
    help="Whose library; may be named several times.",
)
@click.option(
    "--ours",
    multiple=True,
    type=click.Choice(sorted(OUR_FORMS)),
    help="A form of our own making; may be named several times.",
)
@click.option("--title", help="The title of the one PDF; else the name of its file.")
@click.option(
    "--keep-answers",
    is_flag=True,
    help="Begin each draft with what a PDF was filled in with; else that is erased.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be added; do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@with_settings
def add(
    settings: Settings,
    files: tuple[Path, ...],
    slugs: tuple[str, ...],
    ours: tuple[str, ...],
    title: str | None,
    keep_answers: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Add FILES (PDFs, or what another library handed on) to a library.

    A form of a title that is there already is left alone.
    """
    if not files and not ours:
        raise click.UsageError("name a file, or a form of ours with --ours")
    if title is not None and (len(files) != 1 or ours):
        raise click.UsageError("--title is that of one file")
    with in_french(), _database(settings) as database:
        organisations = [_organisation(database, slug) for slug in slugs]
        wanted = [*_read_all(files, title, not keep_answers), *_made_all(ours)]
        library = Library(
            database, open_archive(settings, database, utc_now).store, utc_now
        )
        for slug, organisation_id in zip(slugs, organisations):
            for each in wanted:
                act = _settled(database, library, organisation_id, each, dry_run)
                told = {"organisation": slug, "title": each.title, "act": act}
                click.echo(
                    json.dumps(told) if as_json else f"{slug}: {act} {each.title}"
                )


@forms.command("list")
@click.option(
    "--organisation", "slug", required=True, metavar="SLUG", help="Whose library."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@with_settings
def list_them(settings: Settings, slug: str, as_json: bool) -> None:
    """Show the forms of a library in their order."""
    with _database(settings) as database:
        organisation_id = _organisation(database, slug)
        with database.read() as session:
            found = list_forms(session, organisation_id, with_withdrawn=True)
    for each in found:
        if as_json:
            told = asdict(each) | {"withdrawn_at": None}
            if each.withdrawn_at:
                told["withdrawn_at"] = each.withdrawn_at.isoformat()
            click.echo(json.dumps(told))
        else:
            note = " (withdrawn)" if each.withdrawn_at else ""
            facts = f"edition {each.number}, {each.pages} pages, {each.fields} fields"
            click.echo(f"{each.id}  {each.title}: {facts}{note}")
    if not found and not as_json:
        click.echo("no form: see guichet-web forms add --help", err=True)


def _settled(
    database: Database,
    library: Library,
    organisation_id: int,
    wanted: Wanted,
    dry_run: bool,
) -> str:
    with database.read() as session:
        listed = list_forms(session, organisation_id, with_withdrawn=True)
    if wanted.title in [each.title for each in listed]:
        return "kept"
    if dry_run:
        return "would add"
    number = f"{organisation_id} {wanted.title} {utc_now().isoformat()}"
    submission = hashlib.sha256(number.encode()).hexdigest()
    sent = Sent(organisation_id, ACTOR, submission)
    try:
        library.take_in(sent, wanted.title, wanted.form, wanted.asked)
    except LibraryRefused as refused:
        words = library_sentence(refused.reason)
        raise click.ClickException(f"{wanted.title}: {words}") from refused
    return "added"


def _read_all(
    files: tuple[Path, ...], title: str | None, is_emptied: bool
) -> Iterator[Wanted]:
    reader = FormReader()
    for path in files:
        with path.open("rb") as file:
            try:
                if is_library(file):
                    for handed in read_library(file):
                        read = read_again(handed, reader)
                        yield Wanted(handed.title, read, handed.asked)
                    continue
                name = path.stem.replace("_", " ")
                yield Wanted(title or name, reader.read(file, is_emptied=is_emptied))
            except FormRefused as refused:
                words = refusal_sentence(refused.reason)
                raise click.ClickException(f"{path}: {words}") from refused
            except HandedRefused as not_taken:
                words = handed_sentence(not_taken.reason)
                raise click.ClickException(f"{path}: {words}") from not_taken


def _made_all(names: tuple[str, ...]) -> Iterator[Wanted]:
    reader = FormReader()
    for name in names:
        ours = OUR_FORMS[name]
        yield Wanted(ours.title, make(ours, reader), ours.asked)


def _organisation(database: Database, slug: str) -> int:
    with database.read() as session:
        query = select(Organisation.id).where(Organisation.slug == slug)
        found = session.scalar(query)
    if found is None:
        raise click.ClickException(f"no organisation {slug}")
    return found


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url, signing_key=settings.secret_key)
    try:
        yield database
    except StoreUnavailable as error:
        raise click.ClickException(trouble_sentence(error)) from error
    except EngineUnavailable as error:
        raise click.ClickException(engine_words()) from error
    finally:
        database.dispose()
