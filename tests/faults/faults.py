"""What can go wrong with a running site, each as a context: on entry it goes wrong, on exit it is right again.

The checker is told before anything happens and after everything is over, so that it knows which answers a fault
excuses; see Probe in probe.cc.
"""

import contextlib
import random
import shutil
import time

NETWORK = ("black_hole", "reset", "black_hole_requests", "black_hole_answers", "delay", "garbage")


class Faults:
    """The faults of one suite. `proxies` stand between each gateway and article (index 2n) and media (2n + 1)."""

    def __init__(self, suite, checker, proxies, optional):
        self.suite = suite
        self.checker = checker
        self.proxies = proxies
        self.optional = optional  # services whose loss costs a part of a page only
        self.snapshots = []

    # What the checker is told.

    @contextlib.contextmanager
    def gateway_cut(self, n):
        self.checker.tell(f"cut {n}")
        yield
        self.checker.tell(f"mend {n}")

    @contextlib.contextmanager
    def gateway_down(self, n):
        self.checker.tell(f"down {n}")
        yield
        self.checker.tell(f"up {n}")

    @contextlib.contextmanager
    def article_down(self):
        with contextlib.ExitStack() as stack:
            for n in range(len(self.suite.gateways)):
                stack.enter_context(self.gateway_cut(n))
            self.checker.tell("article_down")
            yield
            self.checker.tell("article_up")

    # Redis.

    def snapshot_redis(self):
        """Keeps Redis's contents as they are now, to be rolled back to."""
        if not self.suite.redis_command("SAVE").startswith(b"+OK"):
            return
        kept = self.suite.data / f"redis-{len(self.snapshots)}.rdb"
        shutil.copy(self.suite.data / "redis" / "dump.rdb", kept)
        self.snapshots.append(kept)

    @contextlib.contextmanager
    def redis_killed(self):
        self.suite.kill("redis")
        yield
        (self.suite.data / "redis" / "dump.rdb").unlink(missing_ok=True)
        self.suite.start("redis")

    @contextlib.contextmanager
    def redis_rolled_back(self, choice):
        self.suite.kill("redis")
        yield
        if self.snapshots:
            shutil.copy(self.snapshots[choice % len(self.snapshots)], self.suite.data / "redis" / "dump.rdb")
        self.suite.start("redis")

    @contextlib.contextmanager
    def redis_flushed(self):
        self.suite.redis_command("FLUSHALL")
        yield

    @contextlib.contextmanager
    def redis_paused(self):
        self.suite.pause("redis")
        yield
        self.suite.resume("redis")

    # The services.

    @contextlib.contextmanager
    def article_killed(self):
        with self.article_down():
            self.suite.kill("article")
            yield
            self.suite.start("article")

    @contextlib.contextmanager
    def article_restarted(self):
        with self.article_down():
            self.suite.terminate("article")
            self.suite.start("article")
            yield

    @contextlib.contextmanager
    def article_paused(self):
        with self.article_down():
            self.suite.pause("article")
            yield
            self.suite.resume("article")

    @contextlib.contextmanager
    def optional_killed(self, choice):
        name = self.optional[choice % len(self.optional)]
        self.suite.kill(name)
        yield
        self.suite.start(name)

    # The gateways.

    @contextlib.contextmanager
    def gateway_killed(self, n):
        with self.gateway_down(n):
            self.suite.kill(self.suite.gateways[n])
            self.checker.tell(f"restarted {n}")
            yield
            self.suite.start(self.suite.gateways[n])

    @contextlib.contextmanager
    def everything_killed(self, n):
        """Article and a gateway at once; the gateway comes back first and has nobody to ask."""
        with self.article_down(), self.gateway_down(n):
            self.suite.kill("article")
            self.suite.kill(self.suite.gateways[n])
            self.checker.tell(f"restarted {n}")
            self.suite.start(self.suite.gateways[n])
            yield
            self.suite.start("article")

    @contextlib.contextmanager
    def gateway_paused(self, n):
        with self.gateway_down(n):
            self.suite.pause(self.suite.gateways[n])
            yield
            self.suite.resume(self.suite.gateways[n])

    @contextlib.contextmanager
    def gateway_cut_off(self, n, mode, milliseconds=0):
        with self.gateway_cut(n):
            for index in (2 * n, 2 * n + 1):
                self.proxies.tell(f"{index} {mode} {milliseconds}")
            yield
            for index in (2 * n, 2 * n + 1):
                self.proxies.tell(f"{index} pass")


def deck(gateways, rng):
    """Every kind of fault once, shuffled: (component, name, arguments)."""
    def gateway():
        return rng.randrange(gateways)
    cards = [("redis", name, ()) for name in ("redis_killed", "redis_flushed", "redis_paused")]
    cards += [("redis", "redis_rolled_back", (rng.randrange(1000),)) for _ in range(2)]
    cards += [("article", name, ()) for name in ("article_killed", "article_restarted", "article_paused")]
    cards += [("optional", "optional_killed", (rng.randrange(1000),))]
    cards += [("gateway", name, (gateway(),)) for name in ("gateway_killed", "gateway_paused")]
    cards += [("article", "everything_killed", (gateway(),))]
    cards += [("network", "gateway_cut_off", (gateway(), mode, rng.randrange(20, 400))) for mode in NETWORK]
    rng.shuffle(cards)
    return cards


class Schedule:
    """Faults one after the other, some of them two at a time, as the seed has it."""

    def __init__(self, faults, seed, log=print):
        self.faults = faults
        self.rng = random.Random(seed)
        self.log = log
        self.cards = []
        self.done = 0

    def next_card(self, not_component=None):
        if not self.cards:
            self.cards = deck(len(self.faults.suite.gateways), self.rng)
        for i, card in enumerate(self.cards):
            if card[0] != not_component:
                return self.cards.pop(i)
        return None

    def step(self):
        """One or two faults that come and go."""
        if self.rng.random() < 0.4:
            with contextlib.suppress(OSError):
                self.faults.snapshot_redis()
        first = self.next_card()
        second = self.next_card(first[0]) if self.rng.random() < 0.35 else None
        times = [self.rng.uniform(0.1, 2) for _ in range(4)]
        with self.caused([first]):
            time.sleep(times[0])
            if second:
                with self.caused([first, second]):
                    time.sleep(times[1])
            time.sleep(times[2] / 2)
        self.checker_faults([])
        time.sleep(times[3])

    @contextlib.contextmanager
    def caused(self, cards):
        _, name, arguments = cards[-1]
        self.checker_faults(cards)
        with getattr(self.faults, name)(*arguments):
            yield
        self.done += 1

    def checker_faults(self, cards):
        words = " and ".join(f"{name}{list(arguments) or ''}" for _, name, arguments in cards)
        self.faults.checker.tell(f"faults {words or 'none'}")
        self.log(words)
