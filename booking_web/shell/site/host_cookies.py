# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cookies that this very host alone can have set, by a prefix that browsers hold to.

Browsers that were let in before have the name without it, at a path: it is read where the other
is not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response

# As long as browsers keep one.
KEPT_SECONDS = 400 * 24 * 3600


@dataclass(frozen=True)
class HostCookie:
    """One of them: its former name, and the pages that it is for."""

    former_name: str
    path: str

    def name(self, *, is_secure: bool) -> str:
        """Name it; the prefix goes with HTTPS alone."""
        return f"__Host-{self.former_name}" if is_secure else self.former_name

    def value_in(self, cookies: Mapping[str, str], *, is_secure: bool) -> str:
        """Give what a browser brings; empty where it brings none."""
        return cookies.get(self.name(is_secure=is_secure)) or cookies.get(
            self.former_name, ""
        )

    def is_former_alone(self, cookies: Mapping[str, str], *, is_secure: bool) -> bool:
        """Tell whether the browser brings the former name and no other."""
        return (
            self.name(is_secure=is_secure) not in cookies
            and self.former_name in cookies
        )

    def give(self, response: Response, value: str, *, is_secure: bool) -> None:
        """Have the browser keep it; the prefix asks for the path of all pages."""
        path = "/" if is_secure else self.path
        self._set(response, self.name(is_secure=is_secure), value, path, is_secure)

    def give_former(self, response: Response, value: str, *, is_secure: bool) -> None:
        """Have it keep the former one besides, for programs that know no other."""
        if is_secure:
            self._set(response, self.former_name, value, self.path, is_secure)

    def take_former(self, response: Response, *, is_secure: bool) -> None:
        """Have the browser forget the former one, where that is not the one in use."""
        if is_secure:
            response.delete_cookie(self.former_name, path=self.path)

    @staticmethod
    def _set(
        response: Response, name: str, value: str, path: str, is_secure: bool
    ) -> None:
        response.set_cookie(
            name,
            value,
            max_age=KEPT_SECONDS,
            path=path,
            secure=is_secure,
            httponly=True,
            samesite="Strict",
        )


# Of a kiosk's second screen, and of a screen on a wall.
KIOSK_COOKIE = HostCookie("borne", "/borne")
WALL_COOKIE = HostCookie("mur", "/mur")
