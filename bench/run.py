"""All questions in one run.

python bench/run.py [--write PAGE]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import first_run_frame
import hash_frame
import hit_dict
import hit_frame
import hit_frame_used
import hit_int
import import_time
import rerun
from _report import markdown, show

QUESTIONS = [
    module.QUESTION
    for module in (
        hit_int,
        hit_dict,
        hit_frame,
        hit_frame_used,
        first_run_frame,
        hash_frame,
        rerun,
        import_time,
    )
]


def main() -> None:
    """Ask all questions, print the table, and write it to a page where one is named."""
    parser = argparse.ArgumentParser(description="Reprise beside other caches.")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write a page of Markdown")
    page = parser.parse_args().write
    answers = show(QUESTIONS)
    if page is not None:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(markdown(answers), encoding="utf-8")


if __name__ == "__main__":
    main()
