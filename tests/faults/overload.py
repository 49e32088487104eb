"""More pages to make at a time than a gateway makes: article is slow, and a crowd asks for what is not in memory."""

import contextlib
import http.client

import suite as suites
from one_gateway import LABEL, WHOLE_WITHIN

SLOW_MILLIS = 200  # each way: a page takes longer than it takes to send all requests, and less than is waited for article
BEYOND = 100  # requests more than there is room for
REASON = "overloaded"


class Crowd:
    """Readers who are connected and send all their requests at once, each for a path of his own that there is not."""

    def __init__(self, suite, count, stack):
        self.connections = []
        for number in range(count):
            connection = http.client.HTTPConnection("127.0.0.1", suite.port("gateway"), timeout=10)
            stack.callback(connection.close)
            connection.connect()
            self.connections.append((connection, f"/nothing/crowd-{number}"))

    def send(self):
        for connection, path in self.connections:
            connection.request("GET", path)

    def answers(self):
        return [suites.Answer(connection.getresponse()) for connection, _ in self.connections]


class Overload:
    def __init__(self, site):
        self.site, self.suite, self.evidence, self.check = site, site.suite, site.evidence, site.check

    def shed(self):
        return self.evidence.metric("broadsheet_gateway_shed_total", priority="reader")

    def caused(self):
        changed = self.site.newsroom.publish("changed", "A story before the crowd comes")
        self.site.check_soon("overload: whole before", lambda: self.site.whole(changed), WHOLE_WITHIN)
        room = int(self.evidence.metric("broadsheet_gateway_render_limit"))
        mark, shed, degraded = self.evidence.mark(), self.shed(), self.site.degraded("article", reason=REASON)
        with contextlib.ExitStack() as stack:
            crowd = Crowd(self.suite, room + BEYOND, stack)
            with self.site.fault("article", "delay", SLOW_MILLIS):
                self.site.newsroom.correct("changed", "A story after the crowd has come")
                crowd.send()
                suites.wait_until(lambda: self.shed() > shed, 5, "requests to be shed")
                self.older(changed)
                self.check("overload: operators are answered", self.suite.ops("gateway", "/readyz") == 200)
                refused = self.refused(crowd.answers())
        # The story that had changed is one more. Whoever waited too long for article gets the 503 page of the moment,
        # with its label, and was not shed.
        self.check("overload: counted", 1 < self.shed() - shed <= refused + 1, f"{self.shed() - shed}, {refused}")
        self.check("overload: degraded pages are counted", self.site.degraded("article", reason=REASON) > degraded)
        lines = self.evidence.lines(mark, "too many pages are being made", priority="reader")
        self.check("overload: 'too many pages are being made' in the log", lines)
        self.site.check_soon("overload: whole afterwards", lambda: self.site.whole(changed), WHOLE_WITHIN)

    def older(self, changed):
        """What has changed cannot be made anew now: the last page is shown, and says why."""
        answer = self.suite.get(changed)
        label = answer.headers.get(LABEL, "")
        self.check("overload: the last page, labelled", answer.status == 200 and answer.degraded
                   and "before the crowd" in answer.text and f"article;reason={REASON};stale" in label,
                   f"{answer.status} {label!r}")

    def refused(self, answers):
        """How many of the crowd were refused for want of room; the others were told that there is nothing."""
        refused = [answer for answer in answers if REASON in answer.headers.get(LABEL, "")]
        for answer in refused:
            self.check("overload: 503 with links and Retry-After", answer.status == 503
                       and "retry-after" in answer.headers and 'href="/' in answer.text, answer.status)
        statuses = sorted({answer.status for answer in answers if answer not in refused})
        # A few may have waited too long for article, on a machine that stood still.
        self.check("overload: those there was room for are answered", statuses in ([404], [404, 503]), statuses)
        return len(refused)
