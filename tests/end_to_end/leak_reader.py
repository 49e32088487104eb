"""A reader who asks for everything, in every way, and looks at every byte of the answers."""

import concurrent.futures
import gzip
import http.client
import re
import threading
import zlib

MARKER = re.compile(rb"zq(?:leak|id-|path)[a-z0-9/-]*", re.IGNORECASE)
OPEN = b"zqopen"
THREADS = 8
# What differs from answer to answer whatever was asked for.
VOLATILE = {"date", "server-timing", "etag", "cache-status", "age", "traceparent", "surrogate-key", "content-length",
            "last-modified", "x-request-id", "warning"}


class Findings:
    """Markers found, and where public text was seen, which shows that the reader can see."""

    def __init__(self):
        self.leaks = []
        self.open_seen = set()
        self.answers = 0
        self.lock = threading.Lock()

    def look(self, where, sent, received):
        """`sent`: what the reader said himself is no leak when it comes back."""
        found = {word for word in MARKER.findall(received) if word.lower() not in sent.lower()}
        with self.lock:
            self.answers += 1
            if OPEN in received:
                self.open_seen.add(where)
            if found:
                self.leaks.append((where, sent[:80], sorted(found)[:3]))


def decompressed(encoding, body):
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding == "deflate":
        return zlib.decompress(body)
    return body


class Reader:
    def __init__(self, suite, article_channel, page_channel, recommendation_channel):
        from broadsheet.article.v1 import article_service_pb2, article_service_pb2_grpc
        from broadsheet.change.v1 import change_service_pb2, change_service_pb2_grpc
        from broadsheet.page.v1 import page_service_pb2, page_service_pb2_grpc
        from broadsheet.recommendation.v1 import recommendation_service_pb2, recommendation_service_pb2_grpc
        self.suite = suite
        self.findings = Findings()
        self.article_pb = article_service_pb2
        self.article = article_service_pb2_grpc.ArticleServiceStub(article_channel)
        self.change_pb = change_service_pb2
        self.change = change_service_pb2_grpc.ChangeServiceStub(article_channel)
        self.page_pb = page_service_pb2
        self.page = page_service_pb2_grpc.PageServiceStub(page_channel)
        self.related_pb = recommendation_service_pb2
        self.related = recommendation_service_pb2_grpc.RecommendationServiceStub(recommendation_channel)
        self.recommended = set()  # ids
        self.connections = threading.local()

    # gRPC.

    def outcome(self, where, request, call):
        """What a reader sees of an answer: (code, message, details); looks at all of it."""
        import grpc
        sent = request.SerializeToString()
        try:
            response = call.result()
            received, code, details = response.SerializeToString(), grpc.StatusCode.OK, b""
        except grpc.RpcError as error:
            response, code = None, error.code()
            details = repr(error.trailing_metadata()).encode() + (error.details() or "").encode()
            received = details
        received += repr(call.initial_metadata()).encode() + repr(call.trailing_metadata()).encode()
        self.findings.look(where, sent, received)
        return code, (call.details() or ""), response

    def ask(self, where, method, requests, timeout=10):
        """Asks all of it, some at a time; the outcomes, in order."""
        outcomes, waiting = [], []
        for request in requests:
            waiting.append((request, method.future(request, timeout=timeout)))
            if len(waiting) == 64:
                outcomes.append(self.outcome(where, *waiting.pop(0)))
        return outcomes + [self.outcome(where, *pair) for pair in waiting]

    def stories(self, stories, revisions, head):
        get = self.article_pb.GetArticleRequest
        requests = []
        for story in stories:
            requests += [get(article_id=story.id), get(article_id=story.id, view=1, min_position=head)]
            requests += [get(path=path, view=2) for path in story.paths]
            requests += [get(article_id=story.id, revision=r) for r in revisions]
            requests += [get(path=story.paths[-1], revision=r, view=1) for r in revisions[:2]]
        self.ask("GetArticle", self.article.GetArticle, requests)

    def batches(self, stories):
        ids = [story.id for story in stories]
        batch = self.article_pb.BatchGetArticlesRequest
        self.ask("BatchGetArticles", self.article.BatchGetArticles,
                 [batch(article_ids=ids[i:i + 100], view=view) for i in range(0, len(ids), 100) for view in (1, 2)])

    def lists(self, filters, tokens):
        """Every page of every list, and pages that tokens from elsewhere, or tampered ones, lead to."""
        request = self.article_pb.ListArticlesRequest
        mine = []
        for chosen in filters:
            token = ""
            while True:
                (_, _, page), = self.ask("ListArticles", self.article.ListArticles,
                                         [request(view=2, page_size=40, page_token=token, **chosen)])
                token = page.next_page_token if page else ""
                if not token:
                    break
                mine.append(token)
        tampered = [t[:i] + ("A" if t[i] != "A" else "B") + t[i + 1:] for t in [*mine[:1], *tokens]
                    for i in range(len(t))]
        self.ask("ListArticles", self.article.ListArticles,
                 [request(page_token=t, page_size=100, view=2, **chosen)
                  for chosen in filters[:2] for t in [*tokens, *tampered, "", "zz"]])

    def others(self, stories):
        get_author = self.article_pb.GetAuthorRequest
        self.ask("GetAuthor", self.article.GetAuthor,
                 [get_author(author_id=i) for i in ("quiet-author", *(s.id for s in stories[:20]))])
        self.ask("ListSections", self.article.ListSections, [self.article_pb.ListSectionsRequest()])

    def recommendations(self, stories):
        ids = [s.id for s in stories]
        request = self.related_pb.ListRelatedRequest
        answers = self.ask("ListRelated", self.related.ListRelated, [
            request(limit=20, recent_article_ids=ids[:5], **key)
            for key in [*({"article_id": i} for i in [*ids, "open-0", "open-1"]),
                        *({"article_path": path} for story in stories for path in story.paths)]])
        record = self.related_pb.RecordReadsRequest(
            reads=[self.related_pb.RecordReadsRequest.Read(article_id=i, weight=1) for i in [*ids[:50], "open-1"]])
        self.ask("RecordReads", self.related.RecordReads, [record])
        most = self.related_pb.ListMostReadRequest
        lists = self.ask("ListMostRead", self.related.ListMostRead, [most(limit=50), most(limit=50, section_id="city")])
        self.recommended |= {r.article_id for _, _, answer in answers if answer for r in answer.related}
        self.recommended |= {r.article_id for _, _, answer in lists if answer for r in answer.articles}

    def pages(self, paths):
        self.ask("GetPage", self.page.GetPage, [self.page_pb.GetPageRequest(path=p) for p in paths])
        self.ask("ExplainPage", self.page.ExplainPage, [self.page_pb.ExplainPageRequest(path=p) for p in paths[::5]])

    def dependents(self, stories):
        tags = ["list/latest", "list/section/city", "author/quiet-author", "section/city", "list/author/quiet-author"]
        for story in stories:
            tags += [f"article/{story.id}", *(f"path{path}" for path in story.paths)]
        self.ask("ListDependents", self.page.ListDependents,
                 [self.page_pb.ListDependentsRequest(tag=tag, page_size=100) for tag in tags])

    def follow(self):
        """The whole log, as a follower gets it."""
        import queue
        requests = queue.Queue()
        start = self.change_pb.FollowRequest(start=self.change_pb.FollowRequest.Start(
            follower_id="leak-reader", history=100_000))
        requests.put(start)
        stream = self.change.Follow(iter(requests.get, None), timeout=20)
        changes = 0
        requests.put(self.change_pb.FollowRequest(progress=self.change_pb.FollowRequest.Progress(renewal_sequence=1)))
        for response in stream:
            self.findings.look("Follow", b"", response.SerializeToString())
            changes += len(response.changes)
            if response.HasField("lease"):
                break
        stream.cancel()
        requests.put(None)
        return changes

    # HTTP.

    def fetch(self, path, method="GET", headers=None, port="gateway"):
        """(status, headers, body), whole and unpacked; looks at all of it."""
        number = self.suite.ops_port("gateway") if port == "ops" else self.suite.port(port)
        connection = getattr(self.connections, str(number), None)
        for last in (False, True):
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", number, timeout=15)
            try:
                connection.request(method, path, headers={"Host": f"localhost:{number}", **(headers or {})})
                response = connection.getresponse()
                body = response.read()
                break
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None
                if last:
                    raise
        setattr(self.connections, str(number), connection)
        received = {name.lower(): value for name, value in response.getheaders()}
        body = decompressed(received.get("content-encoding"), body)
        shared = path.count("/") < 2 or "/feed." in path or path.startswith("/sitemaps/")
        own = "story's ninjs" if path.endswith(".ninjs.json") else "story"
        self.findings.look("HTTP " + (path.split("?")[0] if shared else own),
                           repr((path, headers)).encode(), repr(received).encode() + body)
        return response.status, received, body

    def browse(self, requests):
        """[(path, method, headers)], several at a time."""
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(lambda r: self.fetch(*r), requests))

    def site(self, stories, thorough=True):
        paths = [p for s in stories for p in s.paths]
        requests = [(p, "GET", None) for p in paths]
        requests += [(p + ".ninjs.json", "GET", None) for p in paths[::2]]
        requests += [(p, "HEAD", {"Accept-Encoding": "gzip"}) for p in paths[::4]]
        for p in paths[::12] if thorough else paths[::40]:
            requests += [(p, "GET", {"Accept-Encoding": "gzip"}), (p, "GET", {"Range": "bytes=0-2000"}),
                         (p, "GET", {"If-None-Match": "*"}), (p + "?format=json&revision=1&preview=true", "GET", None),
                         (p + ".json", "GET", None), (p + "/", "GET", None), (p, "GET", {"Accept": "application/json"})]
        requests += [(f"/{s.id}", "GET", None) for s in stories[::4]]
        requests += [(f"/city/{s.id}", "GET", None) for s in stories[::4]]
        months = {f"/sitemaps/{year}-{month:02}.xml" for year in (2025, 2026, 2027) for month in range(1, 13)}
        requests += [(p, "GET", None) for p in sorted(months)]
        for p in ("/", "/city", "/city/feed.atom", "/city/feed.rss", "/feed.atom", "/feed.rss", "/feed.json",
                  "/sitemap.xml", "/sitemaps/news.xml", "/sitemaps/pages.xml", "/city/feed.json", "/robots.txt",
                  "/authors/quiet-author", "/authors/quiet-author/feed.json", "/city/open-0.ninjs.json", "/city?page=2", "/?q=zq", "/city/open-0",
                  "/city/open-1", "/zqpath", "/zqpath/feed.atom"):
            requests += [(p, "GET", None), (p, "HEAD", None), (p, "GET", {"Accept-Encoding": "gzip"}),
                         (p, "GET", {"If-None-Match": '"x"'}), (p, "GET", {"Range": "bytes=1-99999"})]
        self.browse(requests)

    def plain(self, path):
        """An HTTP answer with what is said of the path itself, and what always differs, taken out."""
        status, headers, body = self.fetch(path)
        kept = sorted((n, v.replace(path, "PATH")) for n, v in headers.items() if n not in VOLATILE)
        return status, kept, body.replace(path.encode(), b"PATH")
