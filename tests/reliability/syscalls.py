"""Killed just before a change of a file: a process is followed from one system call to the next (ptrace).

A time drawn at random rarely falls between a write and its commit, or between a copy and its taking the log's place.
Here every call that changes a file is such a point, and can be chosen: a write, its way to the disk, a new name, a
file made, cut or let go. Linux on x86-64 alone; elsewhere `can_follow` says no.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.bounds import end_in_time

_TRACEME, _PEEKUSER, _CONT_TO_SYSCALL, _SETOPTIONS = 0, 3, 24, 0x4200
_GOOD, _CLONE, _EXEC, _EXIT_WITH_US = 0x1, 0x8, 0x10, 0x100000
_RAX, _RDI, _RDX = 15 * 8, 14 * 8, 12 * 8
_ALL_THREADS = 0x40000000
_STOP_OF_SYSCALL = signal.SIGTRAP | 0x80
_CREATE = os.O_CREAT

_CALLS = {
    1: "write", 18: "write", 20: "write", 74: "sync", 75: "sync", 76: "cut", 77: "cut", 82: "rename", 264: "rename",
    316: "rename", 86: "link", 265: "link", 87: "remove", 263: "remove", 84: "remove", 83: "make", 258: "make",
    2: "make", 257: "make",
}  # fmt: skip
"""Numbers of system calls on x86-64: what each does to files. An open makes one only with O_CREAT."""
_OPEN, _OPENAT, _WRITES = 2, 257, {1, 18, 20}

Change = str
Decide = Callable[[Change], bool]


def can_follow() -> bool:
    """Whether this machine lets a process be followed."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return False
    pid = _started(lambda: None)
    try:
        _ptrace(_SETOPTIONS, pid, _GOOD)
    except OSError:
        return False
    finally:
        with suppress(ProcessLookupError, ChildProcessError):  # it ended by itself where it may not be followed
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return True


def followed(work: Callable[[], None], folder: Path, kill_before: Decide) -> int:
    """Run `work` in a process of its own, killed at the first change of a file that `kill_before` says yes to.

    It is asked with the kind of each change, in their order; writes are those to files in `folder`. Returns the exit
    code, or minus the signal that ended it.
    """
    pid = _started(work)
    _ptrace(_SETOPTIONS, pid, _GOOD | _CLONE | _EXEC | _EXIT_WITH_US)
    inside: dict[int, bool] = {}
    thread, signal_ = pid, 0
    while True:
        _go_on(thread, signal_)
        thread, status = os.waitpid(-1, _ALL_THREADS)
        if not os.WIFSTOPPED(status):
            if thread == pid:
                return os.waitstatus_to_exitcode(status)
            thread, signal_ = 0, 0
            continue
        signal_ = 0
        if os.WSTOPSIG(status) == _STOP_OF_SYSCALL:
            inside[thread] = not inside.get(thread, False)
            change = _change(thread, folder) if inside[thread] else None
            if change and kill_before(change):
                os.kill(pid, signal.SIGKILL)
        elif os.WSTOPSIG(status) not in {signal.SIGTRAP, signal.SIGSTOP}:
            signal_ = os.WSTOPSIG(status)


def _started(work: Callable[[], None]) -> int:
    pid = os.fork()
    if not pid:
        status = 1
        try:
            end_in_time()
            _ptrace(_TRACEME, 0, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
            work()
            status = 0
        finally:
            os._exit(status)
    os.waitpid(pid, os.WUNTRACED)
    return pid


def _go_on(thread: int, signal_: int) -> None:
    if not thread:
        return
    try:
        _ptrace(_CONT_TO_SYSCALL, thread, signal_)
    except ProcessLookupError:
        return  # it was killed meanwhile


def _change(thread: int, folder: Path) -> Change | None:
    """Return what the system call that a thread is about to make does to files, None for nothing."""
    try:
        number = _ptrace(_PEEKUSER, thread, 0, _RAX)
        kind = _CALLS.get(number)
        if number in _WRITES:
            return kind if _names_a_file(thread, _ptrace(_PEEKUSER, thread, 0, _RDI), folder) else None
        if number in {_OPEN, _OPENAT}:
            flags = _ptrace(_PEEKUSER, thread, 0, _RDX if number == _OPENAT else 13 * 8)
            return kind if flags & _CREATE else None
    except ProcessLookupError:
        return None
    return kind


def _names_a_file(thread: int, descriptor: int, folder: Path) -> bool:
    try:
        return folder in Path(f"/proc/{thread}/fd/{descriptor}").readlink().parents
    except FileNotFoundError:
        return False


def _ptrace(request: int, thread: int, data: int, address: int = 0) -> int:
    found: int = _libc.ptrace(request, thread, ctypes.c_void_p(address), ctypes.c_void_p(data))
    if found == -1 and ctypes.get_errno():
        number = ctypes.get_errno()
        ctypes.set_errno(0)
        raise OSError(number, os.strerror(number))
    return found


_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.restype = ctypes.c_long
