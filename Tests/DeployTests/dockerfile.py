"""A Dockerfile, read into stages: the instructions that this project's own one uses, and a clear refusal of any other."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


class NotUnderstood(Exception):
    """The Dockerfile holds something that would be carried out wrongly."""


@dataclass
class Stage:
    base: str
    name: str
    steps: list = field(default_factory=list)  # (instruction, rest), in their order


def instructions(text):
    """Yields (instruction, rest). Comments are left out, also those between continued lines, as Docker does."""
    lines = [line for line in text.splitlines() if not re.match(r"\s*#", line)]
    joined = ""
    for line in lines:
        if line.rstrip().endswith("\\"):
            joined += line.rstrip()[:-1]
            continue
        joined += line
        if joined.strip():
            word, _, rest = joined.strip().partition(" ")
            yield word.upper(), rest.strip()
        joined = ""
    if joined.strip():
        raise NotUnderstood(f"the last line is continued and nothing follows: {joined.strip()}")


KNOWN = {"RUN", "COPY", "ENV", "WORKDIR", "USER", "ARG", "ENTRYPOINT", "CMD", "HEALTHCHECK"}


def stages(path):
    found = []
    for word, rest in instructions(Path(path).read_text()):
        if word == "FROM":
            match = re.fullmatch(r"(\S+)(?:\s+[Aa][Ss]\s+(\S+))?", rest)
            if not match:
                raise NotUnderstood(f"FROM {rest}")
            found.append(Stage(match[1], match[2] or f"stage-{len(found)}"))
        elif word not in KNOWN or not found:
            raise NotUnderstood(f"{word} {rest}")
        else:
            found[-1].steps.append((word, rest))
    return found


def copy_arguments(rest):
    """(stage or None, sources, destination) of a COPY."""
    words = shlex.split(rest)
    source_stage = None
    while words and words[0].startswith("--"):
        option = words.pop(0)
        if not option.startswith("--from="):
            raise NotUnderstood(f"COPY {option}")
        source_stage = option.removeprefix("--from=")
    if len(words) < 2:
        raise NotUnderstood(f"COPY {rest}")
    return source_stage, words[:-1], words[-1]


def assignments(rest):
    """ENV's NAME=VALUE pairs."""
    pairs = {}
    for word in shlex.split(rest):
        name, equals, value = word.partition("=")
        if not equals or "$" in value:
            raise NotUnderstood(f"ENV {rest}")
        pairs[name] = value
    return pairs


def program(rest):
    """The words of an ENTRYPOINT or CMD in its exec form."""
    try:
        return json.loads(rest)
    except ValueError:
        raise NotUnderstood(f"not in the exec form: {rest}") from None


def ignored(path):
    """The patterns of a .dockerignore that let something in, after its '*'."""
    lines = [line.strip() for line in Path(path).read_text().splitlines() if line.strip() and line[0] != "#"]
    if not lines or lines[0] != "*" or not all(line.startswith("!") for line in lines[1:]):
        raise NotUnderstood(f"{path}: not a '*' followed by what is let in")
    return [line[1:] for line in lines[1:]]
