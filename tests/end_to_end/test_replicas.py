"""Promise 1 with several article services on one PostgreSQL database and several gateways."""

import contextlib
import itertools
import pathlib
import sys
import uuid

import pytest

import suite as suite_module
from test_freshness import new_story, publish, withhold

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "histories"))
from postgres import Postgres  # noqa: E402

ROUNDS = 40


@pytest.fixture(scope="module")
def postgres():
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def replicated(tmp_path_factory, stubs, postgres):
    running = suite_module.Suite(tmp_path_factory.mktemp("replicas"), gateways=2, articles=3,
                                 database=postgres.new_database("article"))
    try:
        running.start()
        running.cli("import", suite_module.EDITION)
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def editorials(replicated):
    """A stub for each replica, by name."""
    import grpc
    from broadsheet.article.v1 import editorial_service_pb2_grpc
    with contextlib.ExitStack() as stack:
        yield {name: editorial_service_pb2_grpc.EditorialServiceStub(
            stack.enter_context(grpc.insecure_channel(replicated.address(name)))) for name in replicated.articles}


def run_rounds(replicated, editorials):
    """Publishes and withholds through the replicas in turn; what any gateway shows afterwards that is older."""
    editor = itertools.cycle(editorials.values())
    article_id = new_story(next(editor), "Before the first round")
    stale = []
    for i in range(ROUNDS):
        headline = f"Round {i} of {uuid.uuid4()}"
        path = publish(next(editor), article_id, headline)
        for gateway in replicated.gateways * 2:
            page = replicated.get(path, gateway=gateway)
            if page.status != 200 or headline not in page.text:
                stale.append((i, "publish", gateway, page.status))
        withhold(next(editor), article_id)
        for gateway in replicated.gateways:
            if replicated.get(path, gateway=gateway).status != 410:
                stale.append((i, "withhold", gateway))
    return stale


def test_no_gateway_shows_what_any_replica_has_replaced(replicated, editorials):
    assert run_rounds(replicated, editorials) == []


def test_a_publication_says_how_many_followers_of_all_replicas_know(replicated, editorials):
    from broadsheet.article.v1 import editorial_service_pb2
    # The two gateways, whichever replica each of them follows; recommendation takes no lease.
    for editorial in editorials.values():
        article_id = new_story(editorial, "Heard by all")
        answer = editorial.PublishArticle(editorial_service_pb2.PublishArticleRequest(
            request_id=str(uuid.uuid4()), article_id=article_id), timeout=10)
        assert answer.propagation.followers == 2, answer.propagation
        assert answer.propagation.acknowledged == 2, answer.propagation


def test_a_replica_that_is_killed_costs_no_page_and_no_freshness(replicated, editorials):
    known = replicated.get("/")
    assert known.status == 200
    replicated.kill("article2")
    try:
        assert replicated.get("/").status == 200
        assert run_rounds(replicated, {name: stub for name, stub in editorials.items() if name != "article2"}) == []
    finally:
        replicated.start("article2")
    assert run_rounds(replicated, editorials) == []


def test_the_database_restarting_under_all_of_them_is_survived(replicated, editorials, postgres):
    path = publish(editorials["article"], new_story(editorials["article"], "Known before"), "Known before")
    assert replicated.get(path).status == 200
    postgres.crash()
    assert replicated.get(path).status == 200  # labelled or not, it is there
    postgres.start()

    def writes_again():
        import grpc
        with contextlib.suppress(grpc.RpcError):
            return bool(new_story(editorials["article3"], "After the restart"))
    suite_module.wait_until(writes_again, 30, "the replicas to write again")
    assert run_rounds(replicated, editorials) == []
