"""A worker of jobs as a process of its own, to be killed: `job_process.py APP_URL WORKER_URL`."""

import asyncio
import sys

from tests.integration.shared.job_kinds import serve

if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
