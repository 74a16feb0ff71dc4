"""Runs a command that ends with the process that started it: `python parent_watch.py PARENT_PID COMMAND...`.

It is started as a file and needs the standard library alone, so that it costs milliseconds. On Linux the kernel ends the
command with its parent, and the command takes this process's place. Elsewhere this process stays, watches its parent, and ends
the command when the parent is gone.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

_SET_PARENT_DEATH_SIGNAL = 1
_WATCH_S = 0.25
ORPHANED = 64


def main(arguments: Sequence[str]) -> int:
    """Status of the command, or 64 when the parent was gone already."""
    parent, command = int(arguments[0]), list(arguments[1:])
    held_by_kernel = _die_with_parent()
    if os.getppid() != parent:
        return ORPHANED
    if held_by_kernel:
        os.execv(command[0], command)  # noqa: S606 - the supervisor's own command
    return watch(parent, command)


def _die_with_parent() -> bool:
    """Ask Linux to kill this process, and whatever it becomes, when its parent dies."""
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL) == 0)


def watch(parent: int, command: Sequence[str]) -> int:
    """Run the command until it ends or the parent is gone. Signals to the process group reach the command by themselves."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    child = subprocess.Popen(command)  # noqa: S603 - the supervisor's own command
    while child.poll() is None:
        if os.getppid() != parent:
            child.kill()
        time.sleep(_WATCH_S)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
