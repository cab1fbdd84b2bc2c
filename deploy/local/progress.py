"""What the launcher says while it works: on the terminal, and in a log of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path


def log_of(folder: Path) -> Path:
    """What the launcher itself did and why it gave up."""
    return folder / "logs" / "launcher.log"


def note(folder: Path, text: str) -> None:
    """Write it into the launcher's log."""
    log_of(folder).parent.mkdir(parents=True, exist_ok=True)
    with log_of(folder).open("a") as log:
        log.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}  {text.rstrip()}\n")


class Progress:
    """Lines with the seconds since the start, on the terminal and in the launcher's log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started = time.monotonic()

    def say(self, text: str) -> None:
        """One line, at once."""
        print(f"{time.monotonic() - self.started:6.1f} s  {text}", flush=True)
        note(self.folder, text)

    @contextmanager
    def still(self, text: str) -> Iterator[None]:
        """Say every few seconds that this still goes on."""
        over = threading.Event()

        def repeat() -> None:
            while not over.wait(5):
                self.say(f"{text} …")

        thread = threading.Thread(target=repeat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
