"""Pages of which nothing is cached, against a program that makes three calls at a time, renders and compresses.

Nothing of the page itself is cached; what it shares with others is known, as it is to a gateway in use: authors,
sections, most-read stories, and the one picture that all the stories have, so that media is not asked. The table says
which calls the gateway made for a page; the bare program always makes one to each service.

CPU is that of the gateway's threads but for the one of low priority that makes smaller codings afterwards: it takes only
what nobody else wants, and the table shows it beside. Latency is measured with one dependency after the other slowed down
by a proxy, one reader at a time.
"""

import json
import pathlib
import socket
import statistics
import subprocess
import tempfile

import contenders
import load
import stories
from suite import ROOT

SERVICES = ("article", "media", "recommendation")
CPU_GOAL, MEDIAN_GOAL, P99_GOAL = 1.5, 1.1, 1.5
METHODS = ("GetArticle", "BatchGetArticles", "ListArticles", "ListRelated", "BatchGetImages")
READERS = 64
DELAY_MILLISECONDS = 10  # each way
FLAGS = ("--cache_mib=1024",)
WARM_UP = 500  # pages after which what many pages have in common is known: authors, pictures, sections


def thread_seconds(pid):
    """CPU time of the threads of a process that readers wait for, and of those of low priority."""
    taken = {}
    tasks = pathlib.Path(f"/proc/{pid}/task")
    usual = nice_of(tasks / str(pid))
    for task in tasks.iterdir():
        low = nice_of(task) != usual
        taken[low] = taken.get(low, 0.0) + int((task / "schedstat").read_text().split()[0]) / 1e9
    if True not in taken:
        raise RuntimeError("no thread of low priority was found")
    return taken[False], taken[True]


def nice_of(task):
    return int((task / "stat").read_text().rpartition(")")[2].split()[16])


class Proxies:
    """Between the gateway, or the bare program, and each service."""

    def __init__(self, suite):
        self.process = subprocess.Popen([load.BIN / "fault_proxy", *(str(suite.port(name)) for name in SERVICES)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = dict(zip(SERVICES, map(int, self.process.stdout.readline().split())))

    def slow_down(self, name, milliseconds):
        mode = f"delay {milliseconds}" if milliseconds else "pass"
        self.process.stdin.write(f"{SERVICES.index(name)} {mode}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ok\n"

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)


class Numbers:
    """Stories that nobody has asked for yet."""

    def __init__(self):
        self.next = 0

    def take(self, count):
        self.next += count
        return self.next - count


class Contest:
    """The gateway and the bare program, asked for pages of stories of one size."""

    def __init__(self, site, proxies, folder):
        self.site, self.proxies, self.folder = site, proxies, folder

    def gateway(self, first, count, at_a_time):
        """(CPU seconds that count, of low priority; microseconds of each answer in ascending order)"""
        pid = self.site.gateway.process.pid
        urls = [self.site.gateway.url(stories.path_of(number)) for number in range(first, first + count)]
        before = thread_seconds(pid)
        micros = load.each_once(urls, {"Accept-Encoding": "gzip"}, at_a_time, self.folder)
        used, later = (after - then for after, then in zip(thread_seconds(pid), before))
        return used, later, micros

    def bare(self, first, count, at_a_time):
        """What the bare program says of itself."""
        suite = self.site.suite
        return json.loads(load.output_of(
            [load.BIN / "bare_page_maker", *(f"--{name}_address=127.0.0.1:{self.proxies.ports[name]}" for name in SERVICES),
             f"--templates={ROOT / 'services/gateway/renderer/templates'}", f"--site_url={suite.url}",
             f"--media_url=http://localhost:{suite.port('media_http')}", f"--first={first}", f"--pages={count}",
             f"--at_a_time={at_a_time}", f"--image={stories.picture_id()}"], 120))


def calls_made(suite):
    return {method: stories.metric(suite, "broadsheet_rpc_client_calls_total", f"{method}\"") for method in METHODS}


def compare_cpu(contest, numbers, rounds, count):
    ours, later, theirs, made = [], [], [], []
    before = calls_made(contest.site.suite)
    for number in range(rounds):
        first = numbers.take(count)
        def gateway():
            used, low, _ = contest.gateway(first, count, 8)
            ours.append(used / count * 1e6)
            later.append(low / count * 1e6)
        def bare():
            made.append(contest.bare(first, count, 8))
            theirs.append(made[-1]["cpu_us"])
        for turn in (gateway, bare) if number % 2 else (bare, gateway):
            turn()
            contenders.pause()
    calls = ", ".join(f"{(after - before[method]) / rounds / count:.2f} {method}"
                      for method, after in calls_made(contest.site.suite).items())
    size = len(stories.Reader(contest.site.gateway.port).get(stories.path_of(first), "identity")[1])
    print(f"  cold page              gateway  {statistics.median(ours):7.0f} us of CPU, {size} bytes; another "
          f"{statistics.median(later):.0f} us at low priority\n"
          f"                         bare     {statistics.median(theirs):7.0f} us of CPU, {made[-1]['bytes']:.0f} bytes\n"
          f"  the gateway's calls for a page: {calls}")
    if not 0.9 < size / made[-1]["bytes"] < 1.1:
        raise RuntimeError("the pages are not comparable")
    ratio = statistics.median(our / their for our, their in zip(ours, theirs))
    return [("cold_page_cpu_times_bare", ratio, CPU_GOAL, ratio <= CPU_GOAL)]


def compare_latency(contest, numbers, rounds, count):
    """With each service slow in turn, and with all of them, which no page can be made in: recommendation says only which
    stories are related, and which pictures stand in a story the story alone says."""
    bars = []
    for slow in (*SERVICES, None):
        medians, highs, rows = [], [], []
        for name in SERVICES if slow is None else (slow,):
            contest.proxies.slow_down(name, DELAY_MILLISECONDS)
        for _ in range(rounds):
            # Each its own stories: what was asked for before, the services have at hand.
            _, _, micros = contest.gateway(numbers.take(count), count, 1)
            calls = contest.bare(numbers.take(count), count, 1)
            median, high = micros[count // 2], micros[count * 99 // 100]
            medians.append(median / calls["calls_p50_us"])
            highs.append(high / calls["calls_p99_us"])
            rows.append((median, high, calls["calls_p50_us"], calls["calls_p99_us"]))
        for name in SERVICES:
            contest.proxies.slow_down(name, 0)
        print("  {:14} slow    page median {:6.0f} us, p99 {:6.0f} us; slowest call median {:6.0f} us, p99 {:6.0f} us".format(
            slow or "all", *(statistics.median(column) for column in zip(*rows))))
        median, high = statistics.median(medians), statistics.median(highs)
        if slow:
            bars += [(f"cold_page_median_times_slow_{slow}", median, MEDIAN_GOAL, median <= MEDIAN_GOAL),
                     (f"cold_page_p99_times_slow_{slow}", high, P99_GOAL, high <= P99_GOAL)]
    return bars


def renders_for_readers(contest, numbers, rounds):
    """How often a page is made that many readers ask for at once: the most of some rounds."""
    site, most = contest.site, 0
    contest.proxies.slow_down("article", DELAY_MILLISECONDS)  # all have asked before it is made
    for _ in range(rounds):
        path = stories.path_of(numbers.take(1))
        readers = [socket.create_connection(("127.0.0.1", site.gateway.port), 10) for _ in range(READERS)]
        before = stories.metric(site.suite, "broadsheet_gateway_renders_total")
        for reader in readers:
            reader.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        for reader in readers:
            with reader, reader.makefile("rb") as answer:
                if not answer.read().startswith(b"HTTP/1.1 200 "):
                    raise RuntimeError(f"{path} was not answered with a page")
        most = max(most, int(stories.metric(site.suite, "broadsheet_gateway_renders_total") - before))
    contest.proxies.slow_down("article", 0)
    return [(f"cold_page_renders_for_{READERS}_readers", most, 1, most == 1)]


def bars(binaries, quick):
    if absent := contenders.missing("h2load"):
        raise SystemExit(f"not installed: {' '.join(absent)}")
    rounds, pages, calls = (3, 100, 40) if quick else (9, 300, 100)
    with tempfile.TemporaryDirectory() as temporary:
        folder, proxies, numbers = pathlib.Path(temporary), None, Numbers()
        site = stories.SiteWithStories(folder, WARM_UP + rounds * (pages + 8 * calls + 2), FLAGS)
        try:
            proxies = Proxies(site.suite)
            site.suite.detours |= {("gateway", name): port for name, port in proxies.ports.items()}
            site.start()
            contest = Contest(site, proxies, folder)
            contest.gateway(numbers.take(WARM_UP), WARM_UP, 8)
            return [*compare_cpu(contest, numbers, rounds, pages), *compare_latency(contest, numbers, rounds, calls),
                    *renders_for_readers(contest, numbers, rounds)]
        finally:
            site.stop()
            if proxies:
                proxies.stop()
