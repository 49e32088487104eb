"""Readers of known pages while every process is restarted in turn, as a deployment does."""

import collections
import http.client
import itertools
import json
import threading
import time

# What libs/rpc/channel.h gives the suite's own clients: whose health says SERVING, in turn; up to three attempts.
SERVICE_CONFIG = json.dumps({
    "loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": ""},
    "methodConfig": [{"name": [{"service": "broadsheet.page.v1.PageService"}], "retryPolicy": {
        "maxAttempts": 3, "initialBackoff": "0.010s", "maxBackoff": "0.100s", "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"]}}]})
LOOK_EVERY = 0.05  # seconds between two looks at who is ready, of whoever sends readers to gateways


class HttpReaders:
    """Threads that ask for known pages over connections they keep, each of whichever gateway says that it is ready."""

    def __init__(self, suite, paths, count=4):
        self.suite = suite
        self.paths = paths
        self.ready = tuple(suite.gateways)
        self.answers = collections.Counter()
        self.failures = []
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.look)]
        self.threads += [threading.Thread(target=self.read, args=(number,)) for number in range(count)]
        for thread in self.threads:
            thread.start()

    def look(self):
        while not self.ending.wait(LOOK_EVERY):
            self.ready = tuple(name for name in self.suite.gateways if self.suite.ops(name, "/readyz") == 200)

    def read(self, number):
        connections = {}
        for turn, path in enumerate(itertools.cycle(self.paths)):
            if self.ending.is_set():
                return
            gateways = self.ready
            if not gateways:
                self.failures.append((path, "no gateway is ready"))
                time.sleep(LOOK_EVERY)
                continue
            gateway = gateways[(turn + number) % len(gateways)]
            status = self.ask(connections, gateway, path)
            self.answers[status] += 1
            if status != 200:
                self.failures.append((path, f"{gateway}: {status}"))

    def ask(self, connections, gateway, path):
        """The status. A kept connection that was closed meanwhile is opened anew, as RFC 9112, 9.3.1, has it."""
        for kept in (True, False):
            connection = connections.get(gateway) if kept else None
            if kept and connection is None:
                continue
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self.suite.port(gateway), timeout=10)
            connections[gateway] = connection
            try:
                connection.request("GET", path, headers={"Host": f"localhost:{self.suite.port(gateway)}"})
                response = connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                connections.pop(gateway).close()
                if not kept or not isinstance(error, (ConnectionError, http.client.RemoteDisconnected)):
                    return repr(error)
                continue
            try:
                response.read()
            except (OSError, http.client.HTTPException) as error:  # cut off in the middle
                connections.pop(gateway).close()
                return repr(error)
            if response.will_close:
                connections.pop(gateway).close()
            return response.status
        raise AssertionError("unreachable")

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()


class GrpcReaders:
    """Threads that ask all gateways for known pages over one channel (GetPage). No call waits for a gateway to be ready."""

    def __init__(self, suite, paths, count=2):
        import grpc
        from broadsheet.page.v1 import page_service_pb2, page_service_pb2_grpc
        self.grpc, self.pb = grpc, page_service_pb2
        self.paths = paths
        self.answers = collections.Counter()
        self.failures = []
        self.ending = threading.Event()
        addresses = ",".join(suite.address(f"{name}_grpc") for name in suite.gateways)
        self.channel = grpc.insecure_channel(f"ipv4:{addresses}", options=[
            ("grpc.service_config", SERVICE_CONFIG), ("grpc.max_reconnect_backoff_ms", 1000)])
        self.stub = page_service_pb2_grpc.PageServiceStub(self.channel)
        grpc.channel_ready_future(self.channel).result(timeout=10)
        self.threads = [threading.Thread(target=self.read, args=(number,)) for number in range(count)]
        for thread in self.threads:
            thread.start()

    def read(self, number):
        for path in itertools.islice(itertools.cycle(self.paths), number, None):
            if self.ending.is_set():
                return
            status = self.ask(path)
            self.answers[status] += 1
            if status != 200:
                self.failures.append((path, f"GetPage: {status}"))

    def ask(self, path):
        try:
            return self.stub.GetPage(self.pb.GetPageRequest(path=path), timeout=10).status
        except self.grpc.RpcError as error:
            return f"{error.code().name} {error.details()}"

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        self.channel.close()


def restart_each(suite, paths):
    """SIGTERM and a new start for one process after the other. How many answers there were over HTTP and over gRPC, and
    what failed."""
    over_http, over_grpc = HttpReaders(suite, paths), GrpcReaders(suite, paths)
    wrong = []
    try:
        for name in suite.ORDER:
            code = suite.terminate(name)
            if code != 0:
                wrong.append((name, f"ended with status {code}"))
            suite.start(name)
    finally:
        over_http.end()
        over_grpc.end()
    answers = [sum(readers.answers.values()) for readers in (over_http, over_grpc)]
    return *answers, [*wrong, *over_http.failures, *over_grpc.failures]
