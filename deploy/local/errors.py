"""What stops the launcher, in one line for the person at the terminal."""

from pathlib import Path


class CannotRun(Exception):
    """The product cannot be brought up; the text names the cause and what to do about it."""

    def __init__(self, cause: str, log: Path | None = None) -> None:
        super().__init__(f"{cause} (log: {log})" if log else cause)
        self.log = log
