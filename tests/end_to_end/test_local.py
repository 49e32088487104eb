"""deploy/local/up and down: what they promise a newcomer, and one clear sentence for each thing that can go wrong."""

import html
import os
import re
import shutil
import socket
import subprocess
import urllib.request

import pytest

from suite import BIN, ROOT, port_base

UP, DOWN = ROOT / "deploy/local/up", ROOT / "deploy/local/down"
PRESET = BIN.parent.name


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, **options)


def up(data, *options, **environment):
    return run(UP, "--no-install", "--preset", PRESET, "--data", data, "--detach", *options,
               env={**os.environ, **environment})


def one_sentence(result):
    """The last line of the error output, after checking that the run failed and started nothing."""
    assert result.returncode == 1, result.stdout + result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("up: ") and lines[0].endswith("."), result.stderr
    return lines[0]


def fetch(base, path="/"):
    with urllib.request.urlopen(f"http://localhost:{base}{path}", timeout=10) as answer:
        return answer.read().decode()


@pytest.fixture
def base():
    return port_base()


def test_up_and_down_and_up_again_keep_the_edition(tmp_path, base):
    started = up(tmp_path, "--no-build", "--port_base", base)
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        assert f"http://localhost:{base}/" in started.stdout
        story = re.search(r'href="(/[a-z]+/\d{4}/[^"]+)"', fetch(base)).group(1)
        assert "<h1" in fetch(base, story)

        again = up(tmp_path, "--no-build", "--port_base", port_base())
        assert "running" in one_sentence(again)

        other = up(tmp_path / "other", "--no-build", "--port_base", base)
        assert re.search(r"port \d+, wanted for .*, is in use", one_sentence(other))
    finally:
        stopped = run(DOWN, "--data", tmp_path)
    assert stopped.returncode == 0, stopped.stderr
    try:
        assert up(tmp_path, "--no-build", "--no-edition", "--port_base", base).returncode == 0
        assert "<h1" in fetch(base, story)
    finally:
        assert run(DOWN, "--data", tmp_path).returncode == 0
    nothing = run(DOWN, "--data", tmp_path)
    assert nothing.returncode == 1 and "nothing is running" in nothing.stderr


def test_templates_and_flags_of_ones_own(tmp_path, base):
    templates = tmp_path / "our templates"
    shutil.copytree(ROOT / "services/gateway/renderer/templates", templates)
    page = templates / "page.html"
    sound = page.read_text()
    options = ("--no-build", "--no-edition", "--port_base", base, "--templates", templates, "--")
    name = """The "Lantern" ; 100 % # 1"""
    page.write_text(sound.replace("{{SITE_NAME}}</h1>", "{{SITE_NAMES}}</h1>"))
    refused = up(tmp_path / "data", *options)
    assert refused.returncode == 1 and re.search(r"our templates/page.html:\d+: nothing is ever set", refused.stderr)
    page.write_text(sound.replace("</footer>", "<p>own foot</p></footer>"))
    assert "written --name=value" in one_sentence(up(tmp_path / "data", *options, "de-DE"))
    try:
        started = up(tmp_path / "data", *options, f"--site_name={name}", "--site_language=de-DE")
        assert started.returncode == 0, started.stdout + started.stderr
        front = fetch(base)
        assert html.escape(name) in front and 'lang="de-DE"' in front and "own foot" in front
    finally:
        assert run(DOWN, "--data", tmp_path / "data").returncode == 0


def test_a_taken_port_is_named(tmp_path, base):
    with socket.create_server(("127.0.0.1", base + 3)):
        assert f"port {base + 3}, wanted for media, is in use" in one_sentence(
            up(tmp_path, "--no-build", "--port_base", base))


def test_a_missing_compiler_is_named(tmp_path, base):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "dirname", "basename", "realpath", "mkdir", "flock", "cat", "df", "tail", "tr", "awk", "grep",
                 "dpkg-query", "env", "sed"):
        (programs / name).symlink_to(shutil.which(name))
    assert "c++ is missing" in one_sentence(up(tmp_path / "data", "--port_base", base, PATH=str(programs)))


def test_a_full_disk_is_named(tmp_path, base):
    # A file system of one mebibyte, in a mount namespace of its own.
    script = f'mount -t tmpfs -o size=1m none {tmp_path} && exec {UP} --no-install --no-build --preset {PRESET} ' \
             f'--data {tmp_path} --detach --port_base {base}'
    command = ["unshare", "--mount", "sh", "-c", script]
    if os.geteuid() != 0:
        command[1:1] = ["--user", "--map-root-user"]
    assert "the disk is full" in one_sentence(run(*command))


@pytest.mark.parametrize("value", ["80", "seventy", "70000"])
def test_a_senseless_port_base_is_refused(tmp_path, value):
    assert "--port_base must be a number" in one_sentence(up(tmp_path, "--no-build", "--port_base", value))
