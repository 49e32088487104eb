"""Stories that no reader may see, of every kind there is, each with a marker in every text it has.

Markers: `zqleak…` in texts; `zqid-…` and `/zqpath/…` in the ids and paths of stories that were never public. Stories that
were public once have ids and paths that readers know, `once-…` and `/city/once-…`. Public texts have `zqopen`.
"""

import datetime
import time
import uuid

HOURS = 3600
IN_FLIGHT = 64


def timestamp(seconds_from_now):
    from google.protobuf import timestamp_pb2
    stamp = timestamp_pb2.Timestamp()
    stamp.FromDatetime(datetime.datetime.utcfromtimestamp(time.time() + seconds_from_now))
    return stamp


def content(word, subject=None):
    """A text with `word` in every field that can hold one."""
    from broadsheet.article.v1 import article_pb2 as a
    text = a.ArticleContent(
        headline=f"{word} headline", standfirst=f"{word} standfirst", kicker=f"{word} kicker",
        trail_text=f"{word} trail", byline=f"{word} byline", slugline=f"{word} slug", located=f"{word} place",
        genre=f"{word} genre", section_id="city", author_ids=["quiet-author"], subjects=[subject or f"{word} subject"],
        copyright_notice=f"{word} copyright", usage_terms=f"{word} terms")
    rich = a.RichText(text=f"{word} text", spans=[
        a.Span(start=0, end=len(word), kind=a.SPAN_KIND_LINK, url=f"https://example.org/{word}")])
    image = a.ImageReference(image_id=word, caption=f"{word} caption", alt_text=f"{word} alt",
                             credit_line=f"{word} credit")
    text.lead_image.CopyFrom(image)
    blocks = (
        dict(paragraph=a.Paragraph(text=rich)), dict(heading=a.Heading(level=2, text=rich)), dict(image=image),
        dict(quote=a.Quote(text=rich, attribution=f"{word} attribution", source_url=f"https://example.org/{word}")),
        dict(list=a.List(items=[a.ListItem(text=rich)])),
        dict(table=a.Table(caption=f"{word} table", rows=[a.TableRow(cells=[rich])])),
        dict(embed=a.Embed(url=f"https://example.org/{word}", title=f"{word} embed")),
        dict(key_event=a.KeyEvent(event_time=timestamp(0), headline=f"{word} event")))
    for i, block in enumerate(blocks):
        text.body.add(block_id=f"{word}-b{i}", **block)
    return text


class Story:
    def __init__(self, kind, number, known):
        self.kind = kind
        self.known = known  # readers knew it once, or know it with another text
        name = f"{kind}-{number:03}"
        self.id = f"once-{name}" if known else f"zqid-{name}"
        self.paths = [f"/city/once-{name}" if known else f"/zqpath/{name}"]
        self.word = f"zqleak-{name}"


class Corpus:
    """`each` stories of each kind, made through the newsroom's service."""

    NEVER_PUBLIC = ("draft", "scheduled", "revoked", "embargoed", "withheld-early", "canceled-draft", "corrected-draft",
                    "moved-draft")
    ONCE_PUBLIC = ("gone", "redirect", "notice", "canceled", "expired", "hidden", "moved-gone")
    STILL_PUBLIC = ("new-draft", "replaced", "correction-in-draft")

    def __init__(self, channel, each):
        from broadsheet.article.v1 import editorial_service_pb2, editorial_service_pb2_grpc
        self.pb = editorial_service_pb2
        self.stub = editorial_service_pb2_grpc.EditorialServiceStub(channel)
        self.never = [Story(k, n, False) for k in self.NEVER_PUBLIC for n in range(each)]
        self.once = [Story(k, n, True) for k in self.ONCE_PUBLIC for n in range(each)]
        self.still = [Story(k, n, True) for k in self.STILL_PUBLIC for n in range(each)]
        self.reserved = [f"/zqpath/reserved-{n:03}" for n in range(each)]
        self.open_ids = [f"open-{n}" for n in range(12)]

    @property
    def unpublished(self):
        return [*self.never, *self.once, *self.still]

    def call(self, method, requests):
        """All of them, some at a time; each must succeed."""
        method = getattr(self.stub, method)
        waiting = []
        for request in requests:
            waiting.append(method.future(request, timeout=30))
            if len(waiting) == IN_FLIGHT:
                waiting.pop(0).result()
        for future in waiting:
            future.result()

    def of(self, *kinds):
        return [s for s in self.unpublished if s.kind in kinds]

    def make(self):
        self.people()
        self.open_stories()
        self.create()
        self.publish()
        self.drafts_on_top()
        self.take_away()

    def people(self):
        from broadsheet.article.v1 import article_pb2
        self.stub.PutSection(self.pb.PutSectionRequest(section=article_pb2.Section(section_id="city", name="City")))
        self.stub.PutAuthor(self.pb.PutAuthorRequest(
            author=article_pb2.Author(author_id="quiet-author", name="Quiet Author")))

    def open_stories(self):
        self.call("CreateArticle", [self.pb.CreateArticleRequest(
            article_id=i, path=f"/city/{i}", content=content("zqopen")) for i in self.open_ids])
        self.call("PublishArticle", [self.pb.PublishArticleRequest(article_id=i) for i in self.open_ids])

    def create(self):
        self.call("CreateArticle", [self.pb.CreateArticleRequest(
            article_id=s.id, path=s.paths[0], ed_note=f"{s.word} note",
            content=self.first_text(s),
            embargoed_until=timestamp(HOURS) if s.kind in ("embargoed", "withheld-early") else None)
            for s in self.unpublished])
        self.call("ReservePath", [self.pb.ReservePathRequest(path=p, article_id=f"zqid-reserving-{n // 10}")
                                  for n, p in enumerate(self.reserved)])

    @staticmethod
    def first_text(story):
        if story.kind in ("new-draft", "correction-in-draft"):
            return content("zqopen")
        # The log names the subjects of what was public once.
        return content(story.word, "a subject that was public" if story.known else None)

    def publish(self):
        now = [*self.once, *self.still, *self.of("embargoed", "withheld-early")]
        self.call("PublishArticle", [self.pb.PublishArticleRequest(article_id=s.id) for s in now])
        self.call("PublishArticle", [self.pb.PublishArticleRequest(article_id=s.id, publish_at=timestamp(HOURS))
                                     for s in self.of("scheduled", "revoked")])

    def drafts_on_top(self):
        from broadsheet.article.v1 import article_pb2 as a
        moved = self.of("moved-draft", "moved-gone")
        for story in moved:
            story.paths.append(story.paths[0] + "-moved")
        self.call("MoveArticle", [self.pb.MoveArticleRequest(article_id=s.id, path=s.paths[1]) for s in moved])
        self.call("AddCorrection", [self.pb.AddCorrectionRequest(article_id=s.id, correction=a.Correction(
            type=a.CORRECTION_TYPE_CORRECTION, text=a.RichText(text=f"{s.word} correction")))
            for s in self.of("corrected-draft", "embargoed")])
        self.call("UpdateArticle", [self.pb.UpdateArticleRequest(
            article_id=s.id, content=content(s.word), ed_note=f"{s.word} note",
            update_mask={"paths": ["content", "ed_note"]}) for s in self.of("new-draft", "correction-in-draft")])
        self.call("AddCorrection", [self.pb.AddCorrectionRequest(article_id=s.id, correction=a.Correction(
            type=a.CORRECTION_TYPE_CORRECTION, text=a.RichText(text="zqopen correction")))
            for s in self.of("correction-in-draft")])

    def take_away(self):
        from broadsheet.article.v1 import article_pb2 as a
        withdrawals = {
            "gone": None, "replaced": None, "withheld-early": None, "revoked": None, "moved-gone": None,
            "redirect": a.Withdrawal(mode=a.WITHDRAWAL_MODE_REDIRECT, redirect_path="/city/open-0"),
            "notice": a.Withdrawal(mode=a.WITHDRAWAL_MODE_NOTICE, notice="Taken back by the editors.")}
        self.call("WithholdArticle", [self.pb.WithholdArticleRequest(article_id=s.id, withdrawal=withdrawals[s.kind])
                                      for s in self.of(*withdrawals)])
        self.call("WithholdArticle", [self.pb.WithholdArticleRequest(
            article_id=s.id, pub_status=a.PUB_STATUS_CANCELED) for s in self.of("canceled", "canceled-draft")])
        self.call("UpdateArticle", [self.pb.UpdateArticleRequest(
            article_id=s.id, expires_at=timestamp(-1), update_mask={"paths": ["expires_at"]})
            for s in self.of("expired")])
        self.call("UpdateArticle", [self.pb.UpdateArticleRequest(
            article_id=s.id, embargoed_until=timestamp(HOURS), update_mask={"paths": ["embargoed_until"]})
            for s in self.of("hidden")])
        # Public again, with another text.
        self.call("UpdateArticle", [self.pb.UpdateArticleRequest(
            article_id=s.id, content=content("zqopen"), update_mask={"paths": ["content"]})
            for s in self.of("replaced")])
        self.call("PublishArticle", [self.pb.PublishArticleRequest(article_id=s.id) for s in self.of("replaced")])

    def newsroom_tokens(self):
        """Page tokens that the newsroom's service gives out."""
        drafts = self.stub.ListDrafts(self.pb.ListDraftsRequest(page_size=5), timeout=10)
        revisions = self.stub.ListRevisions(
            self.pb.ListRevisionsRequest(article_id=self.of("replaced")[0].id, page_size=1), timeout=10)
        return [drafts.next_page_token, revisions.next_page_token]


def random_story():
    """One that there is not, named as the others are."""
    story = Story("draft", 0, False)
    story.id = f"zqid-{uuid.uuid4()}"
    story.paths = [f"/zqpath/{uuid.uuid4()}"]
    return story
