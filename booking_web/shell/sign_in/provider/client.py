# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is asked of an identity provider, and what of its answers is believed.

OpenID Connect Core 1.0, the authorization code flow (3.1), by the rules of ProConnect: the
secret goes in the body of the request for a token, and what is said of the person is signed
(5.3.2). Whatever is not signed by a key of the provider, for this site and this sign-in, is
not believed.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

SCOPE = "openid email"
# A name alone would let the provider's public key pass for a common secret (RFC 8725, 3.1).
ALGORITHMS = ("RS256", "ES256")
# To connect, and between two parts of an answer.
SECONDS = (3.0, 5.0)
LONGEST_BYTES = 256 * 1024
# The provider's addresses and keys are asked for again after so long.
KNOWN_SECONDS = 600.0
CLOCKS_APART_SECONDS = 60
# Of `sub` (OpenID Connect Core 1.0, 2).
LONGEST_SUBJECT = 255


class ProviderAway(Exception):
    """It does not answer, or not in time, or says that it cannot."""


class NotBelieved(Exception):
    """What it answered is not what a provider says of this sign-in; the text says why."""


class Vouched(NamedTuple):
    """Whom the provider names."""

    # Never given to another person by it.
    subject: str
    email: str
    # The token itself, which ends their session there.
    id_token: str


@dataclass(frozen=True)
class Known:
    """Where the provider is asked, and with which keys it signs."""

    addresses: Mapping[str, str]
    keys: KeySet
    until: float


@dataclass(frozen=True)
class Provider:
    """An identity provider, to which this site is `client_id`."""

    issuer: str
    client_id: str
    client_secret: str
    # Where it sends the person back.
    returns_to: str

    def address_to_ask(self, state: str, nonce: str) -> str:
        """Give where the person says who they are; raises ProviderAway or NotBelieved."""
        address, _ = self._session().create_authorization_url(
            self._known().addresses["authorization_endpoint"], state=state, nonce=nonce
        )
        return str(address)

    def address_to_end(self, id_token: str, state: str, returns_to: str) -> str | None:
        """Give where the person's session there is ended; None where it offers no such place.

        OpenID Connect RP-Initiated Logout 1.0, 2. The provider is asked anew: nobody is led
        to one that is away. Raises as above.
        """
        address = self._discovered().get("end_session_endpoint")
        if address is None:
            return None
        if not self._is_address(address):
            raise NotBelieved("its end_session_endpoint is no https address")
        told = {
            "id_token_hint": id_token,
            "state": state,
            "post_logout_redirect_uri": returns_to,
        }
        return str(add_params_to_uri(address, list(told.items())))

    def person_of(self, code: str, nonce: str) -> Vouched:
        """Give who came back with this code; raises as above."""
        try:
            token = self._session().fetch_token(
                self._known().addresses["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                timeout=SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise ProviderAway("no token") from error
        except (AuthlibBaseError, ValueError) as error:
            raise NotBelieved("no token for this code") from error
        id_token = token.get("id_token")
        said = self._claims(id_token, nonce={"value": nonce})
        person = self._person(str(token.get("access_token", "")))
        if person["sub"] != said["sub"]:
            raise NotBelieved("it speaks of somebody else")
        email = person.get("email")
        if not isinstance(email, str) or "@" not in email:
            raise NotBelieved("it says no address")
        if person.get("email_verified") is False:
            raise NotBelieved("it does not know whether the address is theirs")
        return Vouched(_subject(said["sub"]), email, str(id_token))

    def _session(self) -> OAuth2Session:
        return OAuth2Session(
            self.client_id,
            self.client_secret,
            token_endpoint_auth_method="client_secret_post",
            scope=SCOPE,
            redirect_uri=self.returns_to,
        )

    def _person(self, access_token: str) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {access_token}"}
        address = self._known().addresses["userinfo_endpoint"]
        kind, body = _read(address, headers)
        if kind != "application/jwt":
            raise NotBelieved("what it says of the person is not signed")
        return self._claims(body.decode("ascii", "replace"))

    def _claims(self, token: object, **wanted: Any) -> Mapping[str, Any]:
        """Give what a token says, signed by the provider and for this site."""
        if not isinstance(token, str):
            raise NotBelieved("a token is missing")
        try:
            signed = jwt.decode(token, self._known().keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # It may have changed its keys meanwhile.
            signed = self._decoded_anew(token)
        of_sign_in = "nonce" in wanted
        rules: dict[str, Any] = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
            "sub": {"essential": True},
            # What is said of the person may have no end (OpenID Connect Core, 5.3.2).
            "exp": {"essential": of_sign_in},
            **{key: {"essential": True, **rule} for key, rule in wanted.items()},
        }
        registry = jwt.JWTClaimsRegistry(leeway=CLOCKS_APART_SECONDS, **rules)
        try:
            registry.validate(signed.claims)
        except (JoseError, ValueError) as error:
            raise NotBelieved(f"a token is not for this sign-in: {error}") from error
        return signed.claims

    def _decoded_anew(self, token: str) -> jwt.Token:
        _KNOWN.pop(self.issuer, None)
        try:
            return jwt.decode(token, self._known().keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise NotBelieved(f"a token is not signed by it: {error}") from error

    def _known(self) -> Known:
        known = _KNOWN.get(self.issuer)
        if known is None or known.until < time.monotonic():
            known = self._ask_known()
            _KNOWN[self.issuer] = known
        return known

    def _discovered(self) -> dict[str, Any]:
        """Discover it (OpenID Connect Discovery 1.0, 4)."""
        where = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        said = _json(where)
        if said.get("issuer") != self.issuer:
            raise NotBelieved("it names itself otherwise than oidc_issuer")
        return said

    def _is_address(self, address: object) -> bool:
        is_test = not self.issuer.startswith("https://")
        return isinstance(address, str) and (
            address.startswith("https://")
            or (is_test and address.startswith("http://"))
        )

    def _ask_known(self) -> Known:
        """Ask for its places and keys."""
        said = self._discovered()
        addresses = {}
        for name in (
            "authorization_endpoint",
            "token_endpoint",
            "userinfo_endpoint",
            "jwks_uri",
        ):
            address = said.get(name)
            if not self._is_address(address):
                raise NotBelieved(f"its {name} is no https address")
            addresses[name] = str(address)
        try:
            told = cast(KeySetSerialization, _json(addresses["jwks_uri"]))
            keys = KeySet.import_key_set(told)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotBelieved("its keys are none") from error
        return Known(addresses, keys, time.monotonic() + KNOWN_SECONDS)


_KNOWN: dict[str, Known] = {}


def _subject(said: object) -> str:
    if not isinstance(said, str) or not 0 < len(said) <= LONGEST_SUBJECT:
        raise NotBelieved("its name of the person is none")
    return said


def _json(address: str) -> dict[str, Any]:
    _, body = _read(address, {"Accept": "application/json"})
    try:
        found = json.loads(body)
    except ValueError as error:
        raise NotBelieved("it answers no JSON") from error
    if not isinstance(found, dict):
        raise NotBelieved("it answers no JSON object")
    return found


def _read(address: str, headers: Mapping[str, str]) -> tuple[str, bytes]:
    """Give kind and body of an answer, of a bounded length."""
    try:
        with requests.get(
            address,
            headers=dict(headers),
            timeout=SECONDS,
            allow_redirects=False,
            stream=True,
        ) as answer:
            if answer.status_code != requests.codes.ok:
                raise ProviderAway(f"it answers {answer.status_code}")
            body = answer.raw.read(LONGEST_BYTES + 1, decode_content=True)
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    except requests.RequestException as error:
        raise ProviderAway("no answer") from error
    if len(body) > LONGEST_BYTES:
        raise NotBelieved("its answer is too long")
    return kind.lower(), body
