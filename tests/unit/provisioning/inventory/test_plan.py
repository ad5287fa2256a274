# SPDX-License-Identifier: AGPL-3.0-or-later
"""The difference between what exists and what is wanted."""

from hypothesis import given
from hypothesis import strategies as st

from provisioning.inventory.plan import Action, Change, Kind, make_plan, merge

MSA = {"name": "MSA", "abandon_after_seconds": 300}

fields = st.fixed_dictionaries(
    {"name": st.text(max_size=3), "number": st.none() | st.integers(0, 2)}
)
entries = st.dictionaries(st.sampled_from("abcd"), fields)
snapshots = st.dictionaries(st.sampled_from(list(Kind)), entries)


def test_what_is_new_is_added_with_all_its_fields():
    plan = make_plan({}, {Kind.ORGANISATION: {"msa": MSA}})
    added = {"name": (None, "MSA"), "abandon_after_seconds": (None, 300)}
    assert plan.changes == (Change(Action.ADD, Kind.ORGANISATION, "msa", added),)
    assert plan.changes[0].as_text() == (
        '+ organisation msa: name "MSA", abandon_after_seconds 300'
    )


def test_a_change_names_only_the_fields_that_differ():
    plan = make_plan(
        {Kind.ORGANISATION: {"msa": MSA}},
        {Kind.ORGANISATION: {"msa": {**MSA, "abandon_after_seconds": 60}}},
    )
    [change] = plan.changes
    assert change.fields == {"abandon_after_seconds": (300, 60)}
    assert change.as_text() == "~ organisation msa: abandon_after_seconds 300 -> 60"


def test_what_is_not_wanted_stays_and_is_told():
    plan = make_plan({Kind.RELAY: {"guise": {}}, Kind.KIOSK: {"kiosk-guise": {}}}, {})
    assert plan.is_empty
    assert plan.unlisted == ((Kind.KIOSK, "kiosk-guise"), (Kind.RELAY, "guise"))


def test_pruning_removes_dependants_before_what_they_depend_on():
    plan = make_plan(
        {Kind.RELAY: {"guise": {}}, Kind.KIOSK: {"kiosk-guise": {}}}, {}, prune=True
    )
    assert [change.as_text() for change in plan.changes] == [
        "- kiosk kiosk-guise",
        "- relay guise",
    ]
    assert plan.unlisted == ()


def test_additions_come_before_what_refers_to_them():
    wanted = {
        Kind.USER: {"a@b.fr": {"relay": "guise"}},
        Kind.KIOSK: {"kiosk-guise": {"relay": "guise"}},
        Kind.RELAY: {"guise": {}},
    }
    assert [change.kind for change in make_plan({}, wanted).changes] == [
        Kind.RELAY,
        Kind.KIOSK,
        Kind.USER,
    ]


def test_a_removal_and_an_addition_read_well_as_json():
    plan = make_plan({Kind.RELAY: {"a": {}}}, {Kind.RELAY: {"b": {"n": 1}}}, prune=True)
    assert [change.as_json() for change in plan.changes] == [
        {"action": "add", "kind": "relay", "key": "b", "fields": {"n": [None, 1]}},
        {"action": "remove", "kind": "relay", "key": "a", "fields": {}},
    ]


@given(current=snapshots, wanted=snapshots)
def test_a_pruning_plan_carried_out_gives_exactly_what_is_wanted(current, wanted):
    reached = merge(current, make_plan(current, wanted, prune=True))
    assert {kind: found for kind, found in reached.items() if found} == {
        kind: asked for kind, asked in wanted.items() if asked
    }


@given(current=snapshots, wanted=snapshots)
def test_a_plan_carried_out_leaves_nothing_to_plan_and_loses_nothing(current, wanted):
    reached = merge(current, make_plan(current, wanted))
    assert make_plan(reached, wanted).is_empty
    for kind, found in current.items():
        assert found.keys() <= reached[kind].keys()
