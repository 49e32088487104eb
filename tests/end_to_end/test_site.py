"""The main path: the sample edition in the hands of a reader."""

import html.parser
import json
import re
import urllib.request
import xml.dom.minidom

import pytest

from suite import EDITION, ROOT


class Page(html.parser.HTMLParser):
    """What a test needs to know of a page."""

    def __init__(self, text):
        super().__init__()
        self.h1, self.links, self.images, self.json_ld, self.ids, self.classes = 0, [], [], [], set(), set()
        self.related, self._in_related, self._script = [], 0, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.add(attributes.get("id"))
        self.classes.update((attributes.get("class") or "").split())
        self.h1 += tag == "h1"
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if tag == "img":
            self.images.append(attributes["src"])
        if tag == "source":
            self.images += [entry.split()[0] for entry in attributes["srcset"].split(",")]
        if tag == "script" and attributes.get("type") == "application/ld+json":
            self._script = ""

    def handle_data(self, data):
        if self._script is not None:
            self._script += data

    def handle_endtag(self, tag):
        if tag == "script" and self._script is not None:
            self.json_ld.append(json.loads(self._script))
            self._script = None


def story_data(page, text):
    """What a story's page says of it for machines."""
    kind = "LiveBlogPosting" if 'class="moment' in text else "NewsArticle"
    return next(entry for entry in page.json_ld if entry["@type"] == kind)


def listed(suite):
    """What the newsroom's command line lists, whatever its state."""
    return [json.loads(line) for line in suite.cli("list", "--json").stdout.splitlines()]


@pytest.fixture(scope="module")
def stories(suite):
    """Path to text of every published story of the sample edition, as the sitemap leads to them."""
    found = {path: suite.get(path) for path in suite.sitemap_paths()}
    assert {path: a.status for path, a in found.items() if a.status != 200} == {}
    edition = {entry["path"] for entry in listed(suite) if (EDITION / "stories" / f"{entry['article_id']}.md").exists()}
    articles = {path: a.text for path, a in found.items() if path in edition}
    assert len(articles) >= 24
    return articles


def test_the_front_page_and_everything_it_links_to_answers_200(suite):
    front = suite.get("/")
    assert front.status == 200
    inside = {link.split("#")[0] for link in Page(front.text).links if link.startswith("/")}
    assert len(inside) > 24
    assert {link: suite.get(link).status for link in inside} == {link: 200 for link in inside}


def test_every_story_has_the_parts_of_an_article_page(stories):
    for path, text in stories.items():
        page = Page(text)
        assert page.h1 == 1, path
        article = story_data(page, text)
        assert article["headline"] and article["datePublished"] and article["author"], path
        for part in ("section-label", "standfirst", "author-box"):
            assert part in page.classes, (path, part)
        assert "#top" in page.links and "top" in page.ids, path
        assert text.count('rel="canonical"') == 1, path


def test_related_stories_are_at_least_three_others_and_published(stories):
    for path, text in stories.items():
        block = re.search(r'<(section|aside)[^>]*class="[^"]*\brelated\b.*?</\1>', text, re.S)
        assert block, path
        linked = {link for link in Page(block.group(0)).links if link in stories}
        assert len(linked) >= 3 and path not in linked, path


def test_pictures_with_a_credit_say_so(stories):
    with_credit = [path for path, text in stories.items() if "Image source:" in text]
    assert len(with_credit) >= 20
    assert any("Image source: ABP News" in text for text in stories.values())


def test_every_picture_loads(suite, stories):
    sources = {source for text in stories.values() for source in Page(text).images}
    assert len(sources) > 24
    for source in sources:
        with urllib.request.urlopen(source if "//" in source else suite.url + source, timeout=10) as answer:
            assert answer.status == 200 and answer.headers["Content-Type"].startswith("image/"), source
            assert "immutable" in answer.headers["Cache-Control"], source


def test_nothing_unpublished_is_in_any_page(suite, stories):
    everything = "".join(stories.values()) + suite.get("/").text + "".join(
        suite.get(path).text for path in ("/feed.atom", "/feed.json", "/sitemaps/news.xml"))
    hidden = [entry for entry in listed(suite)
              if entry.get("pub_status") != "PUB_STATUS_USABLE" or entry.get("embargoed_until")]
    assert len(hidden) >= 2
    for entry in hidden:
        assert entry["content"]["headline"] not in everything, entry


def test_feeds_robots_and_sitemap_are_well_formed(suite):
    month = re.search(r"/sitemaps/\d{4}-\d\d\.xml", suite.get("/sitemap.xml").text)[0]
    for path, media_type in (("/feed.atom", "application/atom+xml"), ("/feed.rss", "application/rss+xml"),
                             ("/city/feed.atom", "application/atom+xml"), ("/sitemap.xml", "application/xml"),
                             ("/sitemaps/pages.xml", "application/xml"), ("/sitemaps/news.xml", "application/xml"),
                             (month, "application/xml")):
        answer = suite.get(path)
        assert answer.status == 200 and answer.headers["content-type"].startswith(media_type), path
        xml.dom.minidom.parseString(answer.body)
    for path in ("/feed.json", "/city/feed.json"):
        answer = suite.get(path)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/feed+json; charset=utf-8"), path
        feed = json.loads(answer.body)
        assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["feed_url"] == suite.url + path
        assert feed["items"] and all(item["id"] and item["url"] and item["content_text"] for item in feed["items"])
    robots = suite.get("/robots.txt")
    assert robots.status == 200 and f"Sitemap: {suite.url}/sitemap.xml" in robots.text


def test_every_story_is_there_for_others_as_a_valid_ninjs_item(suite, stories):
    schema = ROOT.parent / "shared" / "data" / "ninjs" / "specification" / "ninjs-schema_3.1.json"
    if not schema.exists():
        pytest.skip(f"{schema} is not there")
    import jsonschema
    validator = jsonschema.Draft202012Validator(json.loads(schema.read_text()))
    for path, text in stories.items():
        answer = suite.get(path + ".ninjs.json")
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json"), path
        item = json.loads(answer.body)
        assert [error.message for error in validator.iter_errors(item)] == [], path
        data = story_data(Page(text), text)
        assert item["headlines"][0]["value"] == data["headline"], path
        assert item["altIds"][0]["value"] == data["url"], path


def test_conditional_requests_are_answered_304(suite, stories):
    path = next(iter(stories))
    etag = suite.get(path).headers["etag"]
    again = suite.get(path, headers={"If-None-Match": etag})
    assert (again.status, again.body) == (304, b"")


def test_head_is_get_without_a_body(suite, stories):
    path = next(iter(stories))
    get, head = suite.get(path), suite.get(path, method="HEAD")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", get.headers["etag"])


def test_the_pages_forbid_inline_script(suite):
    policy = suite.get("/").headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy and "default-src" in policy


def test_importing_the_edition_again_changes_nothing(suite):
    before = suite.cli("list", "--json").stdout
    suite.cli("import", EDITION)
    assert suite.cli("list", "--json").stdout == before


def test_metrics_and_status_are_served_by_every_process(suite):
    import http.client
    for name in ("article", "media", "recommendation", "gateway"):
        for path, expected in (("/healthz", b""), ("/metrics", b"# TYPE"), ("/status", name.encode())):
            connection = http.client.HTTPConnection("127.0.0.1", suite.ops_port(name), timeout=5)
            connection.request("GET", path)
            answer = connection.getresponse()
            assert answer.status == 200 and expected in answer.read(), (name, path)
