"""Pages that only Redis has, against redis-benchmark asking for one of the same values."""

import pathlib
import re
import statistics
import subprocess
import tempfile

import contenders
import load
import stories
from suite import wait_until

GOAL = 0.7
FLAGS = ("--cache_mib=0",)  # no memory for pages
PAGES = 4 * load.CONNECTIONS  # asked for in turn, so that no two connections want the same one at a time
BODY_BYTES = 36_000


class Redis:
    def __init__(self, port):
        self.port = port

    def run(self, program, *arguments):
        return subprocess.run([program, "-h", "127.0.0.1", "-p", str(self.port), *map(str, arguments)], check=True,
                              capture_output=True, text=True, timeout=120).stdout

    def reads(self):
        found = re.search(r"cmdstat_get:calls=(\d+)", self.run("redis-cli", "INFO", "commandstats"))
        return int(found[1]) if found else 0

    def keys_of(self, paths):
        """The keys under which the pages lie: those that end with their paths. None unless all are there."""
        keys = {key for key in self.run("redis-cli", "--scan").split() for path in paths if key.endswith(path)}
        return sorted(keys) if len(keys) == len(paths) else None

    def bytes_of(self, key):
        return int(self.run("redis-cli", "STRLEN", key))

    def gets_a_second(self, key, requests):
        """What redis-benchmark reaches: 50 connections, one GET at a time on each."""
        text = self.run("redis-benchmark", "-P", 1, "-c", 50, "-n", requests, "-q", "GET", key)
        return float(re.findall(r"([\d.]+) requests per second", text)[-1])


def is_made(reader, path):
    """A busy machine may take longer over a page than the gateway allows."""
    try:
        return bool(reader.get(path))
    except RuntimeError:
        return False


def fill(site, redis, paths):
    """Has the pages made, and waits until Redis has them all; returns their keys."""
    reader = stories.Reader(site.gateway.port)
    for path in paths:
        wait_until(lambda path=path: is_made(reader, path), 30, f"{path} to be made")
    reader.close()
    wait_until(lambda: redis.keys_of(paths), 30, "the pages to lie in Redis")
    return redis.keys_of(paths)


def one_round(site, redis, paths, seconds, folder):
    """(answers, GETs that Redis had for them) a second."""
    before = redis.reads()
    answers = load.wrk_in_turn(site.gateway.url("/"), paths, seconds, {"Accept-Encoding": "gzip"}, folder)
    return answers / seconds, (redis.reads() - before) / seconds


def bars(binaries, quick):
    if absent := contenders.missing("redis-benchmark", "redis-cli", "wrk"):
        raise SystemExit(f"not installed: {' '.join(absent)}")
    rounds, seconds, requests = (3, 1, 20_000) if quick else (9, 3, 100_000)
    paths = [stories.path_of(number) for number in range(PAGES)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        site = stories.SiteWithStories(folder, PAGES, FLAGS, BODY_BYTES)
        try:
            site.start()
            redis = Redis(site.suite.port("redis"))
            keys = fill(site, redis, paths)
            size = statistics.median(map(redis.bytes_of, keys))
            key = min(keys, key=lambda each: abs(redis.bytes_of(each) - size))
            answers, ours, theirs = [], [], []
            for _ in range(rounds):
                answered, asked = one_round(site, redis, paths, seconds, folder)
                answers.append(answered)
                ours.append(min(answered, asked))
                contenders.pause()
                theirs.append(redis.gets_a_second(key, requests))
                contenders.pause()
        finally:
            site.stop()
    ratio = statistics.median(our / their for our, their in zip(ours, theirs))
    print(f"  redis_hit              gateway  {statistics.median(answers):9.0f} pages per second, "
          f"{statistics.median(ours):.0f} with a GET of their own, {PAGES} pages of {size:.0f} bytes in turn\n"
          f"                         redis-benchmark {statistics.median(theirs):9.0f} GETs per second of one of them")
    return [("redis_hit_times_redis_benchmark", ratio, GOAL, ratio >= GOAL)]
