# SPDX-License-Identifier: AGPL-3.0-or-later
"""The desk's page: what it may do that no other page may, and which pages its frame may hold."""

import re

import pytest
from sqlalchemy import select

from booking_web.shell.site.security_headers import FRAMED_PATHS
from provisioning.database.models import Counsellor, User

DESK = "/bureau/appels"
MSA = "conseiller@msa.example"
NO_DEVICE = "camera=(), microphone=(), geolocation=()"


def directives(answer):
    """Give the policy of an answer by the names of its directives."""
    policy = answer.headers["Content-Security-Policy"]
    return dict(each.split(" ", 1) for each in policy.split("; "))


def plain_addresses(app):
    """List the addresses of all pages that take no value."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.arguments
    )


def is_framed(path):
    return any(path == each or path.startswith(f"{each}/") for each in FRAMED_PATHS)


def test_camera_and_microphone_are_the_desks_alone(app, counsellor):
    for path in plain_addresses(app):
        with counsellor.client.get(path) as answer:
            wanted = NO_DEVICE
            if path == DESK:
                wanted = "camera=(self), microphone=(self), geolocation=()"
            assert answer.headers["Permissions-Policy"] == wanted, path


def test_only_what_stands_in_the_desks_frame_may_be_framed_and_by_us_alone(
    app, counsellor
):
    paths = [*plain_addresses(app), "/rendez-vous/999999", "/rendez-vousx", "/nowhere"]
    framed = []
    for path in paths:
        with counsellor.client.get(path) as answer:
            ancestors = directives(answer)["frame-ancestors"]
        assert ancestors == ("'self'" if is_framed(path) else "'none'"), path
        framed += [path] if is_framed(path) else []
    assert {"/rendez-vous", "/rendez-vous/999999", "/connexion"} <= set(framed)


def test_the_desk_frames_our_pages_and_is_else_as_strict_as_any(counsellor):
    desk = directives(counsellor.client.get(DESK))
    assert desk.pop("frame-src") == "'self'"
    assert desk == directives(counsellor.client.get("/nowhere"))


def test_the_desk_has_no_script_or_style_of_its_own(counsellor):
    page = counsellor.client.get(DESK).text
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)


@pytest.mark.parametrize(
    "email", ["mairie@wassigny.example", "responsable@msa.example"]
)
def test_nobody_else_has_such_a_desk(visitor, email):
    assert visitor.sign_in(email).status_code == 302
    assert visitor.client.get(DESK).status_code == 403


def test_whoever_telephones_in_the_browser_is_led_there_and_not_from_within(
    counsellor, database
):
    link = f'href="{DESK}"'
    assert link not in counsellor.client.get("/rendez-vous").text
    with database.write() as session:
        user = session.scalars(select(User).where(User.email == MSA)).one()
        telephone = session.scalars(
            select(Counsellor).where(Counsellor.slug == "counsellor-msa-1")
        ).one()
        telephone.browser = True
        user.counsellor_id = telephone.id
    assert link in counsellor.client.get("/rendez-vous").text
    framed = counsellor.client.get("/rendez-vous", headers={"Sec-Fetch-Dest": "iframe"})
    assert link not in framed.text
