# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every setting, command and option is told somewhere: in docs/ or by the command itself."""

import re
from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from pathlib import Path

import click

import device_bridge.settings as bridge_settings
import sip_endpoints.settings as endpoint_settings
from booking_web.base.settings import Settings
from stage.command_lines import command_lines

REPOSITORY = Path(__file__).parents[2]
# What the one table [sip] of a bundle says is written by `guichet-provision`, never by hand.
WRITTEN_BY_PROVISIONING = {"user", "secret", "display_name", "transport"}


@cache
def documentation() -> str:
    """Give all that is written for people who run the programs."""
    files = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
    return "\n".join(file.read_text() for file in files)


def not_told(names: Iterable[str]) -> list[str]:
    """Name what is nowhere between backticks or in an example."""
    return [
        name
        for name in names
        if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", documentation())
    ]


def test_each_setting_of_the_web_application_is_documented() -> None:
    assert not_told(field.name for field in fields(Settings)) == []


def test_each_setting_of_the_endpoints_and_the_bridge_is_documented() -> None:
    names = {field.name for field in fields(bridge_settings.BridgeSettings)}
    for table in (
        endpoint_settings.SipSettings,
        endpoint_settings.MediaSettings,
        endpoint_settings.ControlSettings,
        endpoint_settings.KioskSettings,
        endpoint_settings.CounsellorSettings,
        endpoint_settings.BridgeSettings,
    ):
        names |= {field.name for field in fields(table)}
    assert not_told(sorted(names - WRITTEN_BY_PROVISIONING)) == []


def test_each_command_is_documented() -> None:
    assert not_told(each.words for each in command_lines()) == []


def test_each_option_says_what_it_does() -> None:
    silent = [
        f"{each.words} {option.opts[0]}"
        for each in command_lines()
        for option in each.options
        if not option.help
    ]
    assert silent == []


def test_arguments_come_in_the_order_that_is_documented() -> None:
    documented = {
        words: arguments.split()
        for words, arguments in re.findall(
            r"(?m)^(guichet-counsellor [a-z]+)((?: [A-Z]+)+) +#", documentation()
        )
    }
    taken = {
        each.words: [
            argument.human_readable_name
            for argument in each.command.params
            if isinstance(argument, click.Argument)
        ]
        for each in command_lines()
        if each.words in documented
    }
    assert taken == documented
    assert documented["guichet-counsellor digits"] == ["BUNDLE", "CODE"]
