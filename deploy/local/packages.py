"""Kafka's jars and PostgreSQL's binaries: downloaded once per machine or user, pinned by
SHA-256.
"""

import fcntl
import hashlib
import io
import os
import platform
import shutil
import ssl
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import requests
from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext

from deploy.local.errors import CannotRun

LOCK = Path(__file__).with_name("packages.lock")
KAFKA = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.kafka:kafka-tools:4.3.1",
    "org.slf4j:slf4j-simple:1.7.36",
)
POSTGRES = "io.zonky.test.postgres:embedded-postgres-binaries-linux-{}:18.6.0"
ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64v8", "arm64": "arm64v8"}
TRIES = 3


def cache_dir() -> Path:
    """Where packages are kept: SALES_CACHE_DIR, or a place of this user; root's is one that
    PostgreSQL's account can enter.
    """
    if named := os.environ.get("SALES_CACHE_DIR"):
        return Path(named).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/sales-launch")
    base = os.environ.get("XDG_CACHE_HOME") or (
        os.environ.get("HOME", "") and f"{os.environ['HOME']}/.cache"
    )
    return Path(base, "sales-launch") if base else Path.cwd() / ".run" / "cache"


def locked() -> dict[str, str]:
    """SHA-256 by Maven coordinate."""
    lines = LOCK.read_text().splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


def kafka_classpath() -> str:
    """The class path of a Kafka broker and its tools, downloaded if need be."""
    jars = {
        coordinate: digest
        for coordinate, digest in locked().items()
        if not coordinate.startswith("io.zonky")
    }
    folder = cached("kafka", jars, lambda into: _fetch_all(jars, into))
    return f"{folder}/*"


def postgres_home() -> Path:
    """The folder with PostgreSQL's `bin`, `lib` and `share`, downloaded if need be.

    Raises:
        CannotRun: there is no package for this machine.
    """
    machine = ARCHITECTURES.get(platform.machine().lower())
    if platform.system() != "Linux" or machine is None:
        raise CannotRun(
            f"no PostgreSQL package for {platform.system()} {platform.machine()}: name a server in"
            " SALES_POSTGRES_URL"
        )
    coordinate = POSTGRES.format(machine)
    digest = locked()[coordinate]
    return cached("postgres", {coordinate: digest}, lambda into: _unpack(coordinate, digest, into))


def write_lock() -> None:
    """Resolve the pinned coordinates anew and write every jar's SHA-256 to the lock."""
    with tempfile.TemporaryDirectory() as scratch:
        context = _context(Path(scratch))
        inputs, resolution = context.resolver.resolve(
            [context.create_dependency(name) for name in KAFKA]
        )
        artifacts = [
            d.artifact
            for d in [*inputs, *(d for d in resolution if d.scope in ("compile", "runtime"))]
        ]
        names = [f"{a.groupId}:{a.artifactId}:{a.version}" for a in artifacts]
        names += [POSTGRES.format(machine) for machine in sorted(set(ARCHITECTURES.values()))]
        with ThreadPoolExecutor(8) as threads:
            files = list(threads.map(lambda name: _fetch(context, name), names))
        rows = sorted(f"{name} {_digest(file)}" for name, file in zip(names, files, strict=True))
    heading = LOCK.read_text().splitlines()[0]
    LOCK.write_text("\n".join([heading, *rows]) + "\n")


def cached(kind: str, parts: dict[str, str], fill: Callable[[Path], None]) -> Path:
    """The folder of this exact content: it exists only when whole, for it is filled elsewhere and
    renamed.
    """
    content = hashlib.sha256(
        "\n".join(f"{k} {v}" for k, v in sorted(parts.items())).encode()
    ).hexdigest()[:12]
    folder = cache_dir() / f"{kind}-{content}"
    if folder.exists():
        return folder
    with _alone(cache_dir()):
        if not folder.exists():
            scratch = Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=cache_dir()))
            try:
                fill(scratch)
                scratch.chmod(0o755)
                scratch.rename(folder)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        folder.chmod(0o755)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _context(repository: Path) -> MavenContext:
    """Maven as this machine is set up: repositories of jgo's own settings first."""
    _trust_the_machine()
    remotes = {**GlobalSettings.load().repositories, "central": MAVEN_CENTRAL_URL}
    return MavenContext(repo_cache=repository, local_repos=[], remote_repos=remotes, timeout=60)


def _trust_the_machine() -> None:
    """Believe the certificates this machine believes, for `requests` would know only those it was
    shipped with.
    """
    paths = ssl.get_default_verify_paths()
    store = os.environ.get("SSL_CERT_FILE") or paths.cafile or paths.capath
    if store and Path(store).exists() and (Path(store).is_file() or any(Path(store).iterdir())):
        os.environ.setdefault("REQUESTS_CA_BUNDLE", store)


def _fetch_all(jars: dict[str, str], into: Path) -> None:
    context = _context(into / ".repository")
    with ThreadPoolExecutor(8) as threads:
        for jar, digest in zip(
            threads.map(lambda name: _fetch(context, name), jars), jars.values(), strict=True
        ):
            check_digest(jar, digest)
            jar.rename(into / jar.name)
    shutil.rmtree(into / ".repository")
    for jar in into.iterdir():
        jar.chmod(0o644)


def _fetch(context: MavenContext, coordinate: str) -> Path:
    group, name, version = coordinate.split(":")
    artifact = context.project(group, name).at_version(version).artifact()
    for left in reversed(range(TRIES)):
        try:
            return Path(artifact.resolve())
        except (OSError, RuntimeError, AssertionError) as error:
            if artifact.cached_path:
                artifact.cached_path.unlink(missing_ok=True)
            if not left:
                raise CannotRun(f"cannot download {coordinate}: {_reason(error)}") from error
    raise AssertionError(coordinate)


def _reason(error: BaseException) -> str:
    """What a person can act on."""
    if isinstance(error, requests.exceptions.SSLError):
        return "the repository's certificate is not trusted here (set SSL_CERT_FILE)"
    if isinstance(error, requests.exceptions.RequestException):
        return "the repository cannot be reached (no network, or a proxy is missing)"
    return (str(error).splitlines() or [type(error).__name__])[0][:160]


def check_digest(file: Path, digest: str) -> None:
    """Raises `CannotRun` for a file that is not the one expected."""
    if _digest(file) != digest:
        raise CannotRun(f"{file.name} does not have the expected SHA-256: the download was altered")


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _unpack(coordinate: str, digest: str, into: Path) -> None:
    jar = _fetch(_context(into / ".repository"), coordinate)
    check_digest(jar, digest)
    with zipfile.ZipFile(jar) as outer:
        archive = next(name for name in outer.namelist() if name.endswith(".txz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(archive)), mode="r:xz") as inner:
            # Early patch releases of Python 3.11 know no filters; the SHA-256 vouches for the
            # content.
            inner.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            inner.extractall(into)
    shutil.rmtree(into / ".repository")
    for path in into.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
