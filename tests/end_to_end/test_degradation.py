"""Promise 3: a page served once is served again with every other part down, and says that it is degraded."""

import re

import pytest

from suite import wait_until


@pytest.fixture(scope="module")
def known(suite):
    """Paths of pages that have been served."""
    links = re.findall(r'href="(/[^"#?]*)"', suite.get("/").text)
    paths = ["/"] + [p for p in dict.fromkeys(links) if p.count("/") >= 2 and "feed" not in p and "/assets/" not in p]
    for path in paths:
        assert suite.get(path).status == 200
    return paths


def all_answer(suite, paths):
    answers = {path: suite.get(path) for path in paths}
    assert {path: a.status for path, a in answers.items() if a.status != 200} == {}
    return answers


@pytest.fixture(autouse=True)
def everything_restarted(suite):
    yield
    dead = [name for name in suite.ORDER if suite.processes[name].poll() is not None]
    if dead:
        suite.start(*dead)


def whole_again(suite, paths):
    wait_until(lambda: not any(suite.get(p).degraded for p in paths), 20, "pages to be whole again")


def test_killing_one_after_the_other_keeps_known_pages_up_and_labels_them(suite, known):
    for name in ("recommendation", "media", "redis", "article"):
        suite.kill(name)
        all_answer(suite, known)
    wait_until(lambda: all(a.degraded for a in all_answer(suite, known).values()), 20, "every page to be labelled")
    suite.start("redis", "article", "media", "recommendation")
    whole_again(suite, known)
    all_answer(suite, known)


def test_an_unknown_page_is_503_with_retry_after_while_article_is_down(suite, known):
    suite.kill("article")
    answer = suite.get("/city/never-asked-for-before")
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("name", ["recommendation", "media"])
def test_a_new_page_is_made_without_an_optional_service(suite, known, name, stubs):
    suite.kill(name)
    suite.redis_command("FLUSHALL")
    suite.terminate("gateway")
    suite.start("gateway")
    for answer in all_answer(suite, known[1:4]).values():
        assert b"<h1" in answer.body
    suite.start(name)
    whole_again(suite, known[1:4])


def test_a_service_that_hangs_delays_no_known_page(suite, known):
    whole_again(suite, known)
    for name in ("article", "media", "recommendation", "redis"):
        suite.pause(name)
    try:
        for path in known:
            assert suite.get(path, timeout=3).status == 200
    finally:
        for name in ("article", "media", "recommendation", "redis"):
            suite.resume(name)
    whole_again(suite, known)


@pytest.mark.parametrize("name", ["gateway", "recommendation", "media", "article"])
def test_sigterm_ends_each_service_with_exit_code_0(suite, name):
    assert suite.terminate(name) == 0
    suite.start(name)
