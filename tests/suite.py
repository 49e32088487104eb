"""Starts Broadsheet's real processes for whole-system tests, each alone, so that a test can kill and restart them."""

import contextlib
import http.client
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(os.environ.get("BROADSHEET_BIN", ROOT / "build" / "release" / "bin"))
EDITION = ROOT / "deploy" / "local" / "edition"


GOOGLEAPIS = "/usr/share/gocode/src/github.com/gogo/googleapis"
GRPC_PROTO = "/usr/share/gocode/src/google.golang.org/grpc/debian/missing-sources/grpc/grpc-proto/master"


def generate_stubs(folder):
    """Generates the Python client of every contract into `folder` and makes it importable."""
    protos = sorted(str(p.relative_to(ROOT / "protos")) for p in (ROOT / "protos").rglob("*.proto"))
    subprocess.run(
        ["protoc", "-I", str(ROOT / "protos"), f"--python_out={folder}", f"--grpc_python_out={folder}",
         "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin", *protos], check=True)
    sys.path.insert(0, str(folder))
    descriptors = pathlib.Path(folder) / "common.pb"
    subprocess.run(
        ["protoc", "-I", GOOGLEAPIS, "-I", GRPC_PROTO, "--include_imports", f"--descriptor_set_out={descriptors}",
         "google/rpc/error_details.proto", "google/rpc/status.proto", "grpc/health/v1/health.proto"], check=True)
    from google.protobuf import descriptor_pb2, descriptor_pool
    files = descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes())
    for file in files.file:
        descriptor_pool.Default().Add(file)


def message_class(full_name):
    """Class of a message of google.rpc or grpc.health.v1, after `generate_stubs`."""
    from google.protobuf import descriptor_pool, message_factory
    return message_factory.MessageFactory().GetPrototype(descriptor_pool.Default().FindMessageTypeByName(full_name))


def error_details(error):
    """The google.rpc details of a grpc.RpcError, by message name."""
    trailers = dict(error.trailing_metadata())
    status = message_class("google.rpc.Status").FromString(trailers["grpc-status-details-bin"])
    details = {}
    for any_message in status.details:
        name = any_message.type_url.rpartition("/")[2]
        try:
            details[name] = message_class(name).FromString(any_message.value)
        except KeyError:
            details[name] = any_message.value
    return details


def free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def port_base():
    """A base such that every port of a suite is free now."""
    offsets = (*range(-1, 18), *range(1000, 1018))
    while True:
        base = random.randrange(20000, 30000, 20)
        if all(free(base + offset) for offset in offsets):
            return base


class Answer:
    """An HTTP response, read whole."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode()

    @property
    def degraded(self):
        return b"data-degraded=" in self.body


class Suite:
    """One Broadsheet on loopback. `start()` returns once every process is ready.

    With more than one gateway the others are called gateway2, gateway3, …, up to gateway5. Articles that share the
    PostgreSQL database `database` are called article, article2, …, up to article5.
    """

    def __init__(self, data, gateways=1, articles=1, database=None, drain_seconds=0):
        self.data = pathlib.Path(data)
        self.base = port_base()
        self.processes = {}
        self.gateways = ["gateway", *(f"gateway{i}" for i in range(2, gateways + 1))]
        self.articles = ["article", *(f"article{i}" for i in range(2, articles + 1))]
        self.database = database
        self.drain_seconds = drain_seconds  # of gateways
        self.ORDER = ("redis", *self.articles, "media", "recommendation", *self.gateways)
        self.detours = {}  # (who, whom) -> port: `who` reaches `whom` there instead, for a proxy between them
        self.clock_speeds = {}  # who -> how fast the clock runs that it measures leases with; others': 1
        self.offsets = {"redis": -1, "gateway": 0, "gateway_grpc": 1, "article": 2, "media": 3, "recommendation": 4,
                        "media_http": 13}
        for i, name in enumerate(self.gateways[1:]):
            self.offsets |= {name: 5 + 2 * i, f"{name}_grpc": 6 + 2 * i}
        self.offsets |= {name: 14 + i for i, name in enumerate(self.articles[1:])}

    def port(self, name):
        return self.base + self.offsets[name]

    def ops_port(self, name):
        return self.port(name) + 1000

    def address_for(self, who, whom):
        """Address at which the process `who` reaches `whom`: all of them, where there are several."""
        if whom == "article" and len(self.articles) > 1:
            return "ipv4:" + ",".join(map(self.address, self.articles))
        return f"127.0.0.1:{self.detours.get((who, whom), self.port(whom))}"

    def address(self, name):
        return f"127.0.0.1:{self.port(name)}"

    @property
    def url(self):
        return f"http://localhost:{self.port('gateway')}"

    def command(self, name):
        data = self.data / name
        data.mkdir(parents=True, exist_ok=True)
        if name == "redis":
            return ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port("redis")), "--save", "",
                    "--appendonly", "no", "--dir", str(data)]
        flags = [f"--ops_port={self.ops_port(name)}"]
        if name in self.gateways:
            flags += [f"--http_port={self.port(name)}", f"--grpc_port={self.port(name + '_grpc')}",
                      *(f"--{whom}_address={self.address_for(name, whom)}"
                        for whom in ("article", "media", "recommendation", "redis")),
                      f"--last_good={data}/last_good", f"--drain_seconds={self.drain_seconds}",
                      f"--site_url={self.url}",
                      f"--media_url=http://localhost:{self.port('media_http')}",
                      f"--site_name={(EDITION / 'NAME').read_text().strip()}",
                      f"--templates={ROOT / 'services/gateway/renderer/templates'}"]
        elif name in self.articles and self.database:
            flags += [f"--database={self.database}", f"--grpc_port={self.port(name)}"]
        else:
            flags += [f"--data={data}", f"--grpc_port={self.port(name)}"]
        if name == "media":
            flags += [f"--http_port={self.port('media_http')}"]
        if name == "recommendation":
            flags += [f"--article_address={self.address_for(name, 'article')}"]
        program = "gateway" if name in self.gateways else "article" if name in self.articles else name
        return [str(BIN / program), *flags]

    def environment(self, name):
        if name not in self.clock_speeds:
            return None
        library = BIN / "skewed_clock.so"
        if not library.exists():  # the loader would go on without it
            raise FileNotFoundError(library)
        return {**os.environ, "LD_PRELOAD": str(library), "BROADSHEET_CLOCK_SPEED": str(self.clock_speeds[name])}

    def start(self, *names):
        # What two faults have stopped is started by the first of them that is over.
        names = [name for name in names or self.ORDER if not self.is_running(name)]
        for name in names:
            log = open(self.data / f"{name}.log", "ab")
            self.processes[name] = subprocess.Popen(self.command(name), stdout=log, stderr=log, cwd=self.data,
                                                    env=self.environment(name))
        for name in names:
            self.wait_ready(name)

    def is_running(self, name):
        return name in self.processes and self.processes[name].poll() is None

    def wait_ready(self, name):
        def answers():
            if self.processes[name].poll() is not None:
                raise RuntimeError(f"{name} ended: " + (self.data / f"{name}.log").read_text()[-2000:])
            if name == "redis":
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port("redis")), 1) as s:
                    s.sendall(b"PING\r\n")
                    return s.recv(16).startswith(b"+PONG")
                return False
            return self.ops(name, "/readyz") == 200
        wait_until(answers, 60, f"{name} to be ready")

    def ops(self, name, path):
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.ops_port(name), timeout=2)
            connection.request("GET", path)
            return connection.getresponse().status
        return None

    def kill(self, name):
        """SIGKILL, as a machine that fails."""
        self.processes[name].kill()
        self.processes[name].wait()

    def pause(self, name):
        self.processes[name].send_signal(signal.SIGSTOP)

    def resume(self, name):
        self.processes[name].send_signal(signal.SIGCONT)

    def terminate(self, name):
        """SIGTERM; returns the exit code."""
        self.processes[name].terminate()
        return self.processes[name].wait(30)

    def stop(self):
        for name in reversed(self.ORDER):
            process = self.processes.get(name)
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def cli(self, *arguments, check=True):
        command = [str(BIN / "broadsheet"), *arguments[:1], f"--article_address={self.address('article')}",
                   f"--media_address={self.address('media')}", *map(str, arguments[1:])]
        return subprocess.run(command, check=check, capture_output=True, text=True, timeout=300)

    def redis_command(self, *words):
        with socket.create_connection(("127.0.0.1", self.port("redis")), 5) as s:
            s.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in map(str.encode, words)))
            return s.recv(65536)

    def sitemap_paths(self):
        """Every path that search engines are told to visit."""
        def locations(sitemap):
            return [n.removeprefix(self.url) for n in re.findall(r"<loc>([^<]+)</loc>", self.get(sitemap).text)]
        return {path for sitemap in locations("/sitemap.xml") for path in locations(sitemap)}

    def get(self, path, method="GET", headers=None, timeout=10, gateway="gateway"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port(gateway), timeout=timeout)
        try:
            connection.request(method, path, headers={"Host": f"localhost:{self.port(gateway)}", **(headers or {})})
            return Answer(connection.getresponse())
        finally:
            connection.close()


def wait_until(condition, seconds, what):
    """Polls until `condition()` is true. For starting up only: assertions about freshness never wait."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.05)
