"""Filters of lists: labels.k=v, labels.k:*, name:part, with AND, OR (which binds tighter), NOT and -, and brackets."""

from __future__ import annotations

import re
from typing import Callable

from .replies import refusal

Predicate = Callable[[str, dict[str, str]], bool]  # of a resource's name and its labels
_WORD = re.compile(r'\s*(\(|\)|-|[A-Za-z_][\w.-]*\s*(?:=|:)\s*(?:"[^"]*"|[^\s()]+)|AND\b|OR\b|NOT\b)')


def parse(text: str) -> Predicate:
    words: list[str] = []
    place = 0
    while text[place:].strip():
        match = _WORD.match(text, place)
        if match is None:
            raise _invalid(text)
        words.append(match.group(1))
        place = match.end()
    words.reverse()
    predicate = _all(words, text) if words else lambda name, labels: True
    if words:
        raise _invalid(text)
    return predicate


def _all(words: list[str], text: str) -> Predicate:
    parts = [_any(words, text)]
    while words and words[-1] != ")":
        if words[-1] == "AND":
            words.pop()
        parts.append(_any(words, text))
    return lambda name, labels: all(part(name, labels) for part in parts)


def _any(words: list[str], text: str) -> Predicate:
    parts = [_one(words, text)]
    while words and words[-1] == "OR":
        words.pop()
        parts.append(_one(words, text))
    return lambda name, labels: any(part(name, labels) for part in parts)


def _one(words: list[str], text: str) -> Predicate:
    if not words:
        raise _invalid(text)
    word = words.pop()
    if word in ("NOT", "-"):
        inner = _one(words, text)
        return lambda name, labels: not inner(name, labels)
    if word == "(":
        inner = _all(words, text)
        if not words or words.pop() != ")":
            raise _invalid(text)
        return inner
    return _comparison(word, text)


def _comparison(word: str, text: str) -> Predicate:
    match = re.fullmatch(r'([\w.-]+)\s*([=:])\s*"?([^"]*)"?', word)
    if match is None:
        raise _invalid(text)
    field, operator, value = match.groups()
    if field == "name" and operator == ":":
        return lambda name, labels: value.lower() in name.lower()
    key = field.removeprefix("labels.")
    if key == field:
        raise _invalid(text)
    if operator == ":" and value == "*":
        return lambda name, labels: key in labels
    return lambda name, labels: labels.get(key) == value


def _invalid(text: str):
    return refusal("INVALID_ARGUMENT", f"Invalid list filter: {text}")
