"""More pages to make at a time than a gateway makes: article is slow, and a crowd asks for what is not in memory."""

import contextlib
import http.client
import time

import suite as suites
from one_gateway import LABEL, WHOLE_WITHIN

SLOW_MILLIS = 200  # each way: a page takes longer than it takes to send all requests, and less than is waited for article
BEYOND = 100  # requests more than there is room for
REASON = "overloaded"
REFUSED_WITHIN = 5  # seconds
CROWDS = 5  # on a busy machine one may get through before anybody else asks


class Crowd:
    """Readers who are connected and send all their requests at once, each for a path of his own that there is not."""

    def __init__(self, suite, name, count, stack):
        self.connections = []
        for number in range(count):
            connection = http.client.HTTPConnection("127.0.0.1", suite.port("gateway"), timeout=30)
            stack.callback(connection.close)
            connection.connect()
            self.connections.append((connection, f"/nothing/{name}-{number}"))

    def send(self):
        for connection, path in self.connections:
            connection.request("GET", path)

    def answers(self):
        return [suites.Answer(connection.getresponse()) for connection, _ in self.connections]


class Overload:
    def __init__(self, site):
        self.site, self.suite, self.evidence, self.check = site, site.suite, site.evidence, site.check
        self.mark = self.evidence.mark()

    def shed(self):
        return self.evidence.metric("broadsheet_gateway_shed_total", priority="reader")

    def caused(self):
        caused = any(self.crowded(number) for number in range(CROWDS))
        self.check("overload: caused", caused, f"by none of {CROWDS} crowds")
        lines = self.evidence.lines(self.mark, "too many pages are being made", priority="reader")
        self.check("overload: 'too many pages are being made' in the log", lines)

    def crowded(self, number):
        """Whether the story that changed was asked for while the crowd left no room, and the crowd was answered."""
        name = f"changed-{number}"
        changed = self.site.newsroom.publish(name, "A story before the crowd comes")
        self.site.check_soon("overload: whole before", lambda: self.site.whole(changed), WHOLE_WITHIN)
        room = int(self.evidence.metric("broadsheet_gateway_render_limit"))
        shed, degraded = self.shed(), self.site.degraded("article", reason=REASON)
        with contextlib.ExitStack() as stack:
            crowd = Crowd(self.suite, f"crowd-{number}", room + BEYOND, stack)
            with self.site.fault("article", "delay", SLOW_MILLIS):
                self.site.newsroom.correct(name, "A story after the crowd has come")
                crowd.send()
                if not self.older(changed):
                    crowd.answers()
                    return False
                self.check("overload: operators are answered", self.suite.ops("gateway", "/readyz") == 200)
                answers = crowd.answers()
                if all(answer.status == 503 for answer in answers):  # article was too late for everybody
                    return False
                refused = self.refused(answers)
        # The story that had changed is one more. Whoever waited too long for article gets the 503 page of the moment,
        # with its label, and was not shed.
        self.check("overload: counted", 1 < self.shed() - shed <= refused + 1, f"{self.shed() - shed}, {refused}")
        self.check("overload: degraded pages are counted", self.site.degraded("article", reason=REASON) > degraded)
        self.site.check_soon("overload: whole afterwards", lambda: self.site.whole(changed), WHOLE_WITHIN)
        return True

    def older(self, changed):
        """What has changed cannot be made anew now: the last page is shown, and says why. Whether it was."""
        end = time.monotonic() + REFUSED_WITHIN
        label = None
        while REASON not in (label or "") and time.monotonic() < end:
            answer = self.suite.get(changed)
            label = answer.headers.get(LABEL)
            if label is None:  # made anew all the same, before the crowd came or after it had gone
                self.check("overload: no older page without a label", "before the crowd" not in answer.text)
                return False
        if REASON not in label:
            return False
        self.check("overload: the last page, labelled", answer.status == 200 and answer.degraded
                   and "before the crowd" in answer.text and f"article;reason={REASON};stale" in label,
                   f"{answer.status} {label!r}")
        return True

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
