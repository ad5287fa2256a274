# SPDX-License-Identifier: AGPL-3.0-or-later
"""A third person whom the counsellor has called, by the site's own telephone line."""

from flask import abort, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.resident_text import normalised
from booking_web.domain.appointments.guests.invitations import (
    SecondCallTaken,
    SomebodyInvited,
)
from booking_web.domain.appointments.guests.numbers import (
    CostlyNumber,
    ForeignNumber,
    NoNumber,
    ShortNumber,
    Trunk,
)
from booking_web.domain.appointments.guests.telephoning import (
    Relation,
    TooManyCalls,
    telephone,
)
from booking_web.domain.kiosks.orders import NotInCall
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.actions import call_is_over
from booking_web.pages.counsellor.guest import (
    NoName,
    back_to_guest,
    somebody_invited,
    taken,
    tells_who,
)
from booking_web.pages.counsellor.guest_line import TypedCall
from booking_web.pages.counsellor.pages import blueprint, read_console, render_console
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import begin_page, services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.guests import NAME_LENGTH
from booking_web.words.guests import relation_words

# A number is written with spaces; what the form's own field takes.
TYPED_LENGTH = 30


class NotAgreed(Exception):
    """Nobody asked the resident."""


class NoRelation(Exception):
    """It was not said what who is called is to the resident."""


@blueprint.post("/<int:appointment_id>/invite/telephoner")
def telephone_guest(appointment_id: int) -> Response | tuple[str, int]:
    """Have a number called into the call; refused, the form comes back as it was typed.

    The number stands in its field alone: no sentence and no address repeats it.
    """
    viewer = signed_in(Right.RECEIVING)
    trunk = Trunk.of(services().settings)
    if trunk is None:
        abort(404)
    typed = _typed_call()
    name = normalised(request.form.get("name"))
    relation = typed.relation

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        if not typed.is_agreed:
            raise NotAgreed
        if relation not in list(Relation):
            raise NoRelation
        if name and not tells_who(name):
            raise NoName
        telephone(
            session,
            appointment,
            request.form.get("number", ""),
            Relation(relation),
            name or relation_words(Relation(relation)),
            trunk,
            viewer.actor,
            services().now(),
        )

    done = carry_out(
        work,
        {
            NotAgreed: _not_agreed,
            NoRelation: _no_relation,
            NoName: _no_name,
            NotInCall: call_is_over,
            SomebodyInvited: somebody_invited,
            SecondCallTaken: taken,
            ShortNumber: _short,
            CostlyNumber: _costly,
            ForeignNumber: _foreign,
            NoNumber: _no_number,
            TooManyCalls: _too_many,
        },
    )
    if done is None:
        begin_page()
        view = read_console(appointment_id)
        line = view.guest
        if line is not None and (line.may_telephone or line.is_kiosk_taken):
            return render_console(view, typed_call=typed), 422
    return back_to_guest(appointment_id, is_done=done is not None)


def _typed_call() -> TypedCall:
    form = request.form
    return TypedCall(
        form.get("number", "")[:TYPED_LENGTH],
        form.get("relation", ""),
        form.get("name", "")[:NAME_LENGTH],
        form.get("agreed") == "1",
    )


def _not_agreed(_error: NotAgreed) -> str:
    return gettext(
        "Demandez d'abord à l'usager s'il est d'accord, puis cochez la case. Personne "
        "n'a été appelé."
    )


def _no_relation(_error: NoRelation) -> str:
    return gettext("Dites qui vous appelez. Personne n'a été appelé.")


def _no_name(_error: NoName) -> str:
    return gettext(
        "Ce nom ne peut pas s'afficher : écrivez-le en lettres, ou laissez-le vide. "
        "Personne n'a été appelé."
    )


def _no_number(_error: NoNumber) -> str:
    return gettext(
        "Ce numéro n'existe pas : il faut dix chiffres, comme 06 12 34 56 78. Personne "
        "n'a été appelé."
    )


def _short(_error: ShortNumber) -> str:
    return gettext(
        "Les numéros courts et d'urgence ne s'appellent pas d'ici. Pour une urgence, "
        "appelez le 15 ou le 112 de votre téléphone. Personne n'a été appelé."
    )


def _costly(_error: CostlyNumber) -> str:
    return gettext(
        "Ce numéro est surtaxé : demandez-en un autre. Personne n'a été appelé."
    )


def _foreign(_error: ForeignNumber) -> str:
    return gettext(
        "Ce numéro est à l'étranger ou outre-mer, et ce site n'y appelle pas. "
        "L'administrateur peut l'ouvrir. Personne n'a été appelé."
    )


def _too_many(_error: TooManyCalls) -> str:
    return gettext(
        "Votre organisme a appelé beaucoup de numéros depuis une heure. Réessayez plus "
        "tard, ou invitez par un lien. Personne n'a été appelé."
    )
