# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of one kind of entry: the list, and the one way to add, change and remove.

A kind says by a subclass of `EntryPages` what differs; nothing else of it is written here.
"""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.pages.administrator.acts import Done, Sent, carry_out, done_before
from booking_web.pages.administrator.answers import (
    CONFLICT,
    INVALID,
    Answer,
    ask,
    is_coming_back,
    is_confirmed,
    said_again,
    say_refusal,
    sent,
)
from booking_web.pages.administrator.entries.entry_form import EntryForm
from booking_web.pages.administrator.entries.entry_pages import EntryPages, existing
from booking_web.pages.administrator.entries.entry_plans import (
    addition,
    unless_changed,
    version_of,
)
from booking_web.pages.administrator.entries.history import history_of
from booking_web.pages.administrator.entries.listing import show
from booking_web.pages.administrator.gate import blueprint
from booking_web.shell.services import services
from provisioning.directory.errors import AlreadyThere, DirectoryError
from provisioning.directory.service import removal_of
from provisioning.inventory.plan import Fields
from provisioning.inventory.reading import InventoryError


def register(pages: EntryPages) -> EntryPages:
    """Give the kind its addresses."""
    base = f"/{pages.segment}"
    routes = (
        ("list", base, show_list, ["GET"]),
        ("add", f"{base}/ajouter", add_entry, ["GET", "POST"]),
        ("change", f"{base}/<ref>", change_entry, ["GET", "POST"]),
        ("remove", f"{base}/<ref>/retirer", remove_entry, ["POST"]),
    )
    for name, address, view, methods in routes:
        blueprint.add_url_rule(
            address,
            f"{pages.name}_{name}",
            view,
            methods=methods,
            defaults={"pages": pages},
        )
    return pages


def show_list(pages: EntryPages) -> str:
    """Show the list, as the address narrows and sorts it."""
    with services().database.read() as session:
        shown = show(pages.table(session), request.args)
    return render_template(
        "administrator/list.html", title=pages.words.plural, pages=pages, shown=shown
    )


def add_entry(pages: EntryPages) -> Answer:
    """Ask for a new entry, and add it."""
    form = pages.form()
    with services().database.read() as session:
        pages.offer(session, form, "")
    if request.method == "GET" or is_coming_back():
        return _add_page(pages, form)
    this = sent()
    if earlier := done_before(services().database, this.submission):
        return _again(pages, earlier)
    fields = form.checked()
    if fields is None:
        return _add_page(pages, form), INVALID
    try:
        done = _carry_out(pages, this, form, fields)
    except (DirectoryError, InventoryError) as error:
        _say(error, form)
        return _add_page(pages, form), CONFLICT
    if done.outcome is None:
        return _again(pages, done)
    return pages.after_adding(done, form)


def change_entry(pages: EntryPages, ref: str) -> Answer:
    """Show an entry, and change it; ask first where that takes something away."""
    form = pages.form()
    with services().database.read() as session:
        key = pages.key_of(session, ref)
        before = existing(pages.kind, key)
        pages.offer(session, form, key)
        if request.method == "GET":
            form.show(before)
            return _change_page(pages, session, form, key, before)
        if is_coming_back():
            return _change_page(pages, session, form, key, before)
        this = sent()
        if earlier := done_before(services().database, this.submission):
            return _again(pages, earlier)
        after = form.checked()
        if after is None:
            return _change_page(pages, session, form, key, before), INVALID
        question = pages.question(session, key, before, after)
    if question and not is_confirmed():
        return ask(pages.title_of(key, before), question, back=request.path)
    try:
        done = carry_out(
            services().database,
            this,
            "changed",
            pages.kind,
            pages.key_after(form, key),
            unless_changed(pages.kind, key, request.form.get("version", ""), after),
            beside=pages.beside(form, key),
        )
    except (DirectoryError, InventoryError) as error:
        _say(error, form)
        before = existing(pages.kind, key)
        with services().database.read() as session:
            return _change_page(pages, session, form, key, before), CONFLICT
    if done.outcome is None:
        return _again(pages, done)
    return pages.after_changing(done)


def remove_entry(pages: EntryPages, ref: str) -> Answer:
    """Ask once, then remove the entry."""
    this = sent()
    if earlier := done_before(services().database, this.submission):
        return _again(pages, earlier)
    with services().database.read() as session:
        key = pages.key_of(session, ref)
        back = pages.address_of(session, key)
    title = pages.title_of(key, existing(pages.kind, key))
    if not is_confirmed():
        return ask(title, str(pages.words.ask_removal), back=back)
    try:
        carry_out(
            services().database, this, "removed", pages.kind, key, removal_of([key])
        )
    except DirectoryError as error:
        say_refusal(error)
        return redirect(back, 303)
    flash(str(pages.words.removed), "success")
    return redirect(url_for(pages.list_endpoint), 303)


def _carry_out(pages: EntryPages, this: Sent, form: Any, fields: Fields) -> Done:
    return carry_out(
        services().database,
        this,
        pages.added_as,
        pages.kind,
        "",
        addition(pages, form, fields),
        beside=pages.beside(form, ""),
    )


def _say(error: DirectoryError | InventoryError, form: EntryForm) -> None:
    if not (isinstance(error, AlreadyThere) and form.say_taken()):
        say_refusal(error)


def _again(pages: EntryPages, done: Done) -> Response:
    return pages.lead_to(done.key, said_again(), "info")


def _add_page(pages: EntryPages, form: Any) -> str:
    return render_template(
        "administrator/form.html",
        title=pages.words.add,
        pages=pages,
        form=form,
        key="",
        back=url_for(pages.list_endpoint),
    )


def _change_page(
    pages: EntryPages, session: Session, form: Any, key: str, before: Fields
) -> str:
    return render_template(
        "administrator/form.html",
        title=pages.title_of(key, before),
        pages=pages,
        form=form,
        key=key,
        fields=before,
        version=version_of(before),
        acts=history_of(session, pages.kind, key),
        back=url_for(pages.list_endpoint),
        **pages.facts(session, key),
    )
