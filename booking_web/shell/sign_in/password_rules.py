# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which passwords are taken: long ones that nobody guesses from what is known of them here."""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from booking_web.shell.sign_in.known_passwords import is_known

MIN_CHARACTERS = 12
MAX_CHARACTERS = 200
MIN_DIFFERENT_CHARACTERS = 5
# Shorter ones stand in words that have nothing to do with them.
SHORTEST_WORD = 4
# What whoever guesses tries first at a site like this one; told in docs/security.md.
WORDS_OF_THE_PLACE = (
    *("guichet", "virtuel", "mairie", "relais", "borne", "commune", "france"),
    *("services", "rendezvous", "usager", "conseiller", "secretaire"),
    *("administrateur", "admin"),
    *("motdepasse", "password", "bonjour", "bienvenue", "azerty", "qwerty"),
    *("123456789", "12345678", "1234567", "123456", "12345", "1234"),
)


class Weakness(StrEnum):
    """Why a password is not taken."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_PLAIN = "too_plain"
    KNOWN = "known"
    WORDS_OF_HERE = "words_of_here"


class Refusal(NamedTuple):
    """Why it is not taken, and which known words it is made of, where that is why."""

    weakness: Weakness
    words: tuple[str, ...] = ()


def refusal_of(password: str, names: Iterable[str]) -> Refusal | None:
    """Tell what is wrong with it, if anything.

    `names` are the person's, and those of the site's relays and organisations: their words
    do not count towards the characters that it must have.
    """
    if len(password) < MIN_CHARACTERS:
        return Refusal(Weakness.TOO_SHORT)
    if len(password) > MAX_CHARACTERS:
        return Refusal(Weakness.TOO_LONG)
    if len(set(password)) < MIN_DIFFERENT_CHARACTERS:
        return Refusal(Weakness.TOO_PLAIN)
    found = _words_in(_letters(password), _words_of(names))
    if len(password) - sum(map(len, found)) < MIN_CHARACTERS and found:
        return Refusal(Weakness.WORDS_OF_HERE, tuple(dict.fromkeys(found)))
    if is_known(password):
        return Refusal(Weakness.KNOWN)
    return None


def _words_of(names: Iterable[str]) -> list[str]:
    """Give every known word, the longest first."""
    words = set(WORDS_OF_THE_PLACE)
    for name in names:
        words.update(map(_letters, (name, *re.split(r"[\W_]+", name))))
    long = (each for each in words if len(each) >= SHORTEST_WORD)
    return sorted(long, key=lambda each: (-len(each), each))


def _words_in(letters: str, known: Iterable[str]) -> list[str]:
    """Give the known words that it has, each as often as it has it."""
    found = []
    for word in known:
        found += [word] * letters.count(word)
        # What stood around a word is no word of its own.
        letters = letters.replace(word, "\n")
    return found


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())
