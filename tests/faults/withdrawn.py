"""A story on every kind of page that shows one, and what may become of these pages once it is withdrawn."""

import datetime
import re

import suite as suites
from newsroom import AUTHOR, SECTION
from one_gateway import LABEL, WHOLE_WITHIN

FOLLOWERS = 1  # with a lease: the gateway. Recommendation follows without one


class Story:
    """One that is public, and named as related on the page of another. `check(what, condition, seen)` takes the verdicts."""

    def __init__(self, newsroom, suite, check, name):
        self.newsroom, self.suite, self.check = newsroom, suite, check
        self.name = name
        self.headline = f"Zqheadline {name}"
        self.path = newsroom.publish(name, self.headline)
        beside = newsroom.publish(f"beside-{name}", "A story that names another one", [name])
        month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
        self.own = (self.path, f"{self.path}.ninjs.json")
        # A mention of the story can be cut out of a finished one of these, and of none of the others.
        self.lists = ("/", f"/{SECTION}", f"/authors/{AUTHOR}", beside)
        self.feeds = ("/feed.rss", "/feed.atom", "/feed.json", f"/{SECTION}/feed.atom", f"/authors/{AUTHOR}/feed.rss",
                      "/sitemaps/news.xml", f"/sitemaps/{month}.xml")

    def withhold(self):
        """Whether the gateway has been told; otherwise its lease has run out, and it knows that it is cut off."""
        return self.newsroom.withhold(self.name).propagation.acknowledged == FOLLOWERS

    def is_in(self, answer, path):
        """Whether the answer for `path` has the story's headline, or its path, in its fields or its body. That of the
        path itself may repeat what was asked for."""
        received = repr(answer.headers) + answer.text
        named = path not in self.own and re.search(re.escape(self.path) + r"(?![-\w])", received)
        return self.headline in received or bool(named)

    def check_public(self, when):
        """Every page there is shows it: what is not found later was there to be found, and the gateway has it."""
        for path in (*self.own, *self.lists, *self.feeds):
            answer = self.whole(path)
            # The month's sitemap has no headlines.
            shown = self.path in answer.text and (self.headline in answer.text or path == self.feeds[-1])
            self.check(f"{when}: {path} shows what is public", answer.status == 200 and shown, answer.status)

    def check_absent(self, when):
        """None shows it. Article may not be there to make a page anew, so that some may be refused."""
        for path in (*self.own, *self.lists, *self.feeds):
            answer = self.suite.get(path)
            self.judge(when, path, answer, {410} if path in self.own else {200} if path in self.lists else {200, 503})
            if answer.status == 503:
                self.check(f"{when}: {path} may be asked for again", "retry-after" in answer.headers)

    def check_gone(self, when):
        """The same, with article there: every other page is whole again."""
        for path in (*self.own, *self.lists, *self.feeds):
            self.judge(when, path, self.whole(path), {410} if path in self.own else {200})

    def judge(self, when, path, answer, expected):
        self.check(f"{when}: {path} is {expected}", answer.status in expected, answer.status)
        self.check(f"{when}: {path} is without what is withdrawn", not self.is_in(answer, path))

    def whole(self, path):
        """The answer once it is not labelled: a machine that stands still cuts the gateway off for a moment, too."""
        answers = []

        def is_whole():
            answers.append(self.suite.get(path))
            return LABEL not in answers[-1].headers
        suites.wait_until(is_whole, WHOLE_WITHIN, f"{path} to be whole")
        return answers[-1]

    def check_labelled(self, when):
        """Every page is labelled or refused, whether it shows the story or not."""
        for path in (*self.own, *self.lists, *self.feeds):
            answer = self.suite.get(path)
            label = answer.headers.get(LABEL, "")
            self.check(f"{when}: {path} is labelled", "article;reason=" in label, f"{answer.status} {label!r}")
