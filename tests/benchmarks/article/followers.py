"""How long PublishArticle takes with 200 live followers on one replica."""

import programs

FOLLOWERS = 200
LEASE_MICROS = 500_000


def bars(binaries, quick):
    with programs.folder_of_its_own() as folder, programs.article(binaries, folder) as article:
        result = programs.json_of([binaries / "article_followers", f"--address={article.address}",
                                   f"--followers={FOLLOWERS}", f"--publications={30 if quick else 300}"])
    print(f"  PublishArticle with {FOLLOWERS} followers            median ms    p99 ms")
    for name, key in (("the call", "publish"), ("of it, waiting for followers", "wait")):
        print(f"    {name:40} {result[f'{key}_p50_us'] / 1000:9.2f} {result[f'{key}_p99_us'] / 1000:9.2f}")
    micros = result["publish_p50_us"]
    acknowledged = result["fewest_acknowledged"]
    return [("followers_acknowledged", acknowledged, FOLLOWERS, acknowledged == FOLLOWERS),
            ("followers_publish_ms", round(micros / 1000, 1), LEASE_MICROS / 4000, micros <= LEASE_MICROS / 4)]
