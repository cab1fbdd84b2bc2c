"""Somebody's authenticator application."""

import time
from dataclasses import dataclass

import pyotp


@dataclass
class Authenticator:
    """Each step's code is given once, as a person waits for the next."""

    secret: str
    offset: int = -1

    def next(self) -> str:
        code = pyotp.TOTP(self.secret).at(int(time.time()) + 30 * self.offset)
        self.offset += 1
        return code
