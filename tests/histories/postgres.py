"""A PostgreSQL server of the test's own, as an unprivileged user, on a Unix socket."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
NOBODY = 65534  # Debian's user nobody and group nogroup


class Postgres:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="histories-"))
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        self.run("initdb", "--pgdata", self.folder / "data", "--username", "postgres", "--auth", "trust", "--encoding",
                 "UTF8", "--locale", "C.UTF-8", "--no-sync")
        self.start()

    def command(self, name, *arguments):
        command = [str(PROGRAMS / name), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["/usr/bin/setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                       "--pdeathsig=KILL", "--", *command]
        return command

    def run(self, name, *arguments):
        subprocess.run(self.command(name, *arguments), check=True, cwd=self.folder, stdout=subprocess.DEVNULL)

    def start(self):
        with open(self.folder / "postgres.log", "ab") as log:
            # Without fsync: it is the processes that die here, never the machine.
            self.process = subprocess.Popen(
                self.command("postgres", "-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses=", "-c",
                             "fsync=off", "-c", "max_connections=150", "-c", "shared_buffers=64MB"),
                stdout=log, stderr=log, cwd=self.folder)
        end = time.monotonic() + 30
        while subprocess.run([PROGRAMS / "pg_isready", "-q", "-h", self.folder, "-U", "postgres"]).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("postgres does not answer: " + (self.folder / "postgres.log").read_text()[-2000:])
            time.sleep(0.02)

    def crash(self):
        """As `pg_ctl stop -m immediate`: no checkpoint, recovery at the next start."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)

    def new_database(self, name):
        self.run("createdb", "-h", self.folder, "-U", "postgres", name)
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def stop(self):
        self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)
