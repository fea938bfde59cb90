"""An image shown by a cached function, and a switch that takes it off the page."""

from __future__ import annotations

import struct
import zlib

import streamlit as st
from calls import note

from reprise import cache_data


def png(width: int, height: int) -> bytes:
    """A blue rectangle."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        frame = kind + content
        return struct.pack(">I", len(content)) + frame + struct.pack(">I", zlib.crc32(frame))

    rows = (b"\0" + b"\x0b\x5c\x8f" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@cache_data
def picture() -> str:
    """Shows an image, and can be heard running."""
    note("picture")
    st.image(png(64, 32))
    return "shown"


if __name__ == "__main__" and st.checkbox("Show", value=True):
    st.text(f"picture: {picture()}")
