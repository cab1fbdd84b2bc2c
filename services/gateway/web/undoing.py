"""What was just done and can be undone: the page that follows says so for a few seconds, with a
button. A cookie brings it there, for between the two lies a redirect.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Self, get_args
from urllib.parse import parse_qsl, urlencode

COOKIE = "sales_undo"
SHOWN_SECONDS = 5
KEPT_SECONDS = 15
"""Long enough for a slow redirect; a page that is opened later knows nothing of it."""
_MOST_FIELDS = 20
_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_COMMANDS = re.compile(
    rf"/(activities/{_ID}/(reopen|assign)|money/came/{_ID}/restore|views)(\?.*)?"
)

Done = Literal["lost", "assigned", "taken_away", "set_aside", "view_removed"]


@dataclass(frozen=True, slots=True)
class Undo:
    """What was `done`, and the command of a page, with its fields, that undoes it."""

    done: Done
    command: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def as_cookie(self) -> str:
        return urlencode([("done", self.done), ("command", self.command), *self.fields.items()])

    @classmethod
    def of_cookie(cls, value: str) -> Self | None:
        """What `as_cookie` gave; None for anything else, however a browser came to it."""
        match parse_qsl(value, True)[:_MOST_FIELDS]:
            case [("done", done), ("command", command), *fields] if done in get_args(
                Done
            ) and _COMMANDS.fullmatch(command):
                return cls(done, command, dict(fields))  # type: ignore[arg-type]
        return None
