"""PNG pictures, as the browser makes them: eight bits a channel, with or without alpha, not interlaced."""

import struct
import zlib


def pixels(data):
    """Rows of (red, green, blue)."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    at, packed, width, height, step = 8, b"", 0, 0, 0
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            assert depth == 8 and colour in (2, 6), (depth, colour)
            step = 3 if colour == 2 else 4
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    raw, stride, rows, above = zlib.decompress(packed), width * step, [], bytearray(width * step)
    for number in range(height):
        start = number * (stride + 1)
        rule, line = raw[start], bytearray(raw[start + 1:start + 1 + stride])
        for index in range(stride):
            left = line[index - step] if index >= step else 0
            up, corner = above[index], above[index - step] if index >= step else 0
            if rule == 1:
                line[index] = (line[index] + left) & 255
            elif rule == 2:
                line[index] = (line[index] + up) & 255
            elif rule == 3:
                line[index] = (line[index] + (left + up) // 2) & 255
            elif rule == 4:
                guess = left + up - corner
                nearest = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))
                line[index] = (line[index] + nearest[2]) & 255
        rows.append([tuple(line[index:index + 3]) for index in range(0, stride, step)])
        above = line
    return rows


def colours(rows):
    """How many different ones there are."""
    return len({pixel for row in rows for pixel in row})


def brightness(rows):
    """From 0, black, to 255."""
    count = sum(len(row) for row in rows)
    return sum(sum(pixel) for row in rows for pixel in row) / 3 / count
