"""A page of 50 of a great many stories on SQLite, one caller at a time."""

import archives
import programs

GOAL_MILLIS = 5
ELECTION = "subject: 'election'"
LISTS = {
    "latest": "",
    "section": "section_id: 'section-3'",
    "author": "author_id: 'author-7'",
    "subject": "subject: 'subject-11'",
    "urgency, 1 % of stories": "max_urgency: 1",
    "section and urgency": "section_id: 'section-3' max_urgency: 4",
    "section and subject": "section_id: 'section-3' subject: 'subject-11'",
    "section and subject, long lists, little in common": f"section_id: 'section-0' {ELECTION}",
    "section and subject, not the least urgent": f"section_id: 'section-0' {ELECTION} max_urgency: 7",
    "author and subject": f"author_id: 'author-7' {ELECTION}",
}


def cases(stories):
    """By name: a request, and how many pages of 100 to pass over first."""
    first, length = 1_700_000_000, stories * 30
    middle = f"published_since {{ seconds: {first + length // 2} }} published_before {{ seconds: {first + length * 3 // 4} }}"
    lists = {name: (request, 0) for name, request in LISTS.items()}
    lists["time range"] = (middle, 0)
    lists["section and time range"] = (f"section_id: 'section-3' {middle}", 0)
    lists["urgency and time range"] = (f"max_urgency: 1 {middle}", 0)
    lists["latest, deep"] = ("", min(stories // 400, 500))
    lists["section, deep"] = (LISTS["section"], min(stories // 4000, 250))
    lists["urgency, deep"] = (LISTS["urgency, 1 % of stories"], min(stories // 20000, 50))
    return lists


def bars(binaries, quick):
    stories, seconds = (20_000, 0.5) if quick else (1_000_000, 3)
    slowest = 0
    with archives.archive(binaries, stories) as folder, programs.article(binaries, folder) as article:
        print(f"  a page of 50 of {stories:,} stories                  median ms    p99 ms    CPU ms")
        for name, (request, pages) in cases(stories).items():
            requests = folder / "requests"
            requests.write_text(f"page_size: 50 {request}\n")
            result = programs.load(binaries, article, "list", requests=requests, skip_pages=pages, callers=1,
                                   seconds=seconds)
            millis = result["p50_us"] / 1000
            slowest = max(slowest, millis)
            print(f"    {name:50} {millis:9.2f} {result['p99_us'] / 1000:9.2f} {result['cpu_us'] / 1000:9.2f}")
    return [("list_50_of_a_million_ms", round(slowest, 2), GOAL_MILLIS, slowest < GOAL_MILLIS)]
