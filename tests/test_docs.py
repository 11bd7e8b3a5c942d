"""Whatever the docs say is carried by a test is carried by one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEFINED = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
}


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_files_and_tests_that_a_page_names_exist(page):
    text = page.read_text()
    named = re.findall(r"`(tests/[\w/.]+)", text)
    assert [path for path in named if not (ROOT / path).exists()] == []
    tests = re.findall(r"(?:::|`)(test_\w+)(\.\.\.)?(?!\w*\.py)", text)
    missing = [
        n for n, cut in tests if n not in DEFINED and not (cut and any(d.startswith(n) for d in DEFINED))
    ]
    assert [n for n in missing if not (ROOT / "tests" / f"{n}.py").exists() and f"{n}.py" not in text] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
