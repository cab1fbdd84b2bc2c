"""Run a command that dies with whoever started it, under another account if asked.

    python deploy/local/exec_with_parent.py SIGNAL ACCOUNT COMMAND...

SIGNAL reaches the command when its parent dies, however it dies; ACCOUNT `-` keeps the caller's.
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

PR_SET_PDEATHSIG = 1
LOCKED = "SALES_LIVES_WHILE_LOCKED"


def become(account: str) -> None:
    """Take on `account` for good."""
    entry = pwd.getpwnam(account)
    os.initgroups(account, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.environ["HOME"] = entry.pw_dir


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
    if account != "-":
        become(account)
    # After the change of account: the kernel forgets the wish when credentials change.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.Signals[f"SIG{name}"], 0, 0, 0)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
