"""The processes of the benchmarks: the article service, PostgreSQL and the load programs, each alone on free ports."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")
NOBODY = 65534  # Debian's user nobody and group nogroup


def median(values):
    return statistics.median(values)


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


class Program:
    """A server that writes its ports to a file; ends with the `with` block."""

    def __init__(self, folder, command):
        self.ports_file = pathlib.Path(folder) / f"ports-{time.monotonic_ns()}"
        self.log = open(pathlib.Path(folder) / f"{pathlib.Path(command[0]).name}.log", "ab")
        self.process = subprocess.Popen([*map(str, command), f"--port_file={self.ports_file}"], stdout=self.log,
                                        stderr=self.log)

    def __enter__(self):
        def up():
            if self.process.poll() is not None:
                raise RuntimeError(f"ended: see {self.log.name}")
            return self.ports_file.exists()
        wait_for(up, 600, "the server")  # a new schema for a large archive takes its time
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    @property
    def address(self):
        ports = dict(line.split("=") for line in self.ports_file.read_text().split())
        return f"127.0.0.1:{ports['grpc']}"

    @property
    def pid(self):
        return self.process.pid


def article(binaries, folder, *flags):
    """The service on SQLite in `folder`, unless the flags say otherwise."""
    return Program(folder, [binaries / "article", f"--data={folder}/data", "--grpc_port=0", "--ops_port=0", *flags])


def load(binaries, server, what, **flags):
    """One run of article_load; its line as a dict, None if it measures nothing."""
    command = [binaries / "article_load", f"--address={server.address}", f"--what={what}",
               f"--server_pid={server.pid}", *(f"--{name}={value}" for name, value in flags.items())]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if not out:
        return None
    result = json.loads(out)
    if result["errors"]:
        raise RuntimeError(f"{result['errors']} calls failed: {result['error']}")
    return result


def json_of(command):
    return json.loads(subprocess.run([*map(str, command)], check=True, capture_output=True, text=True).stdout)


@contextlib.contextmanager
def folder_of_its_own():
    with tempfile.TemporaryDirectory() as folder:
        yield pathlib.Path(folder)


class Postgres:
    """A PostgreSQL server of one's own on a Unix socket, with its defaults; it runs as an unprivileged user."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp()
        os.chmod(self.folder, 0o755)
        self.user = []
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
            self.user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
        self.run("initdb", "--pgdata", f"{self.folder}/data", "--username", "postgres", "--auth", "trust", "--encoding",
                 "UTF8", "--locale", "C.UTF-8")
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-o",
                 f"-k {self.folder} -c listen_addresses= -c max_connections=60 -c shared_buffers=256MB", "start")
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "fast", "-w", "stop")
        shutil.rmtree(self.folder)

    def run(self, program, *arguments):
        return subprocess.run([*self.user, POSTGRES / program, *arguments], check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, cwd=self.folder).stdout

    def execute(self, statement, database="postgres"):
        return self.run("psql", "-h", self.folder, "-U", "postgres", "-d", database, "-At", "-c", statement)

    def address(self, database):
        return f"postgresql://postgres@/{database}?host={self.folder}"
