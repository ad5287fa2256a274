# SPDX-License-Identifier: AGPL-3.0-or-later
"""A person at the web pages, without JavaScript: signs in, reads pages, sends forms."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from stage.html_forms import Form, forms_of
from stage.waiting import PATIENCE

REQUEST_SECONDS = 20 * PATIENCE
# The server ends a connection that lay idle for some seconds, perhaps while a request is on its
# way: as a browser does, a page is then asked for anew, a form never.
STALE_CONNECTION = Retry(
    total=None, connect=0, read=1, status=0, other=0, allowed_methods=["GET"]
)


class PageRefused(Exception):
    """The page did not do what the person asked."""


class WebBrowser:
    """One browser of one person; a context manager."""

    def __init__(self, url: str, authority: str | bool = True) -> None:
        self.url = url
        self.session = requests.Session()
        # The file of who vouches for the pages, where it is nobody whom all browsers know.
        self.session.verify = authority
        # A variable of the environment would be believed before it.
        self.session.trust_env = authority is True
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=STALE_CONNECTION))

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the form; raises PageRefused."""
        page = self.get("/connexion")
        form = form_with(page, lambda form: "password" in form.values, "password")
        form.values |= {"email": email, "password": password}
        answer = self.send(page, form)
        if not answer.is_redirect:
            raise PageRefused(f"sign-in refused with {answer.status_code}")

    def get(self, path: str) -> requests.Response:
        """Read a page; raises PageRefused."""
        answer = self.session.get(self.url + path, timeout=REQUEST_SECONDS)
        if answer.status_code != 200:
            raise PageRefused(f"{path} answered {answer.status_code}")
        return answer

    def send(
        self,
        page: requests.Response,
        form: Form,
        files: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        """Send a form of a page; give the answer, without following it."""
        return self.session.post(
            urljoin(page.url, form.action),
            data=(
                {name: v for name, v in form.values.items() if name not in files}
                if files
                else form.values
            ),
            files=files,
            headers={"Referer": page.url},
            timeout=REQUEST_SECONDS,
            allow_redirects=False,
        )

    def close(self) -> None:
        """Leave."""
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def form_with(
    page: requests.Response, is_wanted: Callable[[Form], bool], what: str
) -> Form:
    """Give the first such form of the page; raises PageRefused."""
    for form in forms_of(page.text):
        if is_wanted(form):
            return form
    raise PageRefused(f"{page.url} has no form for {what}")
