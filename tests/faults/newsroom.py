"""Stories of the test's own, published and withheld at article's own address, which no fault stands in front of."""

import json
import uuid

SECTION = "city"
AUTHOR = "tobias-wren"  # both of the sample edition
PATIENCE = 30  # seconds: article may have been started a moment ago
# A connection to the article that was killed may be found broken only by the next call.
RETRIES = json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": {
    "maxAttempts": 5, "initialBackoff": "0.05s", "maxBackoff": "0.5s", "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"]}}]})


class Newsroom:
    """Ends with `close`. Every call waits until article is there and has returned when the method returns."""

    def __init__(self, suite):
        import grpc
        from broadsheet.article.v1 import article_pb2, editorial_service_pb2, editorial_service_pb2_grpc
        self.article_pb = article_pb2
        self.pb = editorial_service_pb2
        self.channel = grpc.insecure_channel(suite.address("article"), options=[
            ("grpc.service_config", RETRIES), ("grpc.max_reconnect_backoff_ms", 200)])
        self.stub = editorial_service_pb2_grpc.EditorialServiceStub(self.channel)

    def content(self, headline, related=()):
        text = self.article_pb.ArticleContent(headline=headline, standfirst=f"{headline}, in short", section_id=SECTION,
                                              author_ids=[AUTHOR], urgency=1, related_article_ids=related)
        text.body.add().paragraph.text.text = f"{headline}, told at length."
        return text

    def call(self, method, request):
        request.request_id = str(uuid.uuid4())  # what is repeated is done once
        return getattr(self.stub, method)(request, timeout=PATIENCE, wait_for_ready=True)

    def publish(self, name, headline, related=()):
        """A new story at /SECTION/NAME; its path."""
        path = f"/{SECTION}/{name}"
        self.call("CreateArticle", self.pb.CreateArticleRequest(
            article_id=name, path=path, content=self.content(headline, related)))
        self.call("PublishArticle", self.pb.PublishArticleRequest(article_id=name))
        return path

    def correct(self, name, headline):
        """Another headline for a story that is public."""
        self.call("UpdateArticle", self.pb.UpdateArticleRequest(
            article_id=name, content=self.content(headline), update_mask={"paths": ["content"]}))
        self.call("PublishArticle", self.pb.PublishArticleRequest(article_id=name))

    def withhold(self, name):
        """The answer, which says who knew when the call returned."""
        return self.call("WithholdArticle", self.pb.WithholdArticleRequest(article_id=name))

    def close(self):
        self.channel.close()
