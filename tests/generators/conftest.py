import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture
def as_somebody():
    """A context in which permissions count even when the tests run as root."""

    @contextmanager
    def somebody():
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield
        finally:
            if root:
                os.seteuid(0)

    return somebody


@pytest.fixture
def open_folder():
    """A folder that everybody can reach; pytest's own lie below one that only its owner can."""
    folder = Path(tempfile.mkdtemp(prefix="finexl-test-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)
