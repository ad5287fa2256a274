# SPDX-License-Identifier: AGPL-3.0-or-later
"""The forms that the demo's organisations have: one with fields, one whose fields were placed."""

import tomllib

from stage.stack import Stage

# Of our own making: the first has its fields from the beginning, the second was flat.
WITH_FIELDS, PLACED = "rappel", "procuration"


def add_forms(stage: Stage) -> None:
    """Put both into the library of each organisation of the stage's inventory."""
    inventory = tomllib.loads(stage.options.inventory.read_text())
    asked = ["--ours", WITH_FIELDS, "--ours", PLACED]
    for organisation in inventory["organisations"]:
        asked += ["--organisation", organisation["slug"]]
    stage.web("forms", "add", *asked)
