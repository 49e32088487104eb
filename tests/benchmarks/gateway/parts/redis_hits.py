"""Pages that only Redis has, against redis-benchmark asking for the same value."""

import pathlib
import re
import statistics
import subprocess
import tempfile

import contenders
import load

GOAL = 0.7
# Without memory for pages each request asks Redis, or shares the answer of one that has just asked.
FLAGS = ("--cache_mib=0",)


class Redis:
    def __init__(self, port):
        self.port = port

    def run(self, program, *arguments):
        return subprocess.run([program, "-h", "127.0.0.1", "-p", str(self.port), *map(str, arguments)], check=True,
                              capture_output=True, text=True, timeout=120).stdout

    def reads(self):
        found = re.search(r"cmdstat_get:calls=(\d+)", self.run("redis-cli", "INFO", "commandstats"))
        return int(found[1]) if found else 0

    def key_of(self, path):
        """The key under which the page lies: the one whose value names it."""
        for key in self.run("redis-cli", "--scan").split():
            if path.encode() in subprocess.run(["redis-cli", "-p", str(self.port), "GET", key], check=True,
                                               capture_output=True, timeout=10).stdout:
                return key
        raise RuntimeError(f"Redis does not hold {path}")

    def gets_a_second(self, key, requests):
        """What redis-benchmark reaches: 50 connections, one GET at a time on each."""
        text = self.run("redis-benchmark", "-P", 1, "-c", 50, "-n", requests, "-q", "GET", key)
        return float(re.findall(r"([\d.]+) requests per second", text)[-1])


def bars(binaries, quick):
    if absent := contenders.missing("redis-benchmark", "redis-cli", "wrk"):
        raise SystemExit(f"not installed: {' '.join(absent)}")
    rounds, seconds, requests = (3, 1, 20_000) if quick else (9, 3, 100_000)
    with tempfile.TemporaryDirectory() as temporary:
        site = contenders.SiteWithPage(pathlib.Path(temporary), FLAGS, in_memory=False)
        try:
            site.start()
            redis = Redis(site.suite.port("redis"))
            key = redis.key_of(site.path)
            ours, theirs, shared = [], [], []
            for _ in range(rounds):
                before = redis.reads()
                answers = load.wrk(site.gateway.url(site.path), seconds, {"Accept-Encoding": "gzip"})
                shared.append(answers / max(redis.reads() - before, 1))
                ours.append(answers / seconds)
                contenders.pause()
                theirs.append(redis.gets_a_second(key, requests))
                contenders.pause()
        finally:
            site.stop()
    ratio = statistics.median(our / their for our, their in zip(ours, theirs))
    print(f"  redis_hit              gateway  {statistics.median(ours):9.0f} requests per second, "
          f"{statistics.median(shared):.1f} for each GET of its own\n"
          f"                         redis-benchmark {statistics.median(theirs):9.0f} GETs per second of the same value")
    if statistics.median(shared) > load.CONNECTIONS:
        raise RuntimeError("memory answered, not Redis")
    return [("redis_hit_times_redis_benchmark", ratio, GOAL, ratio >= GOAL)]
