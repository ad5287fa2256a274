# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page where feeds are made and revoked, and the feeds themselves."""

import secrets

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import force_locale, gettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from booking_web.base.resident_text import has_unprintable, normalised
from booking_web.base.transactions import in_transaction
from booking_web.domain.rights.person import Person, Right
from booking_web.shell.services import services
from booking_web.shell.sign_in.failure_limits import (
    FailureLimit,
    address,
    limit_failures,
)
from booking_web.shell.signed_in import sign_in_first, signed_in
from booking_web.shell.site.site_address import public_address
from booking_web.tables.calendar_feeds import LABEL_LENGTH, CalendarFeed
from booking_web.telling.calendars.entry import feed as write_feed
from booking_web.telling.calendars.feeds import (
    entries_of,
    feeds_of,
    make_feed,
    name_of,
    open_feed,
    revoke_feed,
    token_of,
)
from provisioning.directory.digests import digest_of

LANGUAGE = "fr"
# Only addresses that open nothing count: a calendar program reads often.
GUESSES_PER_ADDRESS = "20 per 5 minutes"

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/agenda/<token>.ics")
def read(token: str) -> Response:
    """Give the calendar that the token opens."""
    now = services().now()
    details = services().settings.feed_details
    with services().database.read() as session:
        feed = open_feed(session, token)
        if feed is None:
            abort(404)
        with force_locale(LANGUAGE):
            entries = entries_of(session, feed, details, now)
        name = name_of(feed)
    if feed.read_at is None or feed.read_at.date() != now.date():
        _note_read(feed.id)
    content = write_feed(name, entries, now)
    return Response(content, mimetype="text/calendar")


@blueprint.get("/agendas")
def show() -> str | AnyResponse:
    """Show the feeds that this person has made, and the form for one more."""
    if not current_user.is_authenticated:
        return sign_in_first()
    return _page()


@blueprint.post("/agendas")
def make() -> str | AnyResponse | tuple[str, int]:
    """Make a feed; its address is shown in the answer and never again."""
    if not current_user.is_authenticated:
        return sign_in_first()
    owner = signed_in(Right.FEEDS)
    label = normalised(request.form.get("label"))
    submission = request.form.get("submission", "")
    with services().database.read() as session:
        offered = _offered(session, owner)
    of = request.form.get("of", "")
    error = ""
    if of not in offered:
        error = gettext("Choisissez l'agenda dans la liste.")
    elif not label or has_unprintable(label):
        error = gettext("Écrivez pour qui est cet agenda, par exemple « Accueil ».")
    elif len(label) > LABEL_LENGTH:
        error = gettext("%(most)s caractères au plus.", most=LABEL_LENGTH)
    if error or not submission:
        return _page(error=error, typed={"of": of, "label": label}), 422
    token = token_of(services().settings.secret_key, submission, owner.user_id)
    kind, _, number = of.partition("-")
    now = services().now()
    in_transaction(
        services().database,
        lambda session: make_feed(
            session,
            owner,
            CalendarFeed(
                token_digest=digest_of(token),
                relay_id=int(number) if kind == "relay" else None,
                counter_id=int(number) if kind == "counter" else None,
                label=label,
                created_at=now,
                created_by_id=owner.user_id,
            ),
            now,
        ),
    )
    return _page(address=public_address("feeds.read", token=token))


@blueprint.post("/agendas/<int:feed_id>/supprimer")
def revoke(feed_id: int) -> AnyResponse:
    """Close a feed; whoever reads it gets nothing from now on."""
    if not current_user.is_authenticated:
        return sign_in_first()
    owner = signed_in(Right.FEEDS)
    now = services().now()
    done = in_transaction(
        services().database, lambda session: revoke_feed(session, owner, feed_id, now)
    )
    if done:
        flash(gettext("Cette adresse ne montre plus rien."), "success")
    return redirect(url_for("feeds.show"), 303)


@blueprint.get("/agendas/<int:feed_id>/supprimer")
def ask_to_revoke(feed_id: int) -> str | AnyResponse:
    """Ask once before closing a feed."""
    if not current_user.is_authenticated:
        return sign_in_first()
    with services().database.read() as session:
        feeds = feeds_of(session, signed_in(Right.FEEDS))
        feed = next((each for each in feeds if each.id == feed_id), None)
    if feed is None:
        abort(404)
    return render_template(
        "secretary/week/revoke.html",
        feed=feed,
        name=name_of(feed),
        title=gettext("Supprimer l'adresse d'un agenda"),
    )


def set_up_feeds(app: Flask) -> None:
    """Give the application its feeds, with a limit on guessing their addresses."""
    app.register_blueprint(blueprint)
    limit_failures(
        app,
        "feeds.read",
        [FailureLimit(GUESSES_PER_ADDRESS, address)],
        has_failed=lambda response: response.status_code == 404,
        methods=["GET", "HEAD"],
    )


def _offered(session: Session, owner: Person) -> dict[str, str]:
    choices = {f"relay-{each.id}": each.name for each in owner.relays(session)}
    for each in owner.counters(session):
        choices[f"counter-{each.id}"] = f"{each.organisation.name} – {each.name}"
    return choices


def _page(
    *, error: str = "", typed: dict[str, str] | None = None, address: str = ""
) -> str:
    owner = signed_in(Right.FEEDS)
    with services().database.read() as session:
        feeds = feeds_of(session, owner)
        offered = _offered(session, owner)
    return render_template(
        "secretary/week/feeds.html",
        feeds=[(feed, name_of(feed)) for feed in feeds],
        offered=offered,
        error=error,
        typed=typed or {"of": "", "label": ""},
        address=address,
        subscribe="webcal:" + address.partition(":")[2] if "://" in address else "",
        submission=secrets.token_urlsafe(16),
        details=services().settings.feed_details,
        label_length=LABEL_LENGTH,
        title=gettext("Agendas à partager"),
    )


def _note_read(feed_id: int) -> None:
    now = services().now()

    def work(session: Session) -> None:
        feed = session.get(CalendarFeed, feed_id)
        if feed is not None:
            feed.read_at = now

    in_transaction(services().database, work)
