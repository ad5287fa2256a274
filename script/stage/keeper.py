# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs a program of which nothing is left, however it ends, and whoever ends us.

    python -P script/stage/keeper.py PROGRAM ARGUMENT...

A stage kills what it began, and the kernel what a killed stage began (`DIE_WITH_STAGE`), but not
what that began in turn: the workers of an nginx keep its port. Here whoever is left by its parent
becomes a child of the keeper, which sees the program end, or us, and kills them all.
"""

import ctypes
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence

import psutil

# prctl(2).
_SET_DEATH_SIGNAL, _SET_CHILD_SUBREAPER = 1, 36
# The kernel tells it to end when its keeper does.
_END_WITH_KEEPER = ("setpriv", "--pdeathsig", "TERM", "--")
# Told to end, it may take so long.
LAST_WORDS_SECONDS = 25
_TURNS = 5
_TURN_SECONDS = 5.0


def run(command: Sequence[str]) -> int:
    """Run the program in our place, and give its exit code once nothing of it is left.

    SIGTERM is passed on to it, and sent to it if we are killed. SIGINT is for it alone: it is in
    our process group, and Ctrl-C reaches it without us.
    """
    us, group = os.getpid(), os.getpgrp()
    keeper = os.fork()
    if keeper == 0:
        # What kills our group leaves the keeper.
        os.setpgid(0, 0)
        os._exit(_keep(command, us, group))
    signal.signal(signal.SIGTERM, lambda *_: os.kill(keeper, signal.SIGTERM))
    signal.signal(signal.SIGINT, lambda *_: None)
    _, status = os.waitpid(keeper, 0)
    return _exit_code(status)


def _keep(command: Sequence[str], us: int, group: int) -> int:
    prctl = ctypes.CDLL(None).prctl
    prctl(_SET_CHILD_SUBREAPER, 1)
    words = [*_END_WITH_KEEPER, *command]
    # Of a shell that put us in its background nobody hears SIGINT, nor would what we begin.
    program = os.posix_spawnp(
        words[0], words, os.environ, setpgroup=group, setsigdef=[signal.SIGINT]
    )

    def end(*_: object) -> None:
        _send(program, signal.SIGTERM)
        signal.alarm(LAST_WORDS_SECONDS)

    signal.signal(signal.SIGALRM, lambda *_: _send(program, signal.SIGKILL))
    signal.signal(signal.SIGTERM, end)
    prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != us:
        end()
    # Others become our children, and are gone for good once somebody has waited for them.
    ended, status = os.wait()
    while ended != program:
        ended, status = os.wait()
    signal.alarm(0)
    if left := _kill_descendants():
        told = ", ".join(f"{name} ({count})" for name, count in left.items())
        print(f"== left behind, and killed: {told}", flush=True)
    return _exit_code(status)


def _send(process: int, number: signal.Signals) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        # It has ended, and we have seen it.
        pass


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    # As a shell gives it.
    return code if code >= 0 else 128 - code


def _kill_descendants() -> Counter[str]:
    names: Counter[str] = Counter()
    for _ in range(_TURNS):
        left = psutil.Process().children(recursive=True)
        for process in left:
            try:
                if process.status() != psutil.STATUS_ZOMBIE:
                    names[process.name()] += 1
                    process.kill()
            except psutil.NoSuchProcess:
                pass
        if not left:
            break
        psutil.wait_procs(left, _TURN_SECONDS)
    return names


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
