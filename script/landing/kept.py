# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is kept of runs beside the caches: which trees passed whole, and how others failed.

In the cache folder, `passed/TREE.json`, `begun/TREE.json` of a run that was ended, and
`failed/TREE/20261130T225438Z-programs.log`.
"""

import json
import shutil
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from landing.tree import Tree, ancestors_of

KEPT_SECONDS = 14 * 24 * 3600


def keep_passed(cache: Path, tree: Tree, run: Mapping[str, Any]) -> Path:
    """Keep that this tree passed whole: steps with seconds and counts, flaky tests, what ended."""
    file = _keep(cache / "passed", tree, run)
    (cache / "begun" / file.name).unlink(missing_ok=True)
    return file


def keep_begun(cache: Path, tree: Tree, run: Mapping[str, Any]) -> None:
    """Keep which steps of this tree passed so far, for a run that goes on."""
    _keep(cache / "begun", tree, run)


def begun_before(cache: Path, tree: Tree) -> dict[str, Any] | None:
    """Give what `keep_begun` kept of this tree, unless it is of long ago."""
    file = cache / "begun" / f"{tree.name}.json"
    if not file.exists() or file.stat().st_mtime < time.time() - KEPT_SECONDS:
        return None
    begun: dict[str, Any] = json.loads(file.read_text())
    return begun


def _keep(folder: Path, tree: Tree, run: Mapping[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{tree.name}.json"
    half = file.with_suffix(".part")
    half.write_text(json.dumps({"commit": tree.commit, **run}, indent=1) + "\n")
    half.replace(file)
    return file


def keep_failed(cache: Path, tree: Tree | None, step: str, log: Path) -> Path:
    """Keep the log of a step that failed, for whoever comes next; forget those of long ago."""
    folder = failed_folder(cache, tree)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.parent.iterdir():
        if old.stat().st_mtime < time.time() - KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    kept = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{step}.log"
    shutil.copyfile(log, kept)
    return kept


def failed_folder(cache: Path, tree: Tree | None) -> Path:
    """Give where logs of this tree are; what is not committed has no hash of its own."""
    if tree is None:
        name = "no-tree"
    else:
        name = tree.name if tree.is_clean else f"{tree.name}-changed"
    return cache / "failed" / name


def failed_logs(cache: Path, tree: Tree | None) -> list[Path]:
    """Give the logs of what failed or was ended on this tree, the oldest first."""
    return sorted(failed_folder(cache, tree).glob("*.log"))


def told_of_before(cache: Path, folder: Path, tree: Tree | None) -> list[str]:
    """Say in a line which tree passed whole here, and in another what failed on this one."""
    lines = [_passed_before(cache, folder, tree)]
    if logs := failed_logs(cache, tree):
        lines.append(f"On this tree failed before: {' '.join(map(str, logs))}")
    return lines


def _passed_before(cache: Path, folder: Path, tree: Tree | None) -> str:
    if tree is None:
        return "No Git repository: nothing is known of runs before."
    for count, (commit, name) in enumerate(ancestors_of(folder)):
        file = cache / "passed" / f"{name}.json"
        if not file.exists():
            continue
        when = json.loads(file.read_text())["began"]
        if count == 0:
            changed = "" if tree.is_clean else ", before what is not committed"
            return f"This tree passed whole on this machine, {when}{changed}."
        commits = "1 commit" if count == 1 else f"{count} commits"
        return f"{commit}, {commits} ago, passed whole on this machine, {when}."
    return "No tree up to this one has passed whole on this machine."
