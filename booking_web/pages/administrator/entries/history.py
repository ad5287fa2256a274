# SPDX-License-Identifier: AGPL-3.0-or-later
"""The latest acts on an entry, as the page tells them."""

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.pages.administrator.acts import latest_acts
from booking_web.pages.administrator.words import ACTS
from booking_web.tables.administration import DirectoryAct
from booking_web.words.dates import day_of
from provisioning.database.models import User
from provisioning.inventory.plan import Kind


def history_of(session: Session, kind: Kind, key: str) -> list[str]:
    """Tell, the newest first, what was done to an entry, when and by whom."""
    names = {f"user:{user.id}": user.name for user in session.scalars(select(User))}
    return [_told(act, names) for act in latest_acts(session, kind, key)]


def _told(act: DirectoryAct, names: dict[str, str]) -> str:
    what = str(ACTS.get(act.act, act.act))
    if act.detail:
        what = f"{what} ({act.detail})"
    return gettext(
        "%(day)s : %(what)s, par %(who)s",
        day=day_of(act.at),
        what=what,
        who=_who(act.actor, names),
    )


def _who(actor: str, names: dict[str, str]) -> str:
    if actor.startswith("counsellor:"):
        return gettext("la personne qui avait le lien")
    return names.get(actor, actor)
