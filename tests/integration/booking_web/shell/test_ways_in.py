# SPDX-License-Identifier: AGPL-3.0-or-later
"""The ways in: which there are, that there are no others, and where they lead."""

import base64
import re
from pathlib import Path

import pytest
from flask_login.utils import encode_cookie

import booking_web
from booking_web.shell.sign_in.session_cookie import KEY, session_key_of

SECRETARY = "mairie@wassigny.example"
COUNSELLOR = "conseiller@msa.example"
MANAGER = "responsable@msa.example"
SUPERVISOR = "supervision@guichet.example"
OFFICER = "rgpd@guichet.example"
ADMINISTRATOR = "admin@guichet.example"

OWN_PAGES = {
    SECRETARY: "/bureau",
    COUNSELLOR: "/rendez-vous",
    MANAGER: "/organisme/heures",
    SUPERVISOR: "/statistiques",
    OFFICER: "/journal",
    ADMINISTRATOR: "/administration",
}
# Who may open another role's first page too stays there.
ALSO = {(SECRETARY, "/rendez-vous")}
PRINTED = ("/", "/bureau", "/rendez-vous", "/organisme/heures")

# Per module, what it reads of a request that could tell who is asking.
READERS = {
    # The sign-in's name and password.
    "shell/sign_in/pages.py": {"session"},
    # Between the password and the code of a telephone, in the same cookie.
    "shell/sign_in/half_session.py": {"session"},
    # Ours, as we ask an identity provider who came back.
    "shell/sign_in/provider/client.py": {"Authorization"},
    # A kiosk's and a client's token, in the header alone.
    "api/kiosk/access.py": {"Authorization"},
    "api/public/access.py": {"Authorization"},
    # Prometheus's token, which opens figures alone.
    "api/metrics/views.py": {"Authorization"},
    # The kiosk's second screen.
    "shell/sign_in/kiosk_enrolment.py": {"cookies"},
    # A guest's page in one call.
    "pages/guest/cookie.py": {"cookies"},
    # A screen on a wall, which shows figures.
    "pages/oversight/wall/cookie.py": {"cookies"},
    # The reader's language, which opens nothing.
    "shell/languages.py": {"cookies"},
    # The practice: its gate asks the site who has come in, and there is no other sign-in.
    "practice/gate.py": {"cookies"},
    "practice/trainees.py": {"token"},
    # What was typed while the sign-in ran out.
    "shell/forms/kept_form.py": {"session"},
}
CREDENTIALS = {
    "Authorization": r"[\"']Authorization[\"']|request\.authorization",
    "cookies": r"request\.cookies",
    "session": r"(?<!\w)session\.(?:get\(KEY|pop\(_KEY)|_KEY in session",
    "jeton": r"[\"']jeton[\"']",
    "token": r"auth_token|Authentication-Token|request_loader|header_loader|remember=",
}


def test_nobody_is_led_to_the_text_of_a_request() -> None:
    """`own_page` is asked: it writes the address of the route that the text matches."""
    sources = Path(booking_web.__file__).parent
    leading = re.compile(
        r"redirect\(\s*(?!url_for)[^)]*request\.(?!root_path|endpoint)\w+"
    )
    # By way of `landing`, and quoted for it.
    named = {"pages/counsellor/duty.py", "practice/gate.py"}
    found = {
        str(file.relative_to(sources))
        for file in sources.rglob("*.py")
        if leading.search(file.read_text())
    }
    assert found == named


def session_key(client, app) -> str:
    """Give the key that the browser's cookie names."""
    cookie = client.get_cookie("guichet").value
    return session_key_of(cookie, app.config["SECRET_KEY"])


@pytest.mark.parametrize("as_json", [False, True])
def test_a_sign_in_gives_nothing_but_the_cookie(app, visitor, ground, as_json) -> None:
    page = visitor.client.get("/connexion")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    values = {"email": SECRETARY, "password": ground.passwords[SECRETARY]}
    answer = visitor.client.post(
        "/connexion?include_auth_token=1",
        headers={"Accept": "application/json", "X-CSRFToken": token},
        **({"json": values} if as_json else {"data": values}),
    )
    told = answer.get_json(silent=True) or {}
    token = told.get("response", {}).get("user", {}).get("authentication_token", "none")
    stranger = app.test_client()
    assert stranger.get(f"/bureau?auth_token={token}").status_code == 303
    headers = {"Authentication-Token": token}
    assert stranger.get("/bureau", headers=headers).status_code == 303
    assert told == {}
    assert [
        each.partition("=")[0] for each in answer.headers.getlist("Set-Cookie")
    ] in (
        [],
        ["guichet"],
    )


def test_no_secret_in_an_address_opens_a_page(desk, app, ground) -> None:
    key = session_key(desk.client, app)
    cookie = desk.client.get_cookie("guichet").value
    assert desk.client.get("/bureau").status_code == 200
    password = ground.passwords[SECRETARY]
    basic = base64.b64encode(f"{SECRETARY}:{password}".encode()).decode()
    stranger = app.test_client()
    for secret in (key, cookie, password, ground.kiosk_tokens["kiosk-wassigny"]):
        for name in ("auth_token", "token", "jeton", "session", "guichet", KEY):
            answer = stranger.get("/bureau", query_string={name: secret})
            assert answer.status_code == 303, name
        for header in ("Authorization", "Authentication-Token", "X-Auth-Token"):
            for value in (secret, f"Bearer {secret}", f"Basic {basic}"):
                answer = stranger.get("/bureau", headers={header: value})
                assert answer.status_code == 303, header


def test_a_cookie_that_remembers_opens_nothing(desk, app) -> None:
    with app.app_context():
        remembered = encode_cookie(session_key(desk.client, app))
    stranger = app.test_client()
    stranger.set_cookie("remember_token", remembered)
    assert stranger.get("/bureau").status_code == 303


def test_the_sign_in_library_knows_the_session_alone(app) -> None:
    manager = app.login_manager
    assert manager._request_callback is None
    assert manager._header_callback is None
    assert "security" not in app.blueprints
    assert "security" not in app.extensions


@pytest.mark.parametrize(
    "address",
    ["/verify", "/login", "/logout", "/change", "/reset", "/register", "/tf-setup"],
)
def test_no_door_of_a_library_is_left_open(visitor, address) -> None:
    assert visitor.client.get(address).status_code == 404
    assert visitor.client.get(f"/connexion{address}").status_code == 404


def test_every_reader_of_a_credential_is_listed() -> None:
    root = Path(booking_web.__file__).parent
    found: dict[str, set[str]] = {}
    for path in root.rglob("*.py"):
        text = path.read_text()
        kinds = {kind for kind, each in CREDENTIALS.items() if re.search(each, text)}
        if kinds:
            found[path.relative_to(root).as_posix()] = kinds
    assert found == READERS


@pytest.mark.parametrize("address", PRINTED)
@pytest.mark.parametrize("person", OWN_PAGES)
def test_each_role_lands_on_its_own_page_from_the_printed_address(
    visitor, ground, person, address
) -> None:
    wanted = address if (person, address) in ALSO else OWN_PAGES[person]
    page = visitor.client.get(address, follow_redirects=True)
    [action] = re.findall(r'action="(/connexion[^"]*)"', page.text)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    landed = visitor.client.post(
        action.replace("&amp;", "&"),
        data={
            "csrf_token": token,
            "email": person,
            "password": ground.passwords[person],
        },
        follow_redirects=True,
    )
    assert landed.status_code == 200
    assert landed.request.path == wanted
    # The next morning the browser still knows the person.
    again = visitor.client.get(address, follow_redirects=True)
    assert (again.status_code, again.request.path) == (200, wanted)


@pytest.mark.parametrize(
    ("person", "wanted", "landed"),
    [
        (SECRETARY, "/bureau?jour=2026-11-25", "/bureau?jour=2026-11-25"),
        (COUNSELLOR, "/bureau?jour=2026-11-25", "/rendez-vous"),
        (COUNSELLOR, "/bureau/rendez-vous/1/deplacer", "/rendez-vous"),
        (COUNSELLOR, "/rendez-vous/1", "/rendez-vous/1"),
        (COUNSELLOR, "/rendez-vous/1/cv", "/rendez-vous/1/cv"),
        (COUNSELLOR, "/mon-compte", "/mon-compte"),
        (MANAGER, "/mot-de-passe", "/mot-de-passe"),
        # Somebody else's link would have one choose somebody else's password.
        (MANAGER, "/mot-de-passe/somebodys-link", "/organisme/heures"),
        (MANAGER, "/organisme/import", "/organisme/import"),
        (SECRETARY, "/no/such/page", "/bureau"),
        (SECRETARY, "/deconnexion", "/bureau"),
        (SECRETARY, "//elsewhere.example/bureau", "/bureau"),
        (SECRETARY, "https://elsewhere.example/bureau", "/bureau"),
        (SECRETARY, r"/\elsewhere.example/bureau", "/bureau"),
        # Browsers drop tabs and ends of lines wherever they stand.
        (SECRETARY, "/\t/elsewhere.example/bureau", "/bureau"),
        (SECRETARY, "/\r\n/elsewhere.example/bureau", "/bureau"),
        (SECRETARY, "\t//elsewhere.example/bureau", "/bureau"),
        # What is led to is written anew: nothing of it is a header, or another address.
        (SECRETARY, "/bureau?jour=2026-11-25\r\nX: 1", "/bureau"),
        (SECRETARY, "/bureau?jour=1%0d%0aX:1", "/bureau?jour=1%0D%0AX%3A1"),
        (SECRETARY, "/bureau?a&b=é#rendez-vous-1", "/bureau?a=&b=%C3%A9#rendez-vous-1"),
        (SECRETARY, "/./bureau", "/bureau"),
        (SECRETARY, "/bureau/../../elsewhere.example", "/bureau"),
        (SECRETARY, "", "/bureau"),
    ],
)
def test_a_sign_in_leads_to_the_page_asked_for_if_the_role_may_open_it(
    visitor, ground, person, wanted, landed
) -> None:
    page = visitor.client.get("/connexion")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    answer = visitor.client.post(
        "/connexion",
        query_string={"next": wanted},
        data={
            "csrf_token": token,
            "email": person,
            "password": ground.passwords[person],
        },
    )
    assert (answer.status_code, answer.location) == (302, landed)
