"""Memory that the gateway takes for each page it keeps, as the kernel and as the cache itself count it, against the
bytes of the page's compressed codings."""

import pathlib
import re
import tempfile

import contenders
import stories

GOAL = 1.3
FLAGS = ("--cache_mib=2048",)
WARM_UP = 1_000  # pages after which pools, connections and records have their size
AT_A_TIME = 200  # pages whose background compression is waited for; what is too much is dropped there


def resident_bytes(pid):
    return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) << 10


def kept(suite):
    """(pages, bytes) in memory, as the gateway counts them."""
    found = re.search(r"in memory\D+(\d+) pages, (\d+) KiB", re.sub(r"<[^>]+>", " ", stories.ops_text(suite, "/status")))
    return int(found[1]), int(found[2]) << 10


def fill(reader, numbers):
    """Asks for each page twice, as only what is asked for again is compressed further, and waits for its final codings."""
    paths = [stories.path_of(number) for number in numbers]
    for begin in range(0, len(paths), AT_A_TIME):
        batch = paths[begin:begin + AT_A_TIME]
        for path in batch:
            for _ in range(2):
                reader.get(path)
        contenders.wait_until(lambda: reader.get(batch[-1], "br")[0]["Content-Encoding"] == "br", 600,
                              "the background's compression")


def coded_bytes(reader, numbers):
    """(identity, gzip, brotli) bytes of all these pages together."""
    totals = []
    for coding in ("identity", "gzip", "br"):
        answers = [reader.get(stories.path_of(number), coding) for number in numbers]
        if coding == "br" and any(fields["Content-Encoding"] != "br" for fields, _ in answers):
            raise RuntimeError("a page is not in its final form")
        totals.append(sum(len(body) for _, body in answers))
    return totals


def settled(pid):
    """Resident bytes once the allocator has given back what it means to."""
    smallest = resident_bytes(pid)
    for _ in range(25):
        contenders.pause()
        smallest = min(smallest, resident_bytes(pid))
    return smallest


def bars(binaries, quick):
    pages = 1_000 if quick else 5_000
    measured = range(WARM_UP, WARM_UP + pages)
    with tempfile.TemporaryDirectory() as temporary:
        site = stories.SiteWithStories(pathlib.Path(temporary), WARM_UP + pages, FLAGS)
        try:
            site.start()
            pid, reader = site.gateway.process.pid, stories.Reader(site.gateway.port)
            fill(reader, range(WARM_UP))
            pages_before, counted_before = kept(site.suite)
            resident_before = settled(pid)
            fill(reader, measured)
            resident = settled(pid) - resident_before
            pages_after, counted = kept(site.suite)
            counted -= counted_before
            # The gateway makes its main pages by itself for the next start, so there may be a few more.
            if not pages <= pages_after - pages_before <= pages + 10:
                raise RuntimeError(f"{pages_after - pages_before} of {pages} pages were kept")
            identity, gzip, brotli = coded_bytes(reader, measured)
            reader.close()
        finally:
            site.stop()
    print(f"  {pages} pages, bytes of each: {identity / pages:.0f} uncoded, {gzip / pages:.0f} as gzip, "
          f"{brotli / pages:.0f} as brotli; {resident / pages:.0f} resident, {counted / pages:.0f} counted by the cache")
    return [(name, value / (gzip + brotli), GOAL, value <= GOAL * (gzip + brotli))
            for name, value in (("memory_per_page_times_compressed", resident),
                                ("memory_per_page_counted_times_compressed", counted))]
