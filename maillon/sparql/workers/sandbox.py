"""Take from a process all that a query has no use for: a seccomp filter without privileges (Linux).

After seccomp(2): classic BPF. Query workers install it once their store is open, so that nothing a query says can reach
another machine, start a program, write a file or harm another process, whatever the guard has missed. Left to them:
to take the connections of the one listening socket that they were born with, to read files, and threads.
"""

import ctypes
import errno
import os
import platform
import sys
from typing import Final

_NO_NEW_PRIVS: Final = 38
_SET_FILTER, _ALL_THREADS = 1, 1
_KILL: Final = 0x8000_0000
_ALLOW: Final = 0x7FFF_0000
_DENY: Final = 0x0005_0000 | errno.EACCES
_ABSENT: Final = 0x0005_0000 | errno.ENOSYS
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_X32: Final = 0x4000_0000
_THREAD: Final = 0x0001_0000  # CLONE_THREAD
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_ARCHITECTURES: Final = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_CALLS: Final[dict[str, tuple[int, int]]] = {
    # name: number on x86-64, on aarch64 (-1: not there)
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "io_uring_setup": (425, 425), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "execve": (59, 221), "execveat": (322, 281), "fork": (57, -1), "vfork": (58, -1),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "creat": (85, -1), "truncate": (76, 45),
    "unlink": (87, -1), "unlinkat": (263, 35), "rename": (82, -1), "renameat": (264, 38), "renameat2": (316, 276),
    "link": (86, -1), "linkat": (265, 37), "symlink": (88, -1), "symlinkat": (266, 36), "mkdir": (83, -1),
    "mkdirat": (258, 34), "rmdir": (84, -1), "mknod": (133, -1), "mknodat": (259, 33), "chmod": (90, -1),
    "fchmodat": (268, 53), "chown": (92, -1), "fchownat": (260, 54), "setrlimit": (160, 164), "mount": (165, 40),
    "unshare": (272, 97), "setns": (308, 268), "bpf": (321, 280), "keyctl": (250, 219), "add_key": (248, 217),
}  # fmt: skip
"""What is refused whatever its arguments."""
_NETWORK: Final = ("socket", "socketpair", "connect", "io_uring_setup")
_FEWER: Final = {"clone": (56, 220), "kill": (62, 129), "tgkill": (234, 131), "open": (2, -1), "openat": (257, 56)}
_UNKNOWN: Final = {"clone3": (435, 435), "openat2": (437, 437)}  # as on an older kernel: callers fall back to the above
_SECCOMP: Final = (317, 277)

_Step = tuple[int, int, int, int]


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def _argument(place: int) -> _Step:
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * place)  # its lower half: both architectures are little-endian


def _arguments(column: int, pid: int) -> list[_Step]:
    """Return the steps that refuse calls by their arguments: new processes, other processes, files to write."""
    steps: list[_Step] = []
    for name, place, test in (
        ("clone", 0, (_ANY_BIT, 1, 0, _THREAD)),
        ("kill", 0, (_EQUAL, 1, 0, pid)),
        ("tgkill", 0, (_EQUAL, 1, 0, pid)),
    ):
        steps += [(_EQUAL, 0, 4, _FEWER[name][column]), _argument(place), test]
        steps += [(_RETURN, 0, 0, _DENY), (_RETURN, 0, 0, _ALLOW)]
    for name, place in (("open", 1), ("openat", 2)):
        if _FEWER[name][column] >= 0:
            steps += [(_EQUAL, 0, 4, _FEWER[name][column]), _argument(place), (_ANY_BIT, 0, 1, _WRITING)]
            steps += [(_RETURN, 0, 0, _DENY), (_RETURN, 0, 0, _ALLOW)]
    return steps


def _program(machine: str, pid: int, network_only: bool) -> list[_Step]:
    column = list(_ARCHITECTURES).index(machine)
    calls = {name: numbers for name, numbers in _CALLS.items() if not network_only or name in _NETWORK}
    steps: list[_Step] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _DENY),
    ]
    for numbers in calls.values():
        if numbers[column] >= 0:
            steps += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _DENY)]
    if network_only:
        return [*steps, (_RETURN, 0, 0, _ALLOW)]
    for numbers in _UNKNOWN.values():
        steps += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _ABSENT)]
    return [*steps, *_arguments(column, pid), (_RETURN, 0, 0, _ALLOW)]


def lock_down() -> bool:
    """Refuse from here on, in all threads of this process, what a query has no use for (EACCES).

    Returns False where this system cannot do it; nothing has changed then.
    """
    return _install(network_only=False)


def deny_network() -> bool:
    """Refuse new sockets from here on, in all threads of this process (EACCES). Returns as ``lock_down``."""
    return _install(network_only=True)


def _install(network_only: bool) -> bool:
    machine = platform.machine()
    if not sys.platform.startswith("linux") or machine not in _ARCHITECTURES or sys.maxsize < 2**32:
        return False
    steps = _program(machine, os.getpid(), network_only)
    instructions = (_Instruction * len(steps))(*(_Instruction(*step) for step in steps))
    program = _Program(len(steps), ctypes.cast(instructions, ctypes.POINTER(_Instruction)))
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
    if library.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    number = _SECCOMP[list(_ARCHITECTURES).index(machine)]
    library.syscall.argtypes = (ctypes.c_long, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p)
    return bool(library.syscall(number, _SET_FILTER, _ALL_THREADS, ctypes.byref(program)) == 0)
