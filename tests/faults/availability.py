"""Known pages while what is behind the gateways is dead: all there, and labelled where they may be old."""

import re
import time

from suite import wait_until

KEPT_AFTER = 20  # seconds: longer than a gateway takes to write its most important pages to disk
LABELLED_AFTER = 1.5  # seconds: a lease, and a few calls that find out that nobody answers


# Of each other kind one.
OTHERS = ("/most-read", "/feed.atom", "/feed.rss", "/feed.json", "/section-0-0/feed.atom", "/section-0-0/feed.rss",
          "/sitemap.xml", "/sitemaps/pages.xml", "/sitemaps/news.xml")


def labelled(answer):
    return answer.degraded or "broadsheet-degraded" in answer.headers


class Availability:
    def __init__(self, suite, stories, sections):
        self.suite = suite
        paths = ["/", *OTHERS, *(f"/section-0-{i}" for i in range(sections)),
                 *(f"/checked-0/story-{i}" for i in range(stories)),
                 *(f"/checked-0/story-{i}.ninjs.json" for i in range(stories))]
        self.asked = self.answered = 0
        self.unlabelled = 0
        self.recoveries = {}
        if "recommendation" in suite.ORDER:  # without it there are always labels
            wait_until(lambda: not any(labelled(suite.get(path, gateway=gateway))
                                       for gateway in suite.gateways for path in paths),
                       30, "the traces of earlier faults to be gone")
        first = {path: suite.get(path) for path in paths}
        self.known = [path for path, answer in first.items() if answer.status == 200]
        self.gone = [path for path, answer in first.items() if answer.status == 410]
        self.whole = [self.ask_all(gateway) for gateway in suite.gateways]
        if self.answered != self.asked:
            raise RuntimeError("not every page is there to begin with")
        self.asked = self.answered = 0

    def ask_all(self, gateway):
        """Every known page once; how many were whole and not labelled."""
        whole = 0
        for path in self.known:
            self.asked += 1
            try:
                answer = self.suite.get(path, gateway=gateway)
            except OSError as error:
                print(f"  {path} from {gateway}: {error}")
                continue
            if answer.status == 200:
                self.answered += 1
            else:
                print(f"  {path} from {gateway}: {answer.status}")
            if not labelled(answer):
                whole += 1
        for path in self.gone:
            status = self.suite.get(path, gateway=gateway).status
            if status != 410:
                print(f"  withheld {path} from {gateway}: {status}")
                self.answered -= 1
        return whole

    def without(self, *names):
        for name in names:
            self.suite.kill(name)
        for gateway in self.suite.gateways:
            self.ask_all(gateway)  # at once, while leases may still hold
        if "article" in names:
            time.sleep(LABELLED_AFTER)
            for gateway in self.suite.gateways:
                self.unlabelled += self.ask_all(gateway)
        began = time.monotonic()
        self.suite.start(*names)
        wait_until(lambda: [self.ask_all(gateway) for gateway in self.suite.gateways] == self.whole, 30,
                   "every page to be whole again")
        self.recoveries[" ".join(names)] = time.monotonic() - began

    def restarted_alone(self):
        """Everything killed, the gateways too; the gateways alone come back. The front and the sections must be there,
        and whatever else is shown must be labelled."""
        top = ["/", *(path for path in self.known if path.startswith("/section-") and "/feed." not in path)]
        for gateway in self.suite.gateways:  # so that what is on disk is what readers ask for most
            for path in [*top, *top]:
                self.suite.get(path, gateway=gateway)
        time.sleep(KEPT_AFTER)
        names = [name for name in self.suite.ORDER if name not in self.suite.gateways]
        for name in [*names, *self.suite.gateways]:
            self.suite.kill(name)
        self.suite.start(*self.suite.gateways)
        asked = answered = unlabelled = others = leaked = 0
        for gateway in self.suite.gateways:
            for path in self.known:
                answer = self.suite.get(path, gateway=gateway)
                shown = answer.status == 200
                unlabelled += shown and not labelled(answer)
                if path in top:
                    asked, answered = asked + 1, answered + shown
                    if not shown:
                        print(f"  {path} from {gateway}, started alone: {answer.status}")
                else:
                    others += shown
            leaked += sum(self.suite.get(path, gateway=gateway).status == 200 for path in self.gone)
        self.suite.start(*names)
        return asked, answered, unlabelled, others, leaked

    @property
    def percent(self):
        return 100 * self.answered / max(self.asked, 1)
