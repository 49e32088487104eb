"""One gateway with everything behind it, a proxy in front of each service, and what can be done to it and asked of it."""

import contextlib
import re
import time

import suite as suites
from checker import Proxies
from evidence import Evidence
from newsroom import Newsroom

SERVICES = ("article", "media", "recommendation", "redis")
FAULTS = ("killed", "stopped", "black_hole", "reset", "delay", "garbage")
DELAY_MILLIS = 3000
LOGGED_WITHIN = 15  # seconds: a line that could come a thousand times a second is written once in ten
WHOLE_WITHIN = 60  # seconds: a start, and parts that a busy machine makes late
PURGED_WITHIN = 20
LABEL = "broadsheet-degraded"


class OneGateway:
    """Counts what `check` is told. Running between `start` and `stop`."""

    def __init__(self, folder):
        self.log = open(folder / "proxies.log", "w")
        self.suite = suites.Suite(folder)
        self.suite.offsets["gateway_operations"] = self.suite.offsets["gateway"] + 1000
        self.evidence = Evidence(self.suite)
        self.newsroom = None  # once article answers
        self.proxies = Proxies(suites.BIN / "fault_proxy", self.log, [self.suite.port(name) for name in SERVICES])
        for name, port in zip(SERVICES, self.proxies.ports):
            self.suite.detours["gateway", name] = port
        self.passed = self.failed = 0

    def start(self):
        self.suite.start(*self.suite.ORDER)
        self.suite.cli("import", suites.EDITION)
        self.newsroom = Newsroom(self.suite)
        suites.wait_until(lambda: self.suite.get("/").status == 200, 30, "the front")

    def stop(self):
        if self.newsroom:
            self.newsroom.close()
        self.suite.stop()
        self.proxies.end()

    # What goes wrong.

    @contextlib.contextmanager
    def fault(self, name, kind, milliseconds=DELAY_MILLIS):
        index = SERVICES.index(name)
        if kind == "killed":
            self.suite.kill(name)
            yield
            self.suite.start(name)
        elif kind == "stopped":
            self.suite.pause(name)
            yield
            self.suite.resume(name)
        else:
            self.proxies.tell(f"{index} {kind} {milliseconds if kind == 'delay' else 0}")
            yield
            self.proxies.tell(f"{index} pass")

    # What is seen.

    def check(self, what, condition, seen=""):
        self.passed += bool(condition)
        self.failed += not condition
        if not condition:
            print(f"  FAILED {what}: {seen}", flush=True)

    def check_soon(self, what, condition, seconds):
        """That it is so, or becomes so in time."""
        try:
            suites.wait_until(condition, seconds, what)
            self.check(what, True)
        except TimeoutError as error:
            self.check(what, False, error)

    def check_logged(self, what, mark, again, message, **fields):
        """A line of its own, since the mark. `again` causes it once more, if it was left out for coming too often."""
        def logged():
            if self.evidence.lines(mark, message, **fields):
                return True
            again()
            return False
        self.check_soon(f"{what}: '{message}' in the log", logged, LOGGED_WITHIN)

    def degraded(self, part, **labels):
        """Degraded pages counted so far for want of this part."""
        return self.evidence.metric("broadsheet_gateway_degraded_pages_total", part=part, **labels)

    def whole(self, path):
        answer = self.suite.get(path)
        return answer.status == 200 and LABEL not in answer.headers and not answer.degraded

    def wait_whole(self, *paths):
        """Until the pages can be made anew, which is more than that they are there."""
        suites.wait_until(lambda: all(self.purged(path) and self.whole(path) for path in paths), WHOLE_WITHIN,
                          f"{paths} to be made whole")

    def purged(self, path):
        """Whether the page has been thrown away. What is kept may change between looking and purging: then not."""
        flags = (f"--gateway_address={self.suite.address('gateway_grpc')}", path)
        plan = self.suite.cli("purge", *flags).stdout
        confirm = "--confirm=" + re.search(r"--confirm=(\S+)", plan)[1]
        done = self.suite.cli("purge", *flags, confirm, check=False)
        if "Redis does not answer" in done.stderr:  # in its rows; article is asked for all the same
            done = self.suite.cli("purge", *flags, confirm, "--even_if_unavailable", check=False)
        return done.returncode == 0

    def purge(self, path):
        """So that the page has to be made."""
        suites.wait_until(lambda: self.purged(path), PURGED_WITHIN, f"{path} to be purged")

    def made(self, path):
        """The answer of a page that has to be made, and how long that took."""
        self.purge(path)
        began = time.monotonic()
        return self.suite.get(path), time.monotonic() - began
