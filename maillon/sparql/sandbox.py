"""Take the network away from the calling thread and from all it starts: a seccomp filter without privileges (Linux).

After seccomp(2): classic BPF through prctl. Query workers install it once their store is open, so that nothing a query
says can reach another machine, whatever the guard has missed.
"""

import ctypes
import errno
import platform
import sys
from typing import Final

_NO_NEW_PRIVS: Final = 38
_SET_SECCOMP: Final = 22
_FILTER_MODE: Final = 2
_KILL: Final = 0x8000_0000
_ALLOW: Final = 0x7FFF_0000
_DENY: Final = 0x0005_0000 | errno.EACCES
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
_X32: Final = 0x4000_0000
# socket, socketpair, io_uring_setup by architecture (AUDIT_ARCH_...)
_CALLS: Final = {"x86_64": (0xC000_003E, (41, 53, 425)), "aarch64": (0xC000_00B7, (198, 199, 425))}


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def _program(architecture: int, denied: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _DENY),
    ]
    for number in denied:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _DENY)]
    return [*steps, (_RETURN, 0, 0, _ALLOW)]


def deny_network() -> bool:
    """Refuse new sockets from here on (EACCES). Returns False where this system cannot do it; nothing changed then."""
    known = _CALLS.get(platform.machine())
    if not sys.platform.startswith("linux") or known is None or sys.maxsize < 2**32:
        return False
    steps = _program(*known)
    instructions = (_Instruction * len(steps))(*(_Instruction(*step) for step in steps))
    program = _Program(len(steps), ctypes.cast(instructions, ctypes.POINTER(_Instruction)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong)
    if prctl(_NO_NEW_PRIVS, 1, None, 0, 0) != 0:
        return False
    return bool(prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0) == 0)
