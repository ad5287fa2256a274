# SPDX-License-Identifier: AGPL-3.0-or-later
"""The CV's page as a counsellor sends it: fields, keys, buttons."""

import json

from stage.html_forms import forms_of


def address(appointment, act=""):
    return f"/rendez-vous/{appointment}/cv{act}"


def token_of(person, appointment):
    page = person.client.get(address(appointment)).text
    return [f.values["csrf_token"] for f in forms_of(page) if "csrf_token" in f.values][
        -1
    ]


def form_of(person, appointment):
    page = person.client.get(address(appointment)).text
    [form] = [each for each in forms_of(page) if "was" in each.values]
    return form.values


def press(person, appointment, act="save", **fields):
    values = form_of(person, appointment) | {"act": act}
    values |= {f"f.{key.replace('__', '.')}": each for key, each in fields.items()}
    return person.client.post(address(appointment), data=values)


def send_key(person, appointment, key, value, revision=0):
    data = {
        "csrf_token": token_of(person, appointment),
        "cle": key,
        "valeur": value,
        "revision": revision,
    }
    return person.client.post(address(appointment, "/champ"), data=data)


def begin(person, appointment):
    person.client.post(
        address(appointment, "/commencer"),
        data={"csrf_token": token_of(person, appointment)},
    )


def preview(person, appointment):
    answer = person.client.post(
        address(appointment, "/apercu"),
        data={"csrf_token": token_of(person, appointment), "partie": "name"},
    )
    return json.loads(answer.text)
