# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps a process that reads strangers' files to what it was handed, for the rest of its life.

A hole in a PDF or picture library lets the file's author run what he likes, as us. Within
this he has: the descriptors that he was given, the libraries' own files to read, one place to
write, processor time. Not: any other file, a socket, another program, another process.

Landlock keeps files, TCP and signals (https://docs.kernel.org/userspace-api/landlock.html),
seccomp the calls (https://docs.kernel.org/userspace-api/seccomp_filter.html). Neither asks for
a privilege, and both imply `no_new_privs`. A kernel that lacks one has the other.
"""

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import landlockpy
import seccompy
from landlockpy import AccessFS, Ruleset, Scope
from seccompy import Action, ArgCmp, CmpOp, Filter

_READ = AccessFS.READ_FILE | AccessFS.READ_DIR
_WRITE = (
    _READ
    | AccessFS.WRITE_FILE
    | AccessFS.TRUNCATE
    | AccessFS.MAKE_REG
    | AccessFS.MAKE_DIR
    | AccessFS.REMOVE_FILE
    | AccessFS.REMOVE_DIR
)
# Libraries and fonts; how they are found. Nothing of ours, of a site or of a person.
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/etc/localtime",
    "/var/cache/fontconfig",
    "/dev/null",
    "/dev/urandom",
)
# From ABI 4 on the kernel keeps TCP, from 6 on signals and abstract sockets; seccomp keeps
# them too.
_WANTED_ABI = 6
# What Python, PDFium, qpdf, Pillow, Pango and the allocator call. Whatever else is asked for
# does not exist here, which is what a library expects of an older kernel. Nor is a file's mode
# or time set by its name: Landlock asks nothing there.
_CALLS = """
    read write readv writev pread64 pwrite64 preadv pwritev sendfile copy_file_range
    open openat close close_range creat dup dup2 dup3 fcntl flock ioctl lseek
    access faccessat faccessat2 stat lstat fstat newfstatat statx statfs fstatfs
    readlink readlinkat getcwd getdents getdents64 umask
    mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
    truncate ftruncate fallocate fadvise64 fsync fdatasync fchmod
    pipe pipe2 poll ppoll select pselect6 eventfd2
    epoll_create1 epoll_ctl epoll_wait epoll_pwait
    memfd_create mmap munmap mprotect mremap madvise msync mincore mlock munlock brk
    futex futex_waitv get_robust_list set_robust_list rseq set_tid_address membarrier
    gettid getpid getppid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp
    sched_yield sched_getaffinity sched_getparam sched_getscheduler getcpu
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times
    getrusage getrlimit setrlimit sysinfo uname getrandom arch_prctl prctl
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait sigaltstack
    restart_syscall exit exit_group
    sendto sendmsg recvfrom recvmsg shutdown getsockname getpeername getsockopt setsockopt
""".split()
# clone(2): another thread of this process, never another process.
_CLONE_THREAD = 0x00010000


def confine(place: Path | None) -> None:
    """Keep this process in, for ever; only in `place`, a folder, may it write.

    To be called before the first byte of a file is read, and while there is one thread: what
    another one has begun is not kept in. Raises RuntimeError where there is one.
    """
    if len(os.listdir("/proc/self/task")) > 1:
        raise RuntimeError("another thread would not be kept in")
    if _landlock_abi():
        _keep_files(place)
    if _has_seccomp():
        _keep_calls()


def missing() -> list[str]:
    """Name what this machine's kernel lacks; nothing: its readers are kept in wholly."""
    abi = _landlock_abi()
    lacking = [] if abi >= _WANTED_ABI else [f"Landlock {_WANTED_ABI} (it has {abi})"]
    return lacking if _has_seccomp() else [*lacking, "seccomp"]


def _landlock_abi() -> int:
    """Give how much of Landlock there is; 0: none, or a unit of systemd's does not let us."""
    try:
        return landlockpy.abi_version()
    except landlockpy.LandlockError:
        return 0


def _has_seccomp() -> bool:
    try:
        return seccompy.supported() and bool(seccompy.arch())
    except seccompy.SeccompError:
        return False


def _keep_files(place: Path | None) -> None:
    with Ruleset(scoped=Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET) as ruleset:
        for each in _readable():
            is_folder = os.path.isdir(each)
            ruleset.allow_path(each, _READ if is_folder else AccessFS.READ_FILE)
        ruleset.allow_path("/dev/null", AccessFS.READ_FILE | AccessFS.WRITE_FILE)
        if place is not None:
            ruleset.allow_path(place, _WRITE)
            # It wipes its place itself where nobody else does any more.
            ruleset.allow_path(place.parent, AccessFS.REMOVE_DIR)
        ruleset.restrict()


def _readable() -> Iterator[str]:
    ours = (Path(__file__).parents[1], Path(__file__).parents[2] / "provisioning")
    for each in (*_SYSTEM, sys.prefix, sys.base_prefix, *map(str, ours)):
        if os.path.exists(each):
            yield each


def _keep_calls() -> None:
    calls = Filter(Action.ERRNO | errno.ENOSYS)
    for name in _CALLS:
        _allow(calls, name)
    of_itself = ArgCmp(0, CmpOp.EQ, os.getpid())
    for name in ("kill", "tgkill"):
        _allow(calls, name, of_itself)
    _allow(calls, "prlimit64", ArgCmp(0, CmpOp.EQ, 0))
    _allow(calls, "prlimit64", of_itself)
    thread = ArgCmp(0, CmpOp.MASKED_EQ, _CLONE_THREAD, mask=_CLONE_THREAD)
    _allow(calls, "clone", thread)
    calls.load()


def _allow(calls: Filter, name: str, *when: ArgCmp) -> None:
    try:
        calls.allow(name, args=when)
    except ValueError:
        # This processor has no such call: `open` is `openat` alone on some.
        return
