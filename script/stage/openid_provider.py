# SPDX-License-Identifier: AGPL-3.0-or-later
"""An identity provider on the loopback (OpenID Connect), which also lies, where a test has it."""

import secrets
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask, Response, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Response as WsgiResponse

CLIENT, SECRET = "guichet", "a common secret"
SECONDS = 300


# Made once: it takes a while.
_FIRST_KEY = RSAKey.generate_key(2048, {"kid": "1"})


class OpenidProvider:
    """Names whoever comes as `email`, by `subject`.

    `lie` may change each answer, by its name, before it goes.
    """

    def __init__(self) -> None:
        self.email = ""
        self.subject = "person-1"
        # For whom each session was ended, by the token that was shown again.
        self.ended: list[str] = []
        self.lie: Callable[[str, dict[str, Any]], dict[str, Any] | None] = (
            lambda _what, said: said
        )
        self.algorithm = "RS256"
        self.pause_seconds = 0.0
        # What signs; `change_key` takes another.
        self._key = _FIRST_KEY
        self._nonces: dict[str, str] = {}
        self.forms: list[dict[str, str]] = []
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "OpenidProvider":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def change_key(self) -> None:
        """Sign with another key from now on."""
        self._key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})

    def ask(self, address: str) -> dict[str, str]:
        """Stand for the person who says who they are there; give what they come back with."""
        asked = {
            key: value for key, [value] in parse_qs(urlsplit(address).query).items()
        }
        code = secrets.token_urlsafe(16)
        self._nonces[code] = asked["nonce"]
        return {"code": code, "state": asked["state"]}

    def sign(self, what: str, said: dict[str, Any]) -> str | None:
        """Sign what it says, unless the lie leaves nothing of it."""
        changed = self.lie(what, said)
        if changed is None:
            return None
        header = {"alg": self.algorithm, "kid": str(self._key.kid)}
        return jwt.encode(header, changed, self._key)

    def _app(self) -> Flask:
        app = Flask("openid_provider")

        @app.get("/.well-known/openid-configuration")
        def discovery() -> Response:
            said = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/jwks",
                "end_session_endpoint": f"{self.issuer}/end?here=1",
            }
            return jsonify(self.lie("discovery", said))

        @app.get("/jwks")
        def keys() -> Response:
            public = KeySet([self._key]).as_dict(private=False)
            return jsonify(self.lie("jwks", dict(public)))

        @app.get("/authorize")
        def authorize() -> WsgiResponse:
            back = self.ask(request.url)
            return redirect(f"{request.args['redirect_uri']}?{urlencode(back)}", 303)

        @app.post("/token")
        def token() -> tuple[Response, int] | Response:
            time.sleep(self.pause_seconds)
            self.forms.append(dict(request.form))
            nonce = self._nonces.pop(request.form.get("code", ""), None)
            if nonce is None or request.form.get("client_secret") != SECRET:
                return jsonify(error="invalid_grant"), 400
            now = int(time.time())
            said: dict[str, Any] = {"iss": self.issuer, "aud": CLIENT}
            said |= {"sub": self.subject}
            said |= {"iat": now, "exp": now + SECONDS, "nonce": nonce}
            answer = {"access_token": "t", "token_type": "Bearer", "expires_in": 60}
            return jsonify(answer | {"id_token": self.sign("id_token", said)})

        @app.get("/userinfo")
        def userinfo() -> Response:
            said = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject}
            said |= {"email": self.email}
            signed = self.sign("userinfo", said)
            if signed is None:
                return jsonify(said)
            return Response(signed, mimetype="application/jwt")

        @app.get("/end")
        def end() -> WsgiResponse:
            token = jwt.decode(request.args["id_token_hint"], self._key)
            self.ended.append(str(token.claims["sub"]))
            back = request.args["post_logout_redirect_uri"]
            return redirect(f"{back}?state={request.args['state']}", 303)

        @app.errorhandler(500)
        def away(_error: Exception) -> tuple[str, int]:
            return "", 500

        @app.before_request
        def lies() -> None:
            if self.lie("status", {}) is None:
                abort(500)

        return app
