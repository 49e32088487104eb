import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import suite as suite_module  # noqa: E402


@pytest.fixture(scope="session")
def stubs(tmp_path_factory):
    """Makes the generated Python client importable."""
    suite_module.generate_stubs(tmp_path_factory.mktemp("stubs"))


@pytest.fixture(scope="session")
def suite(tmp_path_factory, stubs):
    """A running Broadsheet with the sample edition. Tests leave every process running."""
    running = suite_module.Suite(tmp_path_factory.mktemp("suite"))
    try:
        running.start()
        running.cli("import", suite_module.EDITION)
        yield running
    finally:
        running.stop()
