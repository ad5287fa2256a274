# SPDX-License-Identifier: AGPL-3.0-or-later
"""The papers to bring, across all reasons: one is renamed everywhere at once."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from booking_web.pages.administrator.acts import carry_out, done_before
from booking_web.pages.administrator.answers import (
    CONFLICT,
    INVALID,
    Answer,
    said_again,
    say_refusal,
    sent,
)
from booking_web.pages.administrator.directory.pictogram_words import pictogram_choices
from booking_web.pages.administrator.entries.entry_form import NAME
from booking_web.pages.administrator.entries.fields import LineField, PictogramField
from booking_web.pages.administrator.entries.listing import (
    Cell,
    Column,
    Row,
    Table,
    show,
)
from booking_web.pages.administrator.gate import blueprint
from booking_web.shell.pictograms import FALLBACK_PAPER, pictogram_or
from booking_web.shell.services import services
from provisioning.database.models import NAME_LENGTH
from provisioning.directory.entries import change_of
from provisioning.directory.errors import DirectoryError, UnknownEntry
from provisioning.directory.service import Directory
from provisioning.inventory.plan import Change, Fields, Kind, Plan, Snapshot
from provisioning.inventory.reading import InventoryError


class PaperForm(FlaskForm):
    """The name and pictogram of a paper."""

    name = LineField(lazy_gettext("Nom"))
    pictogram = PictogramField(lazy_gettext("Dessin"))

    def checked(self) -> dict[str, str] | None:
        """Give the paper; None after saying what is wrong."""
        self.validate()
        name = self.name.data or ""
        if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
            self.name.errors = [str(NAME)]
            return None
        return {"name": name, "pictogram": self.pictogram.chosen or ""}


@blueprint.get("/papiers")
def papers_list() -> str:
    """List the papers, and for how many reasons each is asked."""
    rows = []
    for (name, pictogram), reasons in sorted(_papers(_reasons()).items()):
        number = len(reasons)
        words = ngettext("%(num)d motif", "%(num)d motifs", number)
        rows.append(
            Row(
                url_for("administrator.paper_change", nom=name, dessin=pictogram),
                [
                    Cell(name, pictogram=pictogram_or(pictogram, FALLBACK_PAPER)),
                    Cell(words, by=number),
                ],
            )
        )
    columns = [
        Column("nom", lazy_gettext("Papier")),
        Column("motifs", lazy_gettext("Demandé pour")),
    ]
    return render_template(
        "administrator/list.html",
        title=gettext("Papiers"),
        shown=show(Table(columns, rows), request.args),
        none_yet=gettext("Aucun papier : ajoutez-les aux motifs."),
    )


@blueprint.route("/papiers/changer", methods=["GET", "POST"])
def paper_change() -> Answer:
    """Show a paper, and change it in every reason that asks for it."""
    old = {
        "name": request.args.get("nom", ""),
        "pictogram": request.args.get("dessin", ""),
    }
    form = PaperForm()
    form.pictogram.offer(pictogram_choices(), lazy_gettext("Aucun dessin"))
    if request.method == "POST":
        if done_before(services().database, sent().submission):
            return _back(said_again(), "info")
    reasons = _papers(_reasons()).get((old["name"], old["pictogram"]))
    if not reasons:
        abort(404)
    if request.method == "GET":
        form.name.data, form.pictogram.data = old["name"], old["pictogram"]
        return _page(form, old["name"], reasons)
    new = form.checked()
    if new is None:
        return _page(form, old["name"], reasons), INVALID
    try:
        done = carry_out(
            services().database,
            sent(),
            "changed",
            Kind.REASON,
            reasons[0],
            _renaming(old, new),
        )
    except (DirectoryError, InventoryError) as error:
        say_refusal(error)
        return _page(form, old["name"], reasons), CONFLICT
    if done.outcome is None:
        return _back(said_again(), "info")
    return _back(gettext("Le papier est changé dans tous ses motifs."), "success")


def _renaming(old: dict[str, str], new: dict[str, str]) -> Any:
    """Plan the change of one paper in each reason that has it."""

    def plan(current: Snapshot) -> Plan:
        changes: list[Change] = []
        for key in _papers(current[Kind.REASON]).get(
            (old["name"], old["pictogram"]), []
        ):
            fields = current[Kind.REASON][key]
            papers = [new if paper == old else paper for paper in _of(fields)]
            after: Fields = {**fields, "papers": papers}
            changes += change_of(Kind.REASON, key, after)(current).changes
        if not changes and old != new:
            raise UnknownEntry(old["name"])
        return Plan(tuple(changes))

    return plan


def _papers(reasons: dict[str, Fields] | Any) -> dict[tuple[str, str], list[str]]:
    """Give the reasons of each paper; the same name with another drawing is another one."""
    found: dict[tuple[str, str], list[str]] = {}
    for key, fields in reasons.items():
        for paper in _of(fields):
            asked = found.setdefault((paper["name"], paper["pictogram"]), [])
            if key not in asked:
                asked.append(key)
    return found


def _of(fields: Fields) -> list[dict[str, str]]:
    papers = fields["papers"]
    assert isinstance(papers, list)
    return papers


def _reasons() -> Any:
    return Directory(services().database).snapshot()[Kind.REASON]


def _page(form: PaperForm, title: str, reasons: list[str]) -> str:
    directory = _reasons()
    return render_template(
        "administrator/form.html",
        title=title,
        form=form,
        key=title,
        back=url_for("administrator.papers_list"),
        reasons=[(key, directory[key]["name"]) for key in reasons if key in directory],
        facts_template="administrator/_paper.html",
    )


def _back(said: str, tone: str) -> Response:
    flash(said, tone)
    return redirect(url_for("administrator.papers_list"), 303)
