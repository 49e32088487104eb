"""What an author writes is text, whatever it looks like. The same stories are visited in Chromium by tests/browser."""

import html.parser

import pytest

import payloads


class ActiveContent(html.parser.HTMLParser):
    """Collects everything in a page that could run."""

    ALLOWED_DATA = {"application/ld+json"}
    NEVER = {"iframe", "object", "embed", "applet", "form", "base", "frame", "frameset", "math", "portal"}

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag in self.NEVER:
            self.found.append(f"<{tag}>")
        if tag == "script" and attributes.get("type") not in self.ALLOWED_DATA and not (
                attributes.get("src") or "").startswith("/assets/"):
            self.found.append(f"<script {attributes}>")
        if tag == "meta" and (attributes.get("http-equiv") or "").lower() == "refresh":
            self.found.append("refresh")
        for name, value in attributes.items():
            if name.startswith("on") or name == "srcdoc":
                self.found.append(f"{tag} {name}")
            scheme = "".join(c for c in (value or "") if c > " ").lower()
            if name in ("href", "src", "action", "formaction", "xlink:href") and scheme.startswith(
                    ("javascript:", "vbscript:", "data:text")):
                self.found.append(f"{tag} {name}={value}")


@pytest.fixture(scope="module")
def paths(suite):
    return payloads.publish_all(suite.address("article"))


def test_no_payload_becomes_active_content_on_any_page(suite, paths):
    found = {}
    for path in [*paths, "/", "/city", "/city/<script>window.injected=1</script>", "/%22%3E%3Cscript%3E"]:
        answer = suite.get(path.replace(" ", "%20"))
        assert answer.status in (200, 400, 404), path
        active = ActiveContent(answer.text).found
        if active:
            found[path] = active
    assert found == {}


def test_payloads_are_shown_as_text(suite, paths):
    page = suite.get(paths[0]).text
    assert "&lt;script&gt;window.injected = 1&lt;/script&gt;" in page
    assert "<script>window.injected" not in page


def test_feeds_stay_well_formed_with_payloads(suite, paths):
    import xml.dom.minidom
    for path in ("/feed.atom", "/feed.rss", "/city/feed.atom", "/sitemap.xml", "/sitemaps/news.xml"):
        xml.dom.minidom.parseString(suite.get(path).body)


@pytest.mark.parametrize("url", payloads.URLS)
def test_a_link_that_could_run_or_leave_the_site_unseen_is_refused(suite, url):
    import grpc
    from broadsheet.article.v1 import article_pb2, editorial_service_pb2, editorial_service_pb2_grpc
    content = article_pb2.ArticleContent(headline="A link", section_id="city")
    text = content.body.add().paragraph.text
    text.text = "Click here."
    text.spans.add(start=0, end=5, kind=article_pb2.SPAN_KIND_LINK, url=url)
    with grpc.insecure_channel(suite.address("article")) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            editorial_service_pb2_grpc.EditorialServiceStub(channel).CreateArticle(
                editorial_service_pb2.CreateArticleRequest(content=content), timeout=10)
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
