"""A live story: from the newsroom's moments to what a reader's page asks for."""

import json
import re
import uuid

import pytest

MOMENT = re.compile(r'<article class="moment[^"]*" id="([^"]+)"')


@pytest.fixture(scope="module")
def editorial(suite):
    import grpc
    from broadsheet.article.v1 import editorial_service_pb2_grpc
    with grpc.insecure_channel(suite.address("article")) as channel:
        yield editorial_service_pb2_grpc.EditorialServiceStub(channel)


def add_moment(content, block_id, seconds, headline, key=False):
    block = content.body.add(block_id=block_id)
    block.key_event.headline, block.key_event.key = headline, key
    block.key_event.event_time.seconds = seconds
    content.body.add().paragraph.text.text = f"What is known of {headline}."


def publish(editorial, content, article_id=None):
    """Writes the story, publishes it, and returns its draft."""
    from broadsheet.article.v1 import editorial_service_pb2 as messages
    if article_id is None:
        article_id = editorial.CreateArticle(messages.CreateArticleRequest(
            request_id=str(uuid.uuid4()), content=content), timeout=10).draft.article_id
    else:
        editorial.UpdateArticle(messages.UpdateArticleRequest(
            request_id=str(uuid.uuid4()), article_id=article_id, content=content,
            update_mask={"paths": ["content"]}), timeout=10)
    return editorial.PublishArticle(messages.PublishArticleRequest(
        request_id=str(uuid.uuid4()), article_id=article_id), timeout=10).draft


def test_the_sample_editions_live_story_is_complete(suite):
    listed = map(json.loads, suite.cli("list", "--json").stdout.splitlines())
    path = next(entry["path"] for entry in listed if entry["article_id"] == "bridge-vote-live")
    page = suite.get(path).text
    moments = MOMENT.findall(page)
    assert len(moments) == 8
    assert page.count('<li><a href="#b-') == 3
    assert suite.get(f"{path}?since={moments[0]}").status == 204
    assert MOMENT.findall(suite.get(f"{path}?since={moments[-1]}").text) == moments[:-1]


def test_it_leaves_whole_as_markdown_and_comes_back_unchanged(suite, tmp_path):
    suite.cli("export", "--format=markdown", f"--output={tmp_path}", "bridge-vote-live")
    exported = (tmp_path / "bridge-vote-live.md").read_text()
    assert exported.count("](moment:2026-11-23T") == 8
    assert exported.count('Z "key")') == 3
    assert "1 unchanged" in suite.cli("import", str(tmp_path / "bridge-vote-live.md")).stdout


def test_every_published_moment_is_in_the_very_next_fragment(suite, editorial):
    from broadsheet.article.v1 import article_pb2, editorial_service_pb2
    content = article_pb2.ArticleContent(headline=f"Live {uuid.uuid4()}", section_id="city")
    content.body.add().paragraph.text.text = "It begins."
    add_moment(content, "m0", 1795400000, "moment 0")
    draft = publish(editorial, content)
    for i in range(1, 40):
        assert suite.get(f"{draft.path}?since=b-m{i - 1}").status == 204
        add_moment(content, f"m{i}", 1795400000 + 60 * i, f"moment {i}", key=i % 10 == 0)
        publish(editorial, content, draft.article_id)
        fragment = suite.get(f"{draft.path}?since=b-m{i - 1}")
        assert fragment.status == 200
        assert MOMENT.findall(fragment.text) == [f"b-m{i}"]
    assert MOMENT.findall(suite.get(draft.path).text) == [f"b-m{i}" for i in reversed(range(40))]
    assert suite.get(f"{draft.path}?since=nonsense").status == 400
    content.coverage_ended_at.seconds = 1795500000
    publish(editorial, content, draft.article_id)
    page = suite.get(draft.path).text
    assert "live-status" not in page and '"coverageEndTime":"2026-11-24T' in page
    editorial.WithholdArticle(editorial_service_pb2.WithholdArticleRequest(
        request_id=str(uuid.uuid4()), article_id=draft.article_id), timeout=10)
    assert suite.get(f"{draft.path}?since=b-m0").status == 410
