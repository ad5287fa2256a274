# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forks processes that work on files within a second of processor time, not within many.

`python -m tests.factories.hurried_work MODULE`, as `stage.forked_work` has it run.
"""

import sys
from importlib import import_module

from stage import forked_work

CPU_SECONDS = 1

if __name__ == "__main__":
    vars(import_module(sys.argv[1]))["CPU_SECONDS"] = CPU_SECONDS
    forked_work.main(sys.argv[1])
