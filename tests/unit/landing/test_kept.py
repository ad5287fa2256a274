# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is kept of runs, by the tree that was run."""

import json
import os
import time
from pathlib import Path

from landing.kept import KEPT_SECONDS, keep_failed, keep_passed, told_of_before
from landing.tree import tree_of
from tests.unit.landing.conftest import Checkout

RUN = {"began": "2026-11-30 22:54 UTC", "seconds": 1500, "steps": []}


def before(cache: Path, folder: Path) -> list[str]:
    return told_of_before(cache, folder, tree_of(folder))


def test_a_tree_that_passed_whole_is_known_again(checkout: Checkout, tmp_path) -> None:
    assert before(tmp_path, checkout.folder) == [
        "No tree up to this one has passed whole on this machine."
    ]
    file = keep_passed(tmp_path, checkout.tree, RUN)
    assert file == tmp_path / "passed" / f"{checkout.tree.name}.json"
    assert json.loads(file.read_text()) == {"commit": checkout.tree.commit, **RUN}
    assert before(tmp_path, checkout.folder) == [
        "This tree passed whole on this machine, 2026-11-30 22:54 UTC."
    ]


def test_the_nearest_commit_that_passed_is_named(checkout: Checkout, tmp_path) -> None:
    keep_passed(tmp_path, checkout.tree, RUN)
    passed = checkout.tree.commit
    checkout.commit("two")
    checkout.commit("three")
    (line,) = before(tmp_path, checkout.folder)
    told, _, rest = line.partition(",")
    assert passed.startswith(told)
    assert rest == " 2 commits ago, passed whole on this machine, 2026-11-30 22:54 UTC."


def test_what_is_not_committed_is_no_tree_that_passed(
    checkout: Checkout, tmp_path
) -> None:
    keep_passed(tmp_path, checkout.tree, RUN)
    (checkout.folder / "file").write_text("changed")
    (checkout.folder / "a new one").write_text("")
    assert checkout.tree.changed == {"file", "a new one"}
    assert not checkout.tree.is_clean
    (line,) = before(tmp_path, checkout.folder)
    assert line.endswith("UTC, before what is not committed.")


def test_the_same_content_is_the_same_tree_whatever_its_commit(
    checkout: Checkout, tmp_path
) -> None:
    keep_passed(tmp_path, checkout.tree, RUN)
    checkout.git("commit", "--quiet", "--amend", "--message", "told otherwise")
    (line,) = before(tmp_path, checkout.folder)
    assert line.startswith("This tree passed whole")


def test_logs_of_what_failed_are_found_by_who_comes_next(
    checkout: Checkout, tmp_path
) -> None:
    log = tmp_path / "step.log"
    log.write_text("FAILED test_this")
    kept = keep_failed(tmp_path, checkout.tree, "quick", log)
    assert kept.read_text() == "FAILED test_this"
    assert kept.name.endswith("-quick.log")
    assert before(tmp_path, checkout.folder)[1] == f"On this tree failed before: {kept}"
    checkout.commit("mended")
    assert len(before(tmp_path, checkout.folder)) == 1


def test_logs_of_long_ago_are_forgotten(checkout: Checkout, tmp_path) -> None:
    log = tmp_path / "step.log"
    log.write_text("")
    old = keep_failed(tmp_path, None, "lint", log).parent
    long_ago = time.time() - KEPT_SECONDS - 1
    os.utime(old, (long_ago, long_ago))
    keep_failed(tmp_path, checkout.tree, "lint", log)
    assert not old.exists()


def test_where_there_is_no_repository_nothing_is_claimed(tmp_path: Path) -> None:
    assert tree_of(tmp_path) is None
    assert before(tmp_path, tmp_path) == [
        "No Git repository: nothing is known of runs before."
    ]
