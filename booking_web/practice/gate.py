# SPDX-License-Identifier: AGPL-3.0-or-later
"""The way in: one prefix of the site's addresses leads to the practice, and nothing else does.

Which of the two a page, a form or a link belongs to so stands in its address: two tabs are
never mixed, and no request can reach both databases.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from booking_web.domain.rights.web_sessions import SignedIn, is_alive, note_seen
from booking_web.practice.application import close_practice, create_practice
from booking_web.practice.trainees import TRAINEE, Trainee
from booking_web.practice.worlds import World, Worlds
from booking_web.shell.practising import PREFIX, offer_practice
from booking_web.shell.services import services_of
from booking_web.shell.sign_in.session_cookie import session_key_of
from booking_web.shell.site.security_headers import headers_of_every_answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = structlog.get_logger(__name__)

# So many people practise at once before the application of the first is made anew.
APPLICATIONS_KEPT = 8
SWEPT_AGAIN_AFTER_SECONDS = 600.0


class PracticeGate:
    """A WSGI application: the site, and below PREFIX the worlds in `folder`.

    The folder is made when somebody first practises; several processes may share it.
    """

    def __init__(
        self,
        site: Flask,
        folder: Path,
        now: Callable[[], datetime],
    ) -> None:
        self.site = site
        self.worlds = Worlds(folder, now)
        self._now = now
        self._made: OrderedDict[str, Flask] = OrderedDict()
        self._lock = threading.Lock()
        self._sweep_at = 0.0
        offer_practice(site)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request, by the one or the other."""
        self._sweep_when_due()
        path = environ.get("PATH_INFO", "")
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            return self.site.wsgi_app(environ, start_response)
        person = self._person(Request(environ))
        if person is None:
            return self._refused(Request(environ))(environ, start_response)
        world = self.worlds.world_of(person.id)
        reset = partial(self.worlds.reset, person.id)
        application = self._application_of(world)
        return application(
            {
                **environ,
                "SCRIPT_NAME": f"{environ.get('SCRIPT_NAME', '')}{PREFIX}",
                "PATH_INFO": path.removeprefix(PREFIX) or "/",
                TRAINEE: Trainee(person.role, world, reset),
            },
            start_response,
        )

    def close(self) -> None:
        """Leave every database of the practice."""
        with self._lock:
            while self._made:
                close_practice(self._made.popitem()[1])

    def _person(self, request: Request) -> SignedIn | None:
        """Give who is signed in to the site; what they may do there is not asked."""
        config = self.site.config
        cookie = request.cookies.get(config["SESSION_COOKIE_NAME"], "")
        key = session_key_of(cookie, config["SECRET_KEY"])
        if key is None:
            return None
        database = services_of(self.site).database
        person = is_alive(database, key)
        if person is None or person.owes_second_factor:
            return None
        try:
            note_seen(database, person)
        except OperationalError:
            logger.warning("use of a session not noted")
        return person

    def _refused(self, request: Request) -> Response:
        if request.method == "GET":
            answer = redirect(f"/connexion?next={quote(request.path)}", 303)
        else:
            answer = Response(status=401)
        is_https = self.site.config["SESSION_COOKIE_SECURE"]
        answer.headers.extend(headers_of_every_answer(is_https))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _application_of(self, world: World) -> "WSGIApplication":
        with self._lock:
            found = self._made.get(world.stamp)
            if found is None:
                settings = services_of(self.site).settings
                found = create_practice(world, settings, now=self._now)
                self._made[world.stamp] = found
            self._made.move_to_end(world.stamp)
            while len(self._made) > APPLICATIONS_KEPT:
                close_practice(self._made.popitem(last=False)[1])
        return found

    def _sweep_when_due(self) -> None:
        """Wipe what is of yesterday, whoever comes: a kiosk's screen does all day."""
        if time.monotonic() < self._sweep_at:
            return
        self._sweep_at = time.monotonic() + SWEPT_AGAIN_AFTER_SECONDS
        self.worlds.sweep()
