# SPDX-License-Identifier: AGPL-3.0-or-later
"""Headers that tell the browser what a page of ours may never do."""

from flask import Flask, Response, request

# Everything is served by us: no nonce is needed because no page has an inline script.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # Bootstrap's own style sheet draws its small pictograms from data: addresses.
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        # The one line of all open pages of a browser.
        "worker-src 'self'",
        # The bell of a call for help.
        "media-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# Of a kiosk's screen alone: it hears the captions that its own machine makes, on the loopback.
WITH_LOOPBACK = CONTENT_SECURITY_POLICY.replace(
    "connect-src 'self'", "connect-src 'self' http://127.0.0.1:*"
)

# Of the counsellor's desk alone: its frame holds the counsellor's other pages, and its telephone
# speaks to the site itself by a WebSocket, which is 'self' as well (CSP 3).
WITH_CALL = CONTENT_SECURITY_POLICY + "; frame-src 'self'"
WITH_OWN_MEDIA = "camera=(self), microphone=(self), geolocation=()"

# What may stand in that frame: a counsellor's pages, and those at which one signs in again.
IN_OUR_FRAME = CONTENT_SECURITY_POLICY.replace(
    "frame-ancestors 'none'", "frame-ancestors 'self'"
)
FRAMED_PATHS = (
    "/rendez-vous",
    "/ma-photo",
    "/connexion",
    "/mot-de-passe",
    "/mon-compte",
)


# What is nobody's, and has another address when it is another: browsers may keep it.
KEPT_BY_BROWSERS = frozenset({"static", "territory.show"})


def headers_of_every_answer(is_https: bool) -> dict[str, str]:
    """Give the headers that pages, scripts and pictures alike are sent with."""
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def set_up_security_headers(app: Flask, *, is_https: bool) -> None:
    """Add the headers to every answer of the application."""
    of_every_answer = headers_of_every_answer(is_https)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        if f"{request.path}/".startswith(tuple(f"{path}/" for path in FRAMED_PATHS)):
            headers.setdefault("Content-Security-Policy", IN_OUR_FRAME)
        for name, value in of_every_answer.items():
            headers.setdefault(name, value)
        if request.endpoint not in KEPT_BY_BROWSERS or response.status_code >= 400:
            # A resident's name must not stay in the cache of a shared computer.
            headers["Cache-Control"] = "no-store"
        return response
