"""A client generated for Python, as another team would use it: nothing but the protos and grpcio."""

import uuid

import grpc
import pytest

from suite import error_details, message_class


@pytest.fixture(scope="module")
def editorial(suite):
    from broadsheet.article.v1 import editorial_service_pb2_grpc
    with grpc.insecure_channel(suite.address("article")) as channel:
        yield editorial_service_pb2_grpc.EditorialServiceStub(channel)


@pytest.fixture(scope="module")
def reading(suite):
    from broadsheet.article.v1 import article_service_pb2_grpc
    with grpc.insecure_channel(suite.address("article")) as channel:
        yield article_service_pb2_grpc.ArticleServiceStub(channel)


def create(editorial, **fields):
    from broadsheet.article.v1 import article_pb2, editorial_service_pb2
    content = article_pb2.ArticleContent(**{"headline": "Made in Python", "section_id": "city", **fields})
    return editorial.CreateArticle(editorial_service_pb2.CreateArticleRequest(
        request_id=str(uuid.uuid4()), content=content), timeout=10).draft


def test_a_story_is_created_published_read_and_listed(editorial, reading):
    from broadsheet.article.v1 import article_service_pb2, editorial_service_pb2
    draft = create(editorial)
    with pytest.raises(grpc.RpcError) as hidden:
        reading.GetArticle(article_service_pb2.GetArticleRequest(article_id=draft.article_id), timeout=10)
    assert hidden.value.code() == grpc.StatusCode.NOT_FOUND
    assert error_details(hidden.value)["google.rpc.ErrorInfo"].reason == "ARTICLE_NOT_FOUND"

    published = editorial.PublishArticle(editorial_service_pb2.PublishArticleRequest(
        article_id=draft.article_id, expected_revision=draft.revision), timeout=10)
    answer = reading.GetArticle(article_service_pb2.GetArticleRequest(path=published.draft.path), timeout=10)
    assert answer.article.content.headline == "Made in Python"
    assert answer.snapshot.position >= published.snapshot.position

    listed = reading.ListArticles(article_service_pb2.ListArticlesRequest(section_id="city", page_size=100), timeout=10)
    assert draft.article_id in [a.article_id for a in listed.articles]


def test_invalid_content_is_refused_with_the_field_named(editorial):
    from broadsheet.article.v1 import article_pb2, editorial_service_pb2
    content = article_pb2.ArticleContent(headline="Bad", section_id="city")
    content.body.add().paragraph.text.text = "Fine."
    heading = content.body.add().heading
    heading.level = 7
    heading.text.text = "Too deep"
    with pytest.raises(grpc.RpcError) as refused:
        editorial.CreateArticle(editorial_service_pb2.CreateArticleRequest(content=content), timeout=10)
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    violations = error_details(refused.value)["google.rpc.BadRequest"].field_violations
    assert [v.field for v in violations] == ["content.body[1].heading.level"]


def test_a_change_of_an_older_revision_is_aborted_with_the_current_one(editorial):
    from broadsheet.article.v1 import article_pb2, editorial_service_pb2
    draft = create(editorial)
    change = lambda headline: editorial_service_pb2.UpdateArticleRequest(
        article_id=draft.article_id, expected_revision=draft.revision,
        content=article_pb2.ArticleContent(headline=headline), update_mask={"paths": ["content.headline"]})
    current = editorial.UpdateArticle(change("Second"), timeout=10).draft.revision
    with pytest.raises(grpc.RpcError) as refused:
        editorial.UpdateArticle(change("Third"), timeout=10)
    assert refused.value.code() == grpc.StatusCode.ABORTED
    info = error_details(refused.value)["google.rpc.ErrorInfo"]
    assert (info.reason, info.metadata["revision"]) == ("REVISION_MISMATCH", str(current))


def test_a_repeated_request_is_answered_once(editorial):
    from broadsheet.article.v1 import article_pb2, editorial_service_pb2
    request = editorial_service_pb2.CreateArticleRequest(
        request_id=str(uuid.uuid4()), content=article_pb2.ArticleContent(headline="Once", section_id="city"))
    first, second = (editorial.CreateArticle(request, timeout=10).draft for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", ["article", "media", "recommendation", "gateway_grpc"])
def test_every_server_answers_the_health_protocol(suite, name):
    with grpc.insecure_channel(suite.address(name)) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=message_class("grpc.health.v1.HealthCheckResponse").FromString)
        assert check(message_class("grpc.health.v1.HealthCheckRequest")(), timeout=10).status == 1
