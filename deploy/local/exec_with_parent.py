"""Run a command that dies with whoever started it, under another account if asked.

    python deploy/local/exec_with_parent.py SIGNAL ACCOUNT COMMAND...

SIGNAL reaches the command when its parent dies, however it dies; ACCOUNT `-` keeps the caller's,
`=` as well, but without root's capabilities. Whatever it becomes, it gains no privileges any more.
While the command or a child of its lives, it shares a lock on the file that
SALES_LIVES_WHILE_LOCKED names, if any: so one can tell whether all is gone. Standard library only,
and it becomes the command: no process stays in between.
"""

import ctypes
import fcntl
import os
import pwd
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_SET_NO_NEW_PRIVS = 1, 28, 38
# Root is nobody special, keeps nothing over a change of account, and can't be again: all locked.
NO_ROOT = 0b00101111
LOCKED = "SALES_LIVES_WHILE_LOCKED"


def become(account: str) -> None:
    """Take on `account` for good."""
    entry = pwd.getpwnam(account)
    os.initgroups(account, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.environ["HOME"] = entry.pw_dir


def weaken(control: Callable[..., int]) -> None:
    """Root without its capabilities, once it becomes another program.

    Where the kernel refuses, this root is one of a container, that has given them up already.
    """
    control(PR_SET_SECUREBITS, NO_ROOT, 0, 0, 0)


def hold(path: str) -> None:
    """Share the lock on `path` until this process and its children are gone: what it becomes
    inherits the open file.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    os.set_inheritable(lock, True)


def main() -> None:
    name, account, *command = sys.argv[1:]
    if locked := os.environ.pop(LOCKED, ""):
        hold(locked)
    control = ctypes.CDLL(None).prctl
    if account == "=":
        weaken(control)
    elif account != "-":
        become(account)
    control(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # After the change of account: the kernel forgets the wish when credentials change.
    control(PR_SET_PDEATHSIG, signal.Signals[f"SIG{name}"], 0, 0, 0)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
