"""An operator's commands on a service, as one types them."""

import asyncio
import os
import sys

from deploy.environment import Installation
from tests.support.servers import ROOT


async def operate(installation: Installation, service: str, *words: str) -> tuple[int, list[str]]:
    """The exit code of a command of `service`, and the lines that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"services.{service}.app",
        *words,
        cwd=ROOT,
        env={**os.environ, **installation.service(service)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, errors = await process.communicate()
    assert process.returncode is not None
    assert b"Traceback" not in errors, errors.decode()
    return process.returncode, said.decode().splitlines()
