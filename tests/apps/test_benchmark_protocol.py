"""The protocol of the benchmark has the same numbers in Python and in the three apps."""

import re
from pathlib import Path

import pytest
from pspm_runtime.benchmark import protocol

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {
    "Kotlin": "android_demo/app/src/main/kotlin/pspm/demo/BenchmarkProtocol.kt",
    "Swift": "ios_demo/PortraitMatting/Sources/MattingCore/Benchmark/BenchmarkProtocol.swift",
    "TypeScript": "web_demo/app/benchmark/protocol.ts",
}
NUMBERS = ("WARM_UP", "ROUNDS", "P99_FROM", "PACED_FPS", "PACED_SECONDS", "SUSTAINED_SECONDS")


@pytest.mark.parametrize("language", SOURCES)
def test_numbers_are_those_of_python(language: str) -> None:
    text = (ROOT / SOURCES[language]).read_text()
    for name in NUMBERS:
        match = re.search(rf"\b(?:{name}|{_camel(name)}) = ([\d.]+)", text)
        assert match, name
        assert float(match[1]) == getattr(protocol, name), name
    assert [float(x) for x in re.findall(r"(?:width|WIDTH|height|HEIGHT)(?: = |: )(\d+)", text)][:2] == list(
        protocol.FRAME
    )


def _camel(name: str) -> str:
    first, *rest = name.lower().split("_")
    return first + "".join("FPS" if word == "fps" else word.capitalize() for word in rest)


@pytest.mark.parametrize("language", ["Kotlin", "TypeScript"])
def test_effects_are_those_of_python(language: str) -> None:
    text = (ROOT / SOURCES[language]).read_text()
    block = text[text.index("EFFECTS") :]
    names = re.findall(r"\"?(none|colour|blur)\"?(?: to |: \{)", block)
    assert names == list(protocol.EFFECTS)


def test_colours_and_strengths_are_those_of_python() -> None:
    kotlin, swift, web = ((ROOT / path).read_text() for path in SOURCES.values())
    assert f"rgb{protocol.COLOUR}" in kotlin
    assert "#" + bytes(protocol.COLOUR).hex() in web
    assert "(red: 0.0, green: 160.0 / 255, blue: 80.0 / 255)" in swift
    for text, pattern in (
        (kotlin, r"Blur\((0\.\d+)\)\s*\)"),
        (web, r"strength: ([\d.]+)"),
        (swift, r"blurStrength = ([\d.]+)"),
    ):
        match = re.search(pattern, text)
        assert match
        assert float(match[1]) == protocol.BLUR_STRENGTH
