# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a set and a host may be called."""

import pytest

from stage.hosts.host_set import HostSet, NoSet, check_name, passing_name


@pytest.mark.parametrize("name", ["kiosk", "kiosk-2", "a"])
def test_a_name_that_fits_a_line_is_taken(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["", "Kiosk", "2nd", "../etc", "a.b", "counsellors2"])
def test_any_other_name_is_refused_with_what_may_be_chosen(name: str) -> None:
    with pytest.raises(NoSet, match="ten small letters"):
        check_name(name)


def test_a_set_that_is_not_there_says_how_to_make_it() -> None:
    with pytest.raises(NoSet, match="script/hosts up --set nowhere"):
        HostSet.find("nowhere")


@pytest.mark.parametrize("number", [7, 99_999, 4_194_304])
@pytest.mark.parametrize("what", ["check", "cuts", "faults"])
def test_a_passing_name_is_one_whatever_the_process(what, number, monkeypatch) -> None:
    monkeypatch.setattr("os.getpid", lambda: number)
    check_name(passing_name(what))
