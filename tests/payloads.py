"""Publishes stories whose every field carries markup injection, so that a reader's page can be checked.

As a program: `payloads.py ARTICLE_ADDRESS` publishes them and prints their paths, one a line.
"""

import json
import sys
import tempfile
import uuid

import suite

OWN = [
    "<script>window.injected = 1</script>",
    '"><img src=x onerror=window.injected=1>',
    "'><svg onload=window.injected=1>",
    "</script><script>window.injected = 1</script>",
    "<!--<script>window.injected = 1</script>-->",
    "]]><script>window.injected = 1</script>",
    "line\u2028separator \u2029 <script>window.injected = 1</script>",
    "{{headline}} {{#SECTION}} {{X:none}} ${7*7} <%= 1 %>",
    "javascript:window.injected=1",
    "</title><script>window.injected = 1</script>",
    "</style><script>window.injected = 1</script>",
    "&lt;script&gt;window.injected = 1&lt;/script&gt; &amp;amp; &#60;b&#62;",
    "<iframe srcdoc='<script>parent.injected=1</script>'>",
    "<a href=javascript:window.injected=1>click</a>",
    "\\u003cscript\\u003ewindow.injected = 1\\u003c/script\\u003e \\\"};window.injected=1;//",
]
URLS = ["javascript:window.injected=1", "JaVaScRiPt:window.injected=1", "java\tscript:window.injected=1",
        "\x01javascript:window.injected=1", " javascript:window.injected=1", "data:text/html,<script>1</script>",
        "vbscript:x", "//evil.example/x", "https:\\\\evil.example", "file:///etc/passwd", "blob:https://x/y"]


def all_payloads():
    """Own payloads, and those beside the project where they are present."""
    shared = suite.ROOT.parent / "shared" / "data" / "xss" / "payloads.json"
    if not shared.exists():
        print("ran without ../shared/data/xss: own payloads only", file=sys.stderr)
        return OWN
    payloads = OWN + [entry["payload"] for entry in json.loads(shared.read_text()) if entry["payload"].strip()]
    print(f"ran with ../shared/data/xss: {len(payloads)} payloads", file=sys.stderr)
    return payloads


def one_line(text, size):
    """As much of a text as a one-line field of `size` bytes takes."""
    text = " ".join("".join(c for c in text if c.isprintable() or c == " ").split()) or "x"
    return text.encode()[:size].decode(errors="ignore")


def plain(text, size=4000):
    return "".join(c for c in text if c == "\n" or ord(c) >= 32 and ord(c) != 127).encode()[:size].decode(errors="ignore")


def story(payloads):
    """A story with the first payload in every one-line field and all of them in the body."""
    from broadsheet.article.v1 import article_pb2 as pb
    line = one_line(payloads[0], 90)
    content = pb.ArticleContent(headline=one_line(payloads[0], 480), standfirst=plain(payloads[0], 1900), kicker=line,
                                trail_text=plain(payloads[0], 1900), byline=line, located=line, genre=line,
                                section_id="city", subjects=[line], copyright_notice=line, usage_terms=line)
    for text in payloads:
        content.body.add().paragraph.text.text = plain(text)
        heading = content.body.add().heading
        heading.level = 2
        heading.text.text = one_line(text, 400)
        quote = content.body.add().quote
        quote.text.text, quote.attribution = plain(text), one_line(text, 290)
        item = content.body.add().list.items.add()
        item.text.text = plain(text)
        table = content.body.add().table
        table.caption = one_line(text, 900)
        table.header.cells.add().text = one_line(text, 900)
        table.rows.add().cells.add().text = plain(text)
        embed = content.body.add().embed
        embed.url, embed.title = "https://video.example/1", one_line(text, 400)
        link = content.body.add().paragraph.text
        link.text = "A link."
        link.spans.add(start=0, end=6, kind=pb.SPAN_KIND_LINK, url="/city?x=" + one_line(text, 300).replace(" ", "%20"))
    for text in payloads:
        event = content.body.add().key_event
        event.headline, event.key, event.event_time.seconds = one_line(text, 480), True, 1_795_000_000
        content.body.add().paragraph.text.text = plain(text)
    return content


def publish_all(address):
    """Publishes them; returns their paths. A payload that is refused must be so with INVALID_ARGUMENT."""
    import grpc
    from broadsheet.article.v1 import editorial_service_pb2 as pb
    from broadsheet.article.v1 import editorial_service_pb2_grpc
    payloads, paths = all_payloads(), []
    groups = [[p] for p in OWN] + [payloads[i:i + 8] for i in range(len(OWN), len(payloads), 8)]
    with grpc.insecure_channel(address) as channel:
        editorial = editorial_service_pb2_grpc.EditorialServiceStub(channel)
        for group in groups:
            content = story(group)
            try:
                draft = editorial.CreateArticle(pb.CreateArticleRequest(
                    request_id=str(uuid.uuid4()), content=content, path=f"/city/payload-{uuid.uuid4()}"), timeout=10).draft
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.INVALID_ARGUMENT:
                    raise
                # Link addresses with quotes or brackets may be refused; the rest must be publishable.
                for block in content.body:
                    if block.HasField("paragraph"):
                        del block.paragraph.text.spans[:]
                draft = editorial.CreateArticle(pb.CreateArticleRequest(
                    request_id=str(uuid.uuid4()), content=content, path=f"/city/payload-{uuid.uuid4()}"), timeout=10).draft
            paths.append(editorial.PublishArticle(pb.PublishArticleRequest(article_id=draft.article_id),
                                                  timeout=10).draft.path)
    return paths


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        suite.generate_stubs(folder)
        print("\n".join(publish_all(sys.argv[1])))
