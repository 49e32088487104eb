"""Archives: folders of the article service on SQLite with a great many published stories.

BROADSHEET_ARCHIVES names a folder where they are kept for the next run; a million stories take minutes to write.
"""

import contextlib
import os
import pathlib
import subprocess

import programs

MASK = (1 << 64) - 1


def article_id(number):
    """As SampleStory makes it."""
    mixed = (number + 0x9E3779B97F4A7C15) & MASK
    mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & MASK
    mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & MASK
    return f"a{mixed ^ mixed >> 31:016x}"


@contextlib.contextmanager
def archive(binaries, stories):
    """The folder of one."""
    kept = os.environ.get("BROADSHEET_ARCHIVES")
    if not kept:
        with programs.folder_of_its_own() as folder:
            fill(binaries, folder, stories)
            yield folder
        return
    folder = pathlib.Path(kept) / str(stories)
    if not (folder / "complete").exists():
        folder.mkdir(parents=True)
        fill(binaries, folder, stories)
        (folder / "complete").touch()
    yield folder


def fill(binaries, folder, stories):
    """The service makes the tables, the sections and the authors; the stories are written straight into the file."""
    with programs.article(binaries, folder) as article:
        programs.load(binaries, article, "publish", stories=0)
    subprocess.run([binaries / "article_archive", f"--database={folder}/data/article.sqlite", f"--stories={stories}"],
                   check=True)
