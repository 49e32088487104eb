"""Promise 2: nothing that is not public gets out, whoever asks, however, and whatever fails."""

import contextlib
import datetime
import random

import pytest

import suite as suites
from leak_corpus import Corpus, random_story
from leak_reader import Reader

EACH = 56  # of each kind: 1,008 stories that readers may not see, with three kinds of which they may see another text


class Newsroom:
    """A suite of its own, which is hurt, with the corpus in it."""

    def __init__(self, folder):
        self.suite = suites.Suite(folder)
        self.channels = []
        self.suite.start()
        self.corpus = Corpus(self.channel("article"), EACH)
        self.corpus.make()
        self.corpus.newest = self.reader().article.ListSections(
            self.reader().article_pb.ListSectionsRequest(), timeout=10).snapshot.position

    def channel(self, name):
        import grpc
        self.channels.append(grpc.insecure_channel(self.suite.address(name), options=[
            ("grpc.max_reconnect_backoff_ms", 200), ("grpc.max_receive_message_length", 32 << 20)]))
        return self.channels[-1]

    def reader(self):
        return Reader(self.suite, self.channel("article"), self.channel("gateway_grpc"), self.channel("recommendation"))


@pytest.fixture(scope="module")
def room(tmp_path_factory, stubs):
    newsroom = Newsroom(tmp_path_factory.mktemp("leaks"))
    try:
        yield newsroom
    finally:
        for channel in newsroom.channels:
            channel.close()
        newsroom.suite.stop()


def sample(corpus, of_each=6):
    chosen = random.Random(1)
    kinds = sorted({s.kind for s in corpus.unpublished})
    return [s for kind in kinds for s in chosen.sample(corpus.of(kind), of_each)]


FILTERS = ({}, {"section_id": "city"}, {"author_id": "quiet-author"}, {"subject": "zqopen subject"},
           {"max_urgency": 9}, {"section_id": "city", "author_id": "quiet-author"})


def read_everything(room, reader, stories, thorough=True):
    corpus = room.corpus
    reader.stories(stories, [1, 2, 3, 4, 5] if thorough else [1, 2], corpus.newest)
    reader.batches(stories)
    reader.lists(FILTERS, corpus.newsroom_tokens() if thorough else [])
    reader.others(stories)
    reader.recommendations(stories)
    read_pages(room, reader, stories, thorough)
    return reader.follow()


def read_pages(room, reader, stories, thorough=True):
    reader.pages([p for s in stories for p in s.paths] + room.corpus.reserved[::7] +
                 ["/", "/city", "/city/open-0", "/city/open-0.ninjs.json",
                  "/sitemaps/news.xml", "/feed.atom", "/city/feed.rss"])
    reader.dependents(stories[::4])
    reader.site(stories, thorough)
    for path in ("/status", "/metrics", "/healthz", "/readyz"):
        reader.fetch(path, port="ops")


def test_there_are_a_thousand_stories_that_nobody_may_read(room):
    assert len(room.corpus.never) + len(room.corpus.once) + len(room.corpus.still) >= 1000


def test_no_byte_of_any_answer_is_of_a_story_that_is_not_public(room):
    reader = room.reader()
    changes = read_everything(room, reader, room.corpus.unpublished)
    assert reader.findings.leaks == []
    assert not reader.recommended & {story.id for story in room.corpus.once}
    assert reader.recommended & set(room.corpus.open_ids)
    # The reader can see: what is public was in the answers of every kind.
    assert changes > len(room.corpus.once)
    assert reader.findings.answers > 10_000
    assert {"GetArticle", "BatchGetArticles", "ListArticles", "GetPage", "HTTP story", "HTTP /", "HTTP /city"} <= \
        reader.findings.open_seen, reader.findings.open_seen


def test_reflection_and_health_know_no_stories(room):
    import grpc
    request_class = suites.message_class("grpc.health.v1.HealthCheckRequest")
    answers = []
    for name in ("article", "gateway_grpc", "recommendation"):
        channel = room.channel(name)
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        for service in ("", "zqid-draft-000", "broadsheet.article.v1.ArticleService"):
            with contextlib.suppress(grpc.RpcError):
                answers.append(check(request_class(service=service).SerializeToString(), timeout=5))
        reflect = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        with contextlib.suppress(grpc.RpcError):
            answers += reflect(iter([b"\x3a\x00"]), timeout=5)  # list_services
    assert any(b"ArticleService" in answer for answer in answers)
    assert not any(b"zq" in answer for answer in answers)


def test_never_public_and_not_there_cannot_be_told_apart(room):
    reader = room.reader()
    stories = [s for s in sample(room.corpus) if s in room.corpus.never]
    assert len(stories) > 40
    nothing = random_story()
    get, page = reader.article_pb.GetArticleRequest, reader.page_pb.GetPageRequest

    def seen(story, path):
        """All that a reader can tell of an answer."""
        answers = []
        for request in (get(article_id=story.id), get(path=path), get(article_id=story.id, revision=1),
                        get(path=path, view=1)):
            (code, message, _), = reader.ask("GetArticle", reader.article.GetArticle, [request])
            answers.append((code, message.replace(story.id, "ID").replace(path, "PATH")))
        (code, message, answer), = reader.ask("GetPage", reader.page.GetPage, [page(path=path)])
        answers.append((code, message, answer and (answer.status, answer.location,
                                                   answer.body.replace(path.encode(), b"PATH"))))
        for key in ({"article_id": story.id}, {"article_path": path}):
            (code, message, answer), = reader.ask("ListRelated", reader.related.ListRelated, [
                reader.related_pb.ListRelatedRequest(limit=5, **key)])
            answers.append((code, message.replace(story.id, "ID").replace(path, "PATH"),
                            answer and [r.article_id for r in answer.related]))
        return [*answers, reader.plain(path)]

    expected = seen(nothing, nothing.paths[0])
    assert expected[-1][0] == 404
    for story in stories:
        for path in story.paths:
            assert seen(story, path) == expected, (story.kind, path)
    for path in room.corpus.reserved[:5]:
        assert reader.plain(path) == expected[-1]


def test_nothing_gets_out_when_redis_has_lost_everything(room):
    room.suite.redis_command("FLUSHALL")
    reader = room.reader()
    read_everything(room, reader, sample(room.corpus), thorough=False)
    assert reader.findings.leaks == []
    assert "HTTP story" in reader.findings.open_seen


def test_nothing_gets_out_right_after_a_restart_of_the_gateway(room):
    room.suite.kill("gateway")
    room.suite.start("gateway")
    reader = room.reader()
    read_pages(room, reader, sample(room.corpus), thorough=False)
    assert reader.findings.leaks == []
    assert "HTTP story" in reader.findings.open_seen


def test_nothing_gets_out_while_article_is_dead(room):
    reader = room.reader()
    room.suite.kill("article")
    try:
        read_pages(room, reader, sample(room.corpus, 3), thorough=False)
        reader.recommendations(sample(room.corpus, 3))
    finally:
        room.suite.start("article")
    assert reader.findings.leaks == []
    assert "HTTP story" in reader.findings.open_seen
    # Cut off, a gateway may go on showing what it knew.
    suites.wait_until(lambda: not room.suite.get("/").degraded, 30, "the gateway to follow article again")


def test_the_reader_finds_a_story_that_does_get_out(room):
    corpus = room.corpus
    story = corpus.of("draft")[0]
    corpus.call("PublishArticle", [corpus.pb.PublishArticleRequest(article_id=story.id)])
    reader = room.reader()
    read_everything(room, reader, [story])
    found = {where for where, _, _ in reader.findings.leaks}
    expected = {"GetArticle", "BatchGetArticles", "ListArticles", "GetPage", "ExplainPage", "ListDependents", "Follow",
                "HTTP story", "HTTP story's ninjs", f"HTTP /sitemaps/{datetime.datetime.now(datetime.timezone.utc):%Y-%m}.xml",
                "HTTP /", "HTTP /city", "HTTP /city/feed.atom", "HTTP /feed.rss", "HTTP /feed.json",
                "HTTP /sitemaps/news.xml"}
    assert expected <= found, expected - found
