"""Pictures for the cases: made here, small, and real enough for any server."""

import struct
import zlib
from pathlib import Path

__all__ = ["PICTURES", "png", "put_pictures"]


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + bytes(colour) * width for _ in range(height))
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


PICTURES = {
    "green.png": png(64, 64, (10, 160, 85)),
    "blue.png": png(64, 64, (20, 60, 200)),
}
"""In the folder `pictures` beside every company file of the suite."""


def put_pictures(folder: Path) -> None:
    """Write them, where they are not."""
    place = folder / "pictures"
    if not place.is_dir():
        place.mkdir()
        for name, data in PICTURES.items():
            (place / name).write_bytes(data)
