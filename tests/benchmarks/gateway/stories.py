"""A site with as many stories of one size as a part needs: what the sample edition has not."""

import hashlib
import http.client
import re
import shutil
import subprocess

import contenders
import load
from suite import EDITION

MASK = (1 << 64) - 1
PICTURE = EDITION / "images" / "bridge-closed.jpg"


def path_of(number):
    """Of a story that `article_archive` has written; see SampleStory."""
    mixed = (number + 0x9E3779B97F4A7C15) & MASK
    mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & MASK
    mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & MASK
    return f"/a{mixed ^ mixed >> 31:016x}"


def picture_id():
    """Under which the import of the sample edition has uploaded PICTURE."""
    return f"{PICTURE.stem}-{hashlib.sha256(PICTURE.read_bytes()).hexdigest()[:12]}"


class SiteWithStories(contenders.SiteWithPage):
    """The real suite with the sample edition and `stories` more, by default with pages of about 55 KB."""

    BODY_BYTES = 36_000

    def __init__(self, folder, stories, flags=(), body_bytes=BODY_BYTES):
        super().__init__(folder, flags)
        self.stories = stories
        self.body_bytes = body_bytes
        self.copy_article_to = None  # where a copy of what the article service has stored is wanted

    def start(self):
        """The stories are written straight into the file of the article service, which has made the tables."""
        suite = self.suite
        suite.start("redis", "article", "media")
        suite.cli("import", EDITION)
        subprocess.run([load.BIN / "article_load", f"--address={suite.address('article')}", "--what=publish",
                        "--stories=0"], check=True)
        suite.terminate("article")
        subprocess.run([load.BIN / "article_archive", f"--database={suite.data}/article/article.sqlite",
                        f"--stories={self.stories}", f"--body_bytes={self.body_bytes}",
                        f"--image={picture_id()}"], check=True)
        if self.copy_article_to:
            shutil.copytree(suite.data / "article", self.copy_article_to)
        suite.start("article", "recommendation", "gateway")
        port = suite.port("gateway")
        self.gateway = contenders.Contender("gateway", suite.processes["gateway"], port, port)
        contenders.wait_until(lambda: self.known_to_recommendation() >= self.stories, 900, "recommendation to catch up")
        self.paths = self.article_paths()  # of the sample edition

    def known_to_recommendation(self):
        """Stories that can be recommended; 0 as long as there are more to come."""
        known, caught_up = (metric(self.suite, f"broadsheet_recommendation_{name}", process="recommendation")
                            for name in ("stories", "caught_up"))
        return known if caught_up else 0


class Reader:
    """One kept-alive connection to a gateway."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path, coding="gzip"):
        """(fields, body) of a page that is there."""
        self.connection.request("GET", path, headers={"Accept-Encoding": coding})
        response = self.connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status}")
        return response.headers, body

    def close(self):
        self.connection.close()


def ops_text(suite, path, name="gateway"):
    """What a process tells its operators: /metrics, /status."""
    connection = http.client.HTTPConnection("127.0.0.1", suite.ops_port(name), timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def metric(suite, name, label="", process="gateway"):
    """Sum of a metric over its labels, or over those that `label` is among."""
    rows = re.findall(rf"^{name}(?:{{([^}}]*)}})? (\S+)$", ops_text(suite, "/metrics", process), re.MULTILINE)
    return sum(float(value) for labels, value in rows if label in labels)
