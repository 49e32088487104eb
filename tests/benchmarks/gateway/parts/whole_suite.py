"""The whole suite against WordPress: pages that nobody has asked for before, CPU of every process of both.

Neither has anything of a page kept: the gateway is asked for stories that no cache knows, WordPress has no page cache.
What both have warm is what every page shares: programs, connections, authors, pictures, WordPress's compiled PHP and its
whole database in memory. Ours pays also for what comes after the answer, such as the copy in Redis; smaller codings are
made once a page is asked for again.
"""

import contextlib
import json
import pathlib
import statistics
import tempfile

import cold_pages
import contenders
import load
import stories
import wordpress

GOAL = 50
FLAGS = ("--cache_mib=1024",)
AT_A_TIME = 8
POSTS_WARM_UP = 10 * wordpress.CHILDREN
# Of a post. WordPress adds some 45 KB of styles and scripts to every page of its own theme, so that a page as long as
# ours has a third of the story: it makes less of it, not more.
POST_BYTES = 12_000
SAME_SIZE = 1.1  # pages may differ by so much
SAMPLES = 5  # pages whose size is looked at


class Turns:
    """Pages that nobody has asked a contender for yet, and what it took to make them."""

    def __init__(self, name, servers, urls, folder):
        self.name, self.servers, self.urls, self.folder = name, servers, urls, folder
        self.rounds = []  # CPU microseconds of a page, by process

    def ask(self, count):
        taken, self.urls = self.urls[:count], self.urls[count:]
        before = self.cpu_seconds()
        load.each_once(taken, {"Accept-Encoding": "gzip"}, AT_A_TIME, self.folder)
        self.settle()
        after = self.cpu_seconds()
        self.rounds.append({name: (after[name] - before[name]) / count * 1e6 for name in after})

    def settle(self):
        """Waits until nothing is left to do for these pages."""

    def cpu_seconds(self):
        return {server.name: server.cpu_seconds() for server in self.servers}

    def report(self, sizes):
        total = statistics.median(sum(used.values()) for used in self.rounds)
        print(f"  {self.name:18} {total:8.0f} us of CPU for a page of {sizes[0]} bytes, {sizes[1]} as gzip", flush=True)
        for name in self.rounds[0]:
            print(f"    {name:16} {statistics.median(used[name] for used in self.rounds):8.0f} us")


class SuiteTurns(Turns):
    def __init__(self, site, urls, folder):
        servers = [contenders.Contender(name, process, None) for name, process in site.suite.processes.items()]
        super().__init__("whole suite", servers, urls, folder)
        self.gateway = site.gateway.process.pid

    def settle(self):
        """What is made of pages after their answers is made once the thread of low priority rests."""
        def rests():
            _, before = cold_pages.thread_seconds(self.gateway)
            contenders.pause()
            return cold_pages.thread_seconds(self.gateway)[1] - before < 0.001
        contenders.wait_until(rests, 120, "the background's compression")

    def cpu_seconds(self):
        """That of low priority is shown by itself, and counts like any other."""
        _, later = cold_pages.thread_seconds(self.gateway)
        seconds = super().cpu_seconds()
        return seconds | {"gateway": seconds["gateway"] - later, "gateway, later": later}


def story(reader, number):
    """As ninjs has it, for WordPress."""
    path = stories.path_of(number)
    item = json.loads(reader.get(f"{path}.ninjs.json", "identity")[1])
    blocks, size = [], 0
    for block in item["bodies"][0]["value"].splitlines():
        if size >= POST_BYTES:
            break
        blocks.append(block)
        size += len(block.encode())
    return {"slug": path[1:], "headline": item["headlines"][0]["value"], "standfirst": item["descriptions"][0]["value"],
            "author": item["people"][0]["name"], "section": item["subjects"][0]["name"], "blocks": blocks,
            "subjects": [subject["name"] for subject in item["subjects"][1:]], "picture": str(stories.PICTURE)}


def sizes_of(urls, folder):
    """Median bytes of pages, uncoded and as gzip, as they come over the wire."""
    def size(url, coding):
        body = folder / "body"
        fields = load.output_of(["curl", "-sS", "-f", "--http2-prior-knowledge", "-D", "-", "-o", body, "-H",
                                 f"Accept-Encoding: {coding}", url], 10)
        if (coding == "gzip") != ("content-encoding: gzip" in fields.lower()):
            raise RuntimeError(f"{url} is not coded as {coding}")
        return body.stat().st_size
    return [int(statistics.median(size(url, coding) for url in urls)) for coding in ("identity", "gzip")]


def compare(ours, theirs, warm_up, rounds, pages, posts):
    sizes = [sizes_of(turns.urls[:SAMPLES], turns.folder) for turns in (ours, theirs)]
    if not 1 / SAME_SIZE < sizes[0][0] / sizes[1][0] < SAME_SIZE:
        raise RuntimeError(f"the pages are not comparable: {sizes}")
    for turns, count in ((ours, warm_up), (theirs, POSTS_WARM_UP)):
        turns.urls = turns.urls[SAMPLES:]
        turns.ask(count)
        turns.rounds.clear()
    for number in range(rounds):
        for turns, count in ((ours, pages), (theirs, posts))[::1 if number % 2 else -1]:
            turns.ask(count)
            contenders.pause()
    ours.report(sizes[0])
    theirs.report(sizes[1])
    ratio = statistics.median(sum(them.values()) / sum(us.values()) for us, them in zip(ours.rounds, theirs.rounds))
    return [("whole_suite_pages_per_cpu_second_times_wordpress", ratio, GOAL, ratio >= GOAL)]


def bars(binaries, quick):
    if absent := wordpress.missing() + contenders.missing("h2load", "curl"):
        raise SystemExit(f"not installed: {' '.join(absent)}")
    warm_up, rounds, pages, posts = (200, 3, 200, 40) if quick else (500, 9, 600, 80)
    count, post_count = SAMPLES + warm_up + rounds * pages, SAMPLES + POSTS_WARM_UP + rounds * posts
    with tempfile.TemporaryDirectory() as temporary, contextlib.ExitStack() as stack:
        folder = pathlib.Path(temporary)
        site = stories.SiteWithStories(folder, count + post_count, FLAGS)
        stack.callback(site.stop)
        site.start()
        # The posts are stories whose pages the gateway is not asked for.
        reader = stories.Reader(site.gateway.port)
        copied = [story(reader, number) for number in range(count, count + post_count)]
        reader.close()
        peer = wordpress.WordPress(folder)
        stack.callback(peer.stop)
        peer.start(copied)
        urls = [site.gateway.url(stories.path_of(number)) for number in range(count)]
        ours = SuiteTurns(site, urls, folder)
        theirs = Turns("WordPress", list(peer.servers.values()), [peer.url(post["slug"]) for post in copied], folder)
        return compare(ours, theirs, warm_up, rounds, pages, posts)
