"""Eight users of one app at the same time."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

APPS = Path(__file__).parent / "apps"
USERS = range(1, 9)
ROUNDS = 3
PATIENCE = 30_000.0
"""Milliseconds after which a text is given up."""


@dataclass
class Visitor:
    """One of the eight, with a browser profile of its own.

    Args:
        number: Which one; all that it writes contains it.
        page: Playwright's page, of the asynchronous interface.
    """

    number: int
    page: Any
    problems: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Note what the browser complains of."""
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))

    async def sees(self, answer: str) -> None:
        """Wait for one's own answer in all places, and look that there is nothing else."""
        mine = f"owner of {answer} on page {self.number}"
        for text in (
            f"answer: {answer}",
            f"inside: {answer}",
            f"read: hello {mine}",
            f"shown: {mine}",
        ):
            found = self.page.get_by_text(text, exact=True)
            await found.wait_for(timeout=PATIENCE)
        texts = await self.page.get_by_test_id("stMain").inner_text()
        others = set(map(int, re.findall(r"(?:user|page )(\d+)", texts))) - {self.number}
        if others:
            self.problems.append(f"sees what belongs to {others}: {texts}")
        errors = await self.page.get_by_test_id("stException").all_inner_texts()
        self.problems += errors

    async def write(self, label: str, text: str) -> None:
        """Fill in one of the inputs."""
        entry = self.page.get_by_label(label, exact=True)
        await entry.fill(text, timeout=PATIENCE)
        await entry.press("Enter")

    async def live(self, url: str, together: asyncio.Barrier) -> None:
        """Change both inputs again and again, at the same moments as the others."""
        await self.page.goto(f"{url}/?user={self.number}")
        await self.sees("nothing 0")
        for turn in range(ROUNDS):
            word = f"user{self.number}turn{turn}"
            await together.wait()
            await self.write("word", word)
            number = 0 if turn == 0 else 10 * self.number + turn - 1
            await self.sees(f"{word} {number}")
            await together.wait()
            await self.write("number", str(10 * self.number + turn))
            await self.sees(f"{word} {10 * self.number + turn}")


async def all_at_once(chromium: Path, url: str) -> list[str]:
    """Let the eight live through their rounds; what went wrong."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(chromium), args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        together = asyncio.Barrier(len(USERS))
        visitors = []
        for number in USERS:
            context = await browser.new_context(viewport={"width": 800, "height": 600})
            visitors.append(Visitor(number, await context.new_page()))
            visitors[-1].listen()
        async with asyncio.TaskGroup() as lives:
            for visitor in visitors:
                lives.create_task(visitor.live(url, together))
        await browser.close()
    return [problem for visitor in visitors for problem in visitor.problems]


def test_each_of_eight_sees_only_their_own_values(serve, chromium, tmp_path):
    directory = shutil.copytree(APPS, tmp_path / "apps")
    notes = tmp_path / "calls.txt"
    server = serve(directory / "eight.py", CALLS=str(notes))
    assert asyncio.run(all_at_once(chromium, server.url)) == []
    assert "Traceback" not in server.log.read_text(encoding="utf-8")

    ran = Counter(notes.read_text(encoding="utf-8").splitlines())
    words = [f"user{user}turn{turn}" for user in USERS for turn in range(ROUNDS)]
    own = {line: runs for line, runs in ran.items() if "nothing" not in line}
    assert {line.split()[1] for line in own if line.startswith("asked")} == set(words)
    # Two values for each word and user, and none of them computed twice.
    assert own == dict.fromkeys(own, 1)
    assert len(own) == 2 * 2 * len(words)
    assert [ran[f"read owner of nothing 0 {user}"] for user in USERS] == [1] * len(USERS)
    assert 1 <= ran["asked nothing 0"] <= len(USERS)
