# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each room's revisions are one line: after a fork nobody knows which came last."""

from alembic.script import ScriptDirectory

from provisioning.database.schema import DIRECTORY_BRANCH, alembic_config


def test_each_room_has_one_latest_revision() -> None:
    heads = ScriptDirectory.from_config(alembic_config()).get_heads()
    assert sorted(each.partition("_")[0] for each in heads) == [
        "appointments",
        DIRECTORY_BRANCH,
    ]
