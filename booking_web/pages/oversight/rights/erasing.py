# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page that says what an erasure takes away, and erases after a tick."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.wrappers import Response

from booking_web.base.sms_spool import SmsSpool, SpoolUnreachable
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.retention.erasing import (
    Erasure,
    ErasureRefused,
    NobodyToErase,
    Obstacle,
    erase_resident,
    what_would_go,
)
from booking_web.domain.rights.person import Right
from booking_web.pages.oversight.rights.blueprint import asked_for, blueprint
from booking_web.shell.archive import archive
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.words.documents import trouble_sentence

OBSTACLES: dict[Obstacle, LazyString] = {
    Obstacle.RESTRICTED: lazy_gettext(
        "Ses données sont sous limitation : elles sont gardées. Rien n'est effacé : levez "
        "d'abord la limitation."
    ),
    Obstacle.IN_CALL: lazy_gettext(
        "Cet usager est en appel en ce moment. Rien n'est effacé : revenez demain."
    ),
    Obstacle.COMES_TODAY: lazy_gettext(
        "Cet usager a un rendez-vous aujourd'hui. Rien n'est effacé : revenez demain, ou "
        "demandez d'abord à la mairie d'annuler ce rendez-vous."
    ),
    Obstacle.COMES_LATER: lazy_gettext(
        "Cet usager a des rendez-vous à venir. Rien n'est effacé : cochez qu'ils sont "
        "annulés, ou attendez qu'ils soient passés."
    ),
}


@blueprint.get("/usagers/<int:resident_id>/effacer")
def ask_to_erase(resident_id: int) -> str:
    """Show what would go, and what stands against it."""
    return _page(resident_id)


@blueprint.post("/usagers/<int:resident_id>/effacer")
def erase(resident_id: int) -> Response | tuple[str, int]:
    """Erase the resident, for good."""
    acting, now = signed_in(Right.RESIDENTS_RIGHTS), services().now()
    with services().database.read() as session:
        number = asked_for(session, resident_id).id
    if "sure" not in request.form:
        words = gettext("Cochez que vous avez compris. Rien n'est effacé.")
        return _page(resident_id, words), 422
    try:
        erase_resident(
            services().database,
            archive(),
            SmsSpool.of(services().settings),
            number,
            actor=acting.actor,
            now=now,
            cancels="cancel" in request.form,
        )
    except ErasureRefused as error:
        return _page(resident_id, str(OBSTACLES[error.obstacle])), 409
    except StoreUnavailable as error:
        return _page(resident_id, trouble_sentence(error)), 503
    except SpoolUnreachable:
        words = gettext(
            "Des SMS de l'usager attendent peut-être encore dans le dossier du modem, qui "
            "ne s'ouvre pas. Rien n'est effacé : prévenez l'administrateur."
        )
        return _page(resident_id, words), 503
    except NobodyToErase:
        abort(404)
    flash(
        gettext(
            "Le dossier est effacé. Ses rendez-vous passés restent dans les comptes, sans "
            "nom."
        ),
        "success",
    )
    return redirect(url_for("file_rights.find"), 303)


def _page(resident_id: int, refusal: str = "") -> str:
    now = services().now()
    with services().database.read() as session:
        resident = asked_for(session, resident_id)
        found: Erasure = what_would_go(session, resident.id, now)
        stands = found.obstacle
        if not refusal and stands and stands is not Obstacle.COMES_LATER:
            refusal = str(OBSTACLES[stands])
        return render_template(
            "oversight/rights/erase.html",
            title=gettext("Effacer le dossier"),
            resident=resident,
            relay=resident.relay.name,
            found=found,
            refusal=refusal,
            can_be_now=stands in (None, Obstacle.COMES_LATER),
        )
