"""What a read costs with many stories against what it costs with few. Nothing is kept in the service's memory."""

import random

import archives
import programs

SAMPLES = 20_000
AUTHORS = 500  # of the sample stories


def requests_of(stories, fewest):
    """By kind: the method and the requests, spread over all stories. Pages of lists are full also of the fewest."""
    chosen = random.Random(1)
    ids = [archives.article_id(chosen.randrange(stories)) for _ in range(SAMPLES)]
    return {
        "GetArticle by id": ("get", [f"article_id: '{article_id}'" for article_id in ids]),
        "GetArticle by path": ("get", [f"path: '/{article_id}'" for article_id in ids]),
        "ListArticles, a section": ("list", [f"section_id: 'section-{i}'" for i in range(20)]),
        "ListArticles, an author": ("list", [f"author_id: 'author-{i}' page_size: {fewest // AUTHORS // 2}"
                                             for i in range(0, AUTHORS, 10)]),
    }


def bars(binaries, quick):
    few, many = (2_000, 20_000) if quick else (10_000, 1_000_000)
    rounds, seconds = (3, 1) if quick else (7, 3)
    cpu = {}
    with archives.archive(binaries, few) as small, archives.archive(binaries, many) as large:
        with (programs.article(binaries, small, "--cache_mib=0") as small_article,
              programs.article(binaries, large, "--cache_mib=0") as large_article):
            sizes = ((few, small, small_article), (many, large, large_article))
            for _ in range(rounds):
                for stories, folder, server in sizes:
                    for kind, (what, lines) in requests_of(stories, few).items():
                        requests = folder / "requests"
                        requests.write_text("\n".join(lines))
                        result = programs.load(binaries, server, what, requests=requests, seconds=seconds, callers=4)
                        cpu.setdefault((kind, stories), []).append(result["cpu_us"])
    results = []
    print(f"  CPU us of the server for a read         {few:9,} {many:9,}     ratio")
    for kind in requests_of(1, few):
        costs = [programs.median(cpu[kind, stories]) for stories in (few, many)]
        ratio = costs[1] / costs[0]
        print(f"    {kind:36} {costs[0]:9.0f} {costs[1]:9.0f} {ratio:9.2f}")
        results.append(ratio)
    return [("read_growth", round(max(results), 2), 1.3, max(results) < 1.3)]
