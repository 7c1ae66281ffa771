"""Write the digits that the lab carries as text: 500 of the data set's images, 4 bits a pixel.

    python lab_digits.py ../digits ../../../Sources/TrimtabTrainer/Lab/Digits.swift

Image i shows the digit i % 10: it is that digit's occurrence number i // 10, so that every start of the list is
balanced. The pixels, 0 to 16 in the data set, are scaled to 0 to 15 and rounded. The bits, the first one the highest, are
cut into sixes; each six is a character of base64.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
IMAGES_PER_CLASS = 50
COLUMNS = 116
OPENING = "  private static let text: StaticText = #\"\"\"\n"
CLOSING = "    \"\"\"#\n"


def chosen(labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the images: the digits 0 to 9 in turn, each one's first occurrences."""
    return np.stack([np.flatnonzero(labels == digit)[:IMAGES_PER_CLASS] for digit in range(10)], axis=1).ravel()


def encoded(pixels: NDArray[np.uint8]) -> str:
    """Return the pixels' text."""
    nibbles = np.rint(pixels.ravel() * (15 / 16)).astype(np.uint8)
    bits = np.unpackbits(nibbles[:, None], axis=1)[:, 4:].ravel()
    bits = np.concatenate([bits, np.zeros(-len(bits) % 6, dtype=np.uint8)]).reshape(-1, 6)
    return "".join(ALPHABET[six] for six in bits @ (1 << np.arange(5, -1, -1)))


def main() -> None:
    """Replace the text in a Swift file."""
    folder, source = Path(sys.argv[1]), Path(sys.argv[2])
    text = encoded(np.load(folder / "features_raw.npy")[chosen(np.load(folder / "labels.npy"))])
    lines = [text[start : start + COLUMNS - 6] for start in range(0, len(text), COLUMNS - 6)]
    body = "".join(f"    {line}{'' if line is lines[-1] else chr(92) + '#'}\n" for line in lines)
    before, _, rest = source.read_text().partition(OPENING)
    _, _, after = rest.partition(CLOSING)
    source.write_text(before + OPENING + body + CLOSING + after)


if __name__ == "__main__":
    main()
