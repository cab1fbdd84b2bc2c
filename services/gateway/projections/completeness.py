"""Whether the topics hold every version of what is read from them: versions begin at 1 and have no
holes, so a thing that begins later, or skips one, has lost some of its events.
"""

from uuid import UUID

from shared.events import ACTIVITIES, MOTIVATION, VIP, PublishedEvent

TRACKED = 200_000
"""How many things are followed, so that a rebuild of millions stays small; then one in 64."""
_SAMPLE = 64
_COUNTED = frozenset({ACTIVITIES, MOTIVATION, VIP})


class Completeness:
    """Follows the versions of things; `incomplete` is how many had a hole."""

    def __init__(self, tracked: int = TRACKED) -> None:
        self._tracked = tracked
        self._latest: dict[tuple[str, UUID], int] = {}
        self._holed: set[tuple[str, UUID]] = set()

    @property
    def incomplete(self) -> int:
        return len(self._holed)

    def see(self, event: PublishedEvent) -> None:
        """Takes the next event of a thing, in the order of its partition; repeats are allowed."""
        if event.event.topic not in _COUNTED:
            return
        subject, version = event.envelope.subject, event.envelope.version
        thing = event.event.noun, subject
        latest = self._latest.get(thing)
        if latest is None:
            is_sample = subject.int % _SAMPLE == 0
            if len(self._latest) >= self._tracked and not is_sample:
                return
            latest = 0
        if version > latest + 1:
            self._holed.add(thing)
        self._latest[thing] = max(version, latest)
