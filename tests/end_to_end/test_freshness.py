"""Promise 1: when Publish or Withhold returns, no gateway serves the older page."""

import uuid

import pytest

ROUNDS = 200


@pytest.fixture(scope="module")
def editorial(suite):
    import grpc
    from broadsheet.article.v1 import editorial_service_pb2_grpc
    with grpc.insecure_channel(suite.address("article")) as channel:
        yield editorial_service_pb2_grpc.EditorialServiceStub(channel)


def new_story(editorial, headline):
    from broadsheet.article.v1 import article_pb2, editorial_service_pb2
    content = article_pb2.ArticleContent(headline=headline, standfirst="A story that changes.", section_id="city")
    content.body.add().paragraph.text.text = "It changes again and again."
    draft = editorial.CreateArticle(editorial_service_pb2.CreateArticleRequest(
        request_id=str(uuid.uuid4()), content=content), timeout=10).draft
    return draft.article_id


def publish(editorial, article_id, headline):
    from broadsheet.article.v1 import article_pb2, editorial_service_pb2
    editorial.UpdateArticle(editorial_service_pb2.UpdateArticleRequest(
        request_id=str(uuid.uuid4()), article_id=article_id, content=article_pb2.ArticleContent(headline=headline),
        update_mask={"paths": ["content.headline"]}), timeout=10)
    answer = editorial.PublishArticle(editorial_service_pb2.PublishArticleRequest(
        request_id=str(uuid.uuid4()), article_id=article_id), timeout=10)
    return answer.draft.path


def withhold(editorial, article_id):
    from broadsheet.article.v1 import editorial_service_pb2
    editorial.WithholdArticle(editorial_service_pb2.WithholdArticleRequest(
        request_id=str(uuid.uuid4()), article_id=article_id), timeout=10)


def run_rounds(suite, editorial, rounds=ROUNDS, halfway=lambda: None):
    article_id = new_story(editorial, "Before the first round")
    stale = []
    for i in range(rounds):
        if i == rounds // 2:
            halfway()
        headline = f"Round {i} of {uuid.uuid4()}"
        path = publish(editorial, article_id, headline)
        first, cached = suite.get(path), suite.get(path)
        if first.status != 200 or headline not in first.text or headline not in cached.text:
            stale.append((i, "publish", first.status))
        withhold(editorial, article_id)
        gone = suite.get(path)
        if gone.status != 410:
            stale.append((i, "withhold", gone.status))
    assert stale == []


def test_the_very_next_request_sees_every_publication_and_withdrawal(suite, editorial):
    run_rounds(suite, editorial)


def test_the_front_and_section_pages_follow_at_once_too(suite, editorial):
    for i in range(20):
        headline = f"Front {i} {uuid.uuid4()}"
        article_id = new_story(editorial, headline)
        suite.get("/"), suite.get("/city")
        publish(editorial, article_id, headline)
        assert headline in suite.get("/").text
        assert headline in suite.get("/city").text
        withhold(editorial, article_id)
        assert headline not in suite.get("/").text
        assert headline not in suite.get("/city").text


def test_a_path_that_was_missing_is_found_once_a_story_is_published_there(suite, editorial):
    from broadsheet.article.v1 import article_pb2, editorial_service_pb2
    path = f"/city/{uuid.uuid4()}"
    assert suite.get(path).status == 404
    content = article_pb2.ArticleContent(headline="At last", section_id="city")
    content.body.add().paragraph.text.text = "Here it is."
    draft = editorial.CreateArticle(editorial_service_pb2.CreateArticleRequest(
        request_id=str(uuid.uuid4()), content=content, path=path), timeout=10).draft
    assert suite.get(path).status == 404
    editorial.PublishArticle(editorial_service_pb2.PublishArticleRequest(article_id=draft.article_id), timeout=10)
    assert suite.get(path).status == 200


def test_redis_flushed_in_the_middle_changes_nothing(suite, editorial):
    run_rounds(suite, editorial, halfway=lambda: suite.redis_command("FLUSHALL"))


def test_redis_stopped_changes_nothing(suite, editorial):
    suite.kill("redis")
    try:
        run_rounds(suite, editorial)
    finally:
        suite.start("redis")


def test_redis_that_hangs_changes_nothing(suite, editorial):
    suite.pause("redis")
    try:
        run_rounds(suite, editorial, rounds=20)
    finally:
        suite.resume("redis")


def test_a_moved_story_redirects_from_its_old_path_at_once(suite, editorial):
    from broadsheet.article.v1 import editorial_service_pb2
    article_id = new_story(editorial, "On the move")
    old = publish(editorial, article_id, "On the move")
    assert suite.get(old).status == 200
    new = f"/city/moved-{uuid.uuid4()}"
    editorial.MoveArticle(editorial_service_pb2.MoveArticleRequest(article_id=article_id, path=new), timeout=10)
    answer = suite.get(old)
    assert (answer.status, answer.headers["location"].endswith(new)) == (301, True)
    assert suite.get(new).status == 200


def test_grpc_and_http_return_the_same_bytes(suite, editorial):
    import grpc
    from broadsheet.page.v1 import page_service_pb2, page_service_pb2_grpc
    path = publish(editorial, new_story(editorial, "Twice the same"), "Twice the same")
    with grpc.insecure_channel(suite.address("gateway_grpc")) as channel:
        page = page_service_pb2_grpc.PageServiceStub(channel).GetPage(
            page_service_pb2.GetPageRequest(path=path), timeout=10)
    over_http = suite.get(path)
    assert (page.status, page.body, page.etag) == (200, over_http.body, over_http.headers["etag"])
