"""GetArticle on the wire against a bare synchronous server of gRPC that returns the same bytes."""

import programs

STORIES = 16


def bars(binaries, quick):
    rounds, seconds = (3, 1) if quick else (9, 3)
    rates = {"article": [], "bare": []}
    cpu = {"article": [], "bare": []}
    with programs.folder_of_its_own() as folder, programs.article(binaries, folder) as article:
        programs.load(binaries, article, "publish", stories=STORIES)
        requests = folder / "requests"
        requests.write_text("".join(f"article_id: 'story-{i}'\n" for i in range(STORIES)))
        answer = folder / "answer"
        size = programs.load(binaries, article, "get", requests=requests, save=answer, seconds=0.5)["bytes"]
        command = [binaries / "bare_article_server", f"--response={answer}"]
        with programs.Program(folder, command) as bare:
            for turn in range(rounds):
                for name, server in sorted({"article": article, "bare": bare}.items(), reverse=turn % 2 == 1):
                    result = programs.load(binaries, server, "get", requests=requests, seconds=seconds)
                    rates[name].append(result["per_second"])
                    cpu[name].append(result["cpu_us"])
    print(f"  GetArticle of {size / 1000:.1f} kB, 16 callers      calls/s   CPU us/call")
    for name in rates:
        print(f"    {name:40} {programs.median(rates[name]):9.0f} {programs.median(cpu[name]):13.0f}")
    ratio = programs.median(rates["article"]) / programs.median(rates["bare"])
    return [("get_article_vs_bare", round(ratio, 2), 0.8, ratio >= 0.8)]
