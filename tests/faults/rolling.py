"""Readers of known pages while every process is restarted in turn, as a deployment does."""

import collections
import http.client
import itertools
import threading
import time

LOOK_EVERY = 0.05  # seconds between two looks at who is ready, of whoever sends readers to gateways


class Readers:
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


def restart_each(suite, paths):
    """SIGTERM and a new start for one process after the other. How many answers there were, and what failed."""
    readers = Readers(suite, paths)
    try:
        for name in suite.ORDER:
            code = suite.terminate(name)
            if code != 0:
                readers.failures.append((name, f"ended with status {code}"))
            suite.start(name)
    finally:
        readers.end()
    return sum(readers.answers.values()), readers.failures
