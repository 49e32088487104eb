"""How long hits wait while 1,000 other pages a second are being invalidated.

Readers ask at a fixed rate for pages in memory that stay as they are. In turns nothing else happens; 1,000 stories a
second are changed in an article service that the gateway does not follow; and the same in the one that it follows, where
each has a page in the gateway's memory. The bar compares the last two: what writing the stories and indexing them for
recommendation takes from the machine weighs on both, so what is left is what the gateway has to do for them.
"""

import json
import pathlib
import statistics
import subprocess
import tempfile

import contenders
import load
import stories

GOAL = 1.2
LEAST_RATE = 0.9  # of the changes wanted; the service that writes them must keep up
PER_SECOND = 1_000
CONNECTIONS, REQUESTS_PER_SECOND = 16, 125  # of each connection
FLAGS = ("--cache_mib=1024",)
TURNS = ("quiet", "elsewhere", "invalidating")


class Elsewhere:
    """A second article service with the same stories, followed by a recommendation service of its own and no gateway."""

    def __init__(self, site):
        self.suite, self.servers = site.suite, []
        port = self.start("article", f"--data={site.copy_article_to}")
        self.start("recommendation", f"--data={site.copy_article_to}/recommendation", f"--article_address=127.0.0.1:{port}")
        self.port = port

    def start(self, name, *flags):
        port, ops_port = contenders.free_ports(2)
        process = subprocess.Popen([load.BIN / name, f"--grpc_port={port}", f"--ops_port={ops_port}", *flags],
                                   stdout=(self.suite.data / f"other_{name}.log").open("w"), stderr=subprocess.STDOUT)
        self.servers.append(contenders.Contender(name, process, ops_port))
        contenders.wait_for(self.servers[-1], "/readyz")
        return port

    def stop(self):
        for server in reversed(self.servers):
            server.stop()


def read_hits(site, seconds, log):
    """Microseconds of each answer, in ascending order; all came from memory."""
    memory = stories.metric(site.suite, "broadsheet_gateway_answers_total", 'source="memory"')
    load.output_of(["h2load", "--h1", "-t1", f"-c{CONNECTIONS}", f"--rps={REQUESTS_PER_SECOND}", f"-D{seconds}",
                    f"--log-file={log}", *load.field_flags({"Accept-Encoding": "gzip"}), *map(site.gateway.url, site.paths)],
                   seconds)
    rows = [line.split("\t") for line in log.read_text().splitlines()]
    log.unlink()
    if any(status != "200" for _, status, *_ in rows):
        raise RuntimeError("not every request was answered with a page")
    memory = stories.metric(site.suite, "broadsheet_gateway_answers_total", 'source="memory"') - memory
    if memory < len(rows):
        raise RuntimeError(f"{len(rows) - memory:.0f} of {len(rows)} answers did not come from memory")
    return sorted(int(micros) for _, _, micros, *_ in rows)


class Changes:
    """1,000 stories a second at one article service, as long as the `with` block takes."""

    def __init__(self, port, seconds):
        self.command = [load.BIN / "import_load", f"--address=127.0.0.1:{port}", f"--per_second={PER_SECOND}",
                        f"--stories={PER_SECOND * seconds}", f"--time={seconds}s"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, kind, *_):
        out, _ = self.process.communicate(timeout=60)
        if kind is None:
            result = json.loads(out)
            self.rate = result["changed"] / result["seconds"]


def fill(reader, paths):
    for path in paths:
        reader.get(path)


def paths_of(count):
    return [stories.path_of(number) for number in range(count)]


def turn(name, site, elsewhere, seconds, log):
    """One turn: (p50, p99) in microseconds, and how many stories a second were changed."""
    if name == "quiet":
        micros, rate = read_hits(site, seconds, log), 0
    else:
        port = elsewhere.port if name == "elsewhere" else site.suite.port("article")
        with Changes(port, seconds) as changes:
            micros = read_hits(site, seconds, log)
        rate = changes.rate
    contenders.pause()
    return micros[len(micros) // 2], micros[len(micros) * 99 // 100], rate


def etags(reader, paths):
    return [reader.get(path)[0]["ETag"] for path in paths]


def check_invalidated(reader, paths, before):
    """None of the pages is served as it was. Whether it was made for this reader cannot be told from how many were made:
    the gateway makes its main pages by itself, for its next start."""
    same = sum(now == then for now, then in zip(etags(reader, paths), before))
    if same:
        raise RuntimeError(f"{same} of {len(paths)} pages were not invalidated")


def measure(site, rounds, seconds, log):
    elsewhere, reader = Elsewhere(site), stories.Reader(site.gateway.port)
    try:
        results = {name: [] for name in TURNS}
        for number in range(rounds):
            fill(reader, paths_of(PER_SECOND * seconds) + site.paths)
            before = etags(reader, paths_of(100))
            shift = number % len(TURNS)
            for name in TURNS[shift:] + TURNS[:shift]:
                results[name].append(turn(name, site, elsewhere, seconds, log))
            check_invalidated(reader, paths_of(100), before)
        return results
    finally:
        reader.close()
        elsewhere.stop()


def bars(binaries, quick):
    if absent := contenders.missing("h2load"):
        raise SystemExit(f"not installed: {' '.join(absent)}")
    rounds, seconds = (3, 1) if quick else (9, 4)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        site = stories.SiteWithStories(folder, seconds * PER_SECOND, FLAGS, body_bytes=600)
        site.copy_article_to = folder / "elsewhere"
        try:
            site.start()
            results = measure(site, rounds, seconds, folder / "h2load.log")
        finally:
            site.stop()
    for name, rows in results.items():
        median, high, rate = (statistics.median(column) for column in zip(*rows))
        print(f"  hits while {name:12} median {median:7.0f} us, p99 {high:7.0f} us, {rate:6.0f} stories changed a second")
    ratio = {other: statistics.median(ours[1] / theirs[1] for ours, theirs in zip(results["invalidating"], results[other]))
             for other in ("elsewhere", "quiet")}
    print(f"  p99 while invalidating is {ratio['quiet']:.2f} times that of a machine on which nobody writes")
    rate = statistics.median(row[2] for row in results["invalidating"])
    return [("invalidation_p99_times_undisturbed", ratio["elsewhere"], GOAL, ratio["elsewhere"] <= GOAL),
            ("invalidated_pages_per_second", rate, LEAST_RATE * PER_SECOND, rate >= LEAST_RATE * PER_SECOND)]
