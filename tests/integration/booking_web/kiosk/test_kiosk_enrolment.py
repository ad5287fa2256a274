# SPDX-License-Identifier: AGPL-3.0-or-later
"""A browser becomes a kiosk's second screen by a code, once; its secret opens nothing else."""

import html
import json
import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from provisioning.cli import main as guichet_provision
from tests.integration.booking_web.conftest import Ground, form_with

WASSIGNY, GUISE = "kiosk-wassigny", "kiosk-guise"
REFUSED = "Ce code n'est pas le bon, a déjà servi ou n'est plus valable."
IDLE = "Bienvenue au guichet virtuel."
CALL = "/api/kiosk/v1/call"


def provision(ground: Ground, *arguments: str) -> str:
    result = CliRunner().invoke(
        guichet_provision, ["--database-url", ground.url, *arguments]
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def bring(client, code: str):
    """Send the form as a person would who types this code."""
    form = form_with(client.get("/borne/rattacher").text, "code")
    return client.post(form.action, data=form.values | {"code": code})


def secret_of(client) -> str:
    cookie = client.get_cookie("borne", path="/borne")
    return cookie.value if cookie else ""


def test_a_code_makes_a_browser_the_screen_of_its_kiosk(app, ground) -> None:
    client = app.test_client()
    assert client.get("/borne").location == "/borne/rattacher"
    answer = bring(client, ground.screen_code(WASSIGNY))
    assert (answer.status_code, answer.location) == (303, "/borne")
    cookie = answer.headers["Set-Cookie"]
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/borne"):
        assert attribute in cookie
    page = client.get("/borne").text
    assert IDLE in page and "Relais de Wassigny" in page


def test_the_screens_secret_opens_no_api_and_the_api_token_no_screen(
    app, ground
) -> None:
    screen, bridge = app.test_client(), app.test_client()
    ground.let_in(screen, WASSIGNY)
    secret, token = secret_of(screen), ground.kiosk_tokens[WASSIGNY]
    assert secret and secret != token
    answer = bridge.get(CALL, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
    answer = bridge.get(CALL, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    bridge.set_cookie("borne", token, path="/borne")
    assert bridge.get("/borne/changements").status_code == 403
    assert bridge.post("/borne/aide").status_code == 403


def test_a_screen_that_was_let_in_before_the_prefix_stays_in_and_gets_it(
    new_app, ground
) -> None:
    site = "https://guichet.example"
    client = new_app(ground, secure_cookies=True).test_client()
    page = client.get("/borne/rattacher", base_url=site).text
    form = form_with(page, "code")
    answer = client.post(
        form.action,
        data=form.values | {"code": ground.screen_code(WASSIGNY)},
        base_url=site,
        headers={"Referer": f"{site}/borne/rattacher"},
    )
    # Programs of a kiosk that are older keep the other one alone.
    given = [each.partition("=")[0] for each in answer.headers.getlist("Set-Cookie")]
    assert {"borne", "__Host-borne"} <= set(given)
    host = "guichet.example"
    secret = client.get_cookie("__Host-borne", host).value
    client.delete_cookie("__Host-borne", domain=host)
    assert client.get("/borne/changements", base_url=site).status_code == 200
    answer = client.get("/borne", base_url=site)
    assert IDLE in answer.text
    [renewed] = answer.headers.getlist("Set-Cookie")
    assert renewed.startswith(f"__Host-borne={secret};")
    for attribute in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert f"{attribute};" in f"{renewed};"
    client.set_cookie("borne", "another's", path="/borne", domain=host)
    assert IDLE in client.get("/borne", base_url=site).text


def test_a_used_code_is_refused_in_plain_words(app, ground) -> None:
    code = ground.screen_code(WASSIGNY)
    first, second = app.test_client(), app.test_client()
    assert bring(first, code).status_code == 303
    answer = bring(second, code)
    assert answer.status_code == 403
    assert REFUSED in html.unescape(answer.text)
    assert secret_of(second) == ""
    assert second.get("/borne/changements").status_code == 403
    # Whoever came with it first is not disturbed.
    assert IDLE in first.get("/borne").text


@pytest.mark.parametrize("code", ["guess", "é" * 20, "x" * 500, "-", "' OR 1=1 --"])
def test_a_guessed_code_opens_nothing(app, ground, code) -> None:
    ground.screen_code(WASSIGNY)
    client = app.test_client()
    answer = bring(client, code)
    assert answer.status_code == 403 and REFUSED in html.unescape(answer.text)
    assert client.get("/borne/changements").status_code == 403


def test_a_code_that_ran_out_is_refused(new_app, ground) -> None:
    code = ground.screen_code(WASSIGNY)
    later = datetime.now(UTC) + timedelta(days=7, minutes=1)
    answer = bring(new_app(ground, now=lambda: later).test_client(), code)
    assert answer.status_code == 403 and REFUSED in html.unescape(answer.text)


def test_how_a_code_is_typed_makes_no_difference(app, ground) -> None:
    code = ground.screen_code(GUISE)
    client = app.test_client()
    typed = f"  {code.upper().replace('-', ' ')} "
    assert bring(client, typed).status_code == 303
    assert "Relais de Guise" in client.get("/borne").text


def test_who_was_the_screen_before_is_it_no_more(app, ground) -> None:
    before, after = app.test_client(), app.test_client()
    ground.let_in(before, WASSIGNY)
    ground.let_in(after, WASSIGNY)
    assert before.get("/borne/changements").status_code == 403
    assert before.get("/borne").location == "/borne/rattacher"
    assert IDLE in after.get("/borne").text


def test_an_address_that_is_only_looked_at_uses_no_code_up(app, ground) -> None:
    address = ground.screen_address(WASSIGNY)
    stranger = app.test_client()
    assert stranger.head(address).status_code == 200
    assert stranger.get(address).status_code == 200
    assert secret_of(stranger) == ""
    form = form_with(app.test_client().get(address).text, "code")
    client = app.test_client()
    token = form_with(client.get(address).text, "code").values["csrf_token"]
    answer = client.post(form.action, data=form.values | {"csrf_token": token})
    assert answer.status_code == 303
    # At its next start the kiosk's browser opens the same address.
    assert client.get(address).location == "/borne"


def test_of_two_who_bring_one_code_at_once_one_gets_in(new_app, either_ground) -> None:
    code = either_ground.screen_code(WASSIGNY)
    app = new_app(either_ground)
    with ThreadPoolExecutor(4) as threads:
        answers = list(
            threads.map(lambda _: bring(app.test_client(), code).status_code, range(4))
        )
    assert sorted(answers) == [303, 403, 403, 403]


def test_the_bundle_of_a_new_kiosk_brings_a_code_and_a_renewed_one_another(
    new_app, ground, tmp_path
) -> None:
    web = ("--sip-server", "sip.example", "--web-url", "https://guichet.example")
    provision(
        ground,
        *("add-kiosk", "kiosk-wassigny-2", "--relay", "wassigny"),
        *("--secrets-dir", str(tmp_path), *web),
    )
    bundle = tmp_path / "kiosk-wassigny-2.toml"

    def address() -> str:
        told: str = tomllib.loads(bundle.read_text())["kiosk"]["screen_url"]
        return told.removeprefix("https://guichet.example")

    first, app = address(), new_app(ground)
    client = app.test_client()
    form = form_with(client.get(first).text, "code")
    assert client.post(form.action, data=form.values).status_code == 303
    provision(ground, "rotate-secret", "kiosk-wassigny-2", "--bundle", str(bundle))
    assert address() != first
    # Whoever has the old bundle is out, on the screen as well.
    assert client.get("/borne/changements").status_code == 403
    form = form_with(client.get(address()).text, "code")
    assert client.post(form.action, data=form.values).status_code == 303


def test_an_administrator_gets_a_code_by_a_command(app, ground) -> None:
    told = provision(
        ground, "let-in-screen", WASSIGNY, "--web-url", "https://g.example", "--json"
    )
    answer = json.loads(told)
    assert answer["address"] == (
        f"https://g.example/borne/rattacher?code={answer['code']}"
    )
    assert bring(app.test_client(), answer["code"]).status_code == 303


@pytest.mark.parametrize("wish", ["en", "en-GB,en;q=0.9", "de"])
def test_a_kiosk_speaks_french_whatever_its_browser_wishes(app, ground, wish) -> None:
    client = app.test_client()
    headers = {"Accept-Language": wish}
    page = client.get("/borne/rattacher", headers=headers).text
    assert '<html lang="fr">' in page and "Rattacher" in page
    ground.let_in(client, WASSIGNY)
    page = client.get("/borne", headers=headers).text
    assert '<html lang="fr">' in page and IDLE in page
