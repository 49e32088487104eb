"""What a tool of operators does with a gateway's pages: look, ask what depends on something, throw away."""

import grpc
import pytest

from suite import error_details, wait_until


@pytest.fixture(scope="module")
def channel(suite):
    with grpc.insecure_channel(suite.address("gateway_grpc")) as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(channel):
    from broadsheet.page.v1 import page_service_pb2_grpc
    return page_service_pb2_grpc.PageServiceStub(channel)


@pytest.fixture(scope="module")
def cache(channel):
    from broadsheet.page.v1 import page_service_pb2_grpc
    return page_service_pb2_grpc.CacheServiceStub(channel)


def test_a_page_says_what_it_depends_on_and_is_listed_by_it(suite, pages):
    from broadsheet.page.v1 import page_service_pb2
    explained = pages.ExplainPage(page_service_pb2.ExplainPageRequest(path="/city"), timeout=10)
    assert explained.status == 200 and explained.fresh
    assert {source.source for source in explained.sources if source.live} == {"article", "media"}
    stories = [d for d in explained.dependencies if d.tag.startswith("article/")]
    assert stories and all(story.source == "article" for story in stories)
    listed = pages.ListDependents(page_service_pb2.ListDependentsRequest(tag=stories[0].tag), timeout=10)
    assert "/city" in listed.paths


def test_a_purge_shows_first_what_it_would_throw_away(suite, pages, cache):
    from broadsheet.page.v1 import page_service_pb2
    assert suite.get("/harbour").status == 200
    request = page_service_pb2.PurgePagesRequest(path="/harbour")

    def purged():
        plan = cache.PurgePages(request, timeout=10)
        assert not plan.purged and plan.pages == 1 and list(plan.sample_paths) == ["/harbour"] and plan.confirmation
        confirmed = page_service_pb2.PurgePagesRequest(path="/harbour", confirmation=plan.confirmation)
        try:
            return cache.PurgePages(confirmed, timeout=10).purged
        except grpc.RpcError as error:  # the page was made better in the background meanwhile
            assert error_details(error)["google.rpc.ErrorInfo"].reason == "PURGE_CHANGED"
            return False

    wait_until(purged, 10, "the page to be thrown away")
    assert "fwd=miss" in suite.get("/harbour").headers["cache-status"]


@pytest.mark.parametrize("fields, field", [({}, "tag"), ({"path": "harbour"}, "path"), ({"tag": "x" * 2000}, "tag")])
def test_a_purge_without_a_proper_selector_names_the_field(cache, fields, field):
    from broadsheet.page.v1 import page_service_pb2
    with pytest.raises(grpc.RpcError) as refused:
        cache.PurgePages(page_service_pb2.PurgePagesRequest(**fields), timeout=10)
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert error_details(refused.value)["google.rpc.BadRequest"].field_violations[0].field == field


def test_a_read_may_demand_what_was_just_written(suite, pages):
    from broadsheet.page.v1 import page_service_pb2
    head = pages.ExplainPage(page_service_pb2.ExplainPageRequest(path="/"), timeout=10).sources[0].applied.position
    answer = suite.get("/", headers={"Broadsheet-Min-Position": f"article={head}"})
    assert answer.status == 200
    ahead = suite.get("/", headers={"Broadsheet-Min-Position": f"article={head + 1000}"})
    assert ahead.status == 503 and "retry-after" in ahead.headers
    assert suite.get("/", headers={"Broadsheet-Min-Position": "article=tomorrow"}).status == 400
