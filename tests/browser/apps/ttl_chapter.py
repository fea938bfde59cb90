"""The guide's chapter about ttl, on a clock that the test moves."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import moved_clock  # before anything is cached
import streamlit as st

guide = Path(os.environ["GUIDE"])
if str(guide) not in sys.path:
    sys.path.append(str(guide))
moved_clock.move()
st.navigation([st.Page(guide / "ttl.py")]).run()
