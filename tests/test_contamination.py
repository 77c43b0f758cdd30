"""What repeats a benchmark's problem is found, however it is dressed, and what does not is not."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.agent.prompting import load_prompt
from optiwright.evaluation.contamination import RUN, How, KnownTexts
from optiwright.evaluation.fingerprints import telling_digits, words_of
from optiwright.evaluation.overlap import known_texts
from optiwright.training.demonstrations import demonstrations
from optiwright.training.templates import chosen_templates, drawn_from
from tests.made_up_texts import (
    OTHER_NUMBERS,
    OTHER_WORDS,
    VOCABULARY,
    Sentence,
    made_up,
    stories,
    text_of,
)

ROOT = Path(__file__).resolve().parents[1]
BAKERY = (
    "A bakery sells bread at 2.50 euros and cakes at 14 euros; an oven is free for 1,240 minutes, "
    "of which a loaf takes 3.5 and a cake 16. How many of each bring in the most money?"
)
Story = tuple[Sentence, ...]


def how(text: str, *problems: str) -> list[How]:
    """How a text repeats problems, which are given by their texts."""
    known = KnownTexts(made_up(p, f"made-{k}") for k, p in enumerate(problems))
    return [overlap.how for overlap in known.overlaps(text)]


# --- however it is dressed ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        BAKERY,
        BAKERY.upper(),
        BAKERY.replace(",", "").replace("2.50", "2.5").replace(";", "  --\n\n"),
        BAKERY.replace("; ", "<br/>").replace("2.50", "<td align='left'>2.500</td>"),
        BAKERY.replace("; ", r"\n\n").replace(" euros", "&nbsp;euros"),
        f"Here is a problem:\n\n{BAKERY}\n\nLet us think about it. The answer is 42.",
        '{"messages": [{"role": "user", "content": "' + BAKERY + '"}]}',
    ],
)
def test_setting_and_surroundings_make_no_difference(text: str) -> None:
    assert how(text, BAKERY) == [How.EXACT]


@settings(deadline=None)
@given(stories(), st.data())
def test_a_text_with_words_replaced_is_found(story: Story, data: st.DataObject) -> None:
    words = [list(sentence) for sentence in story]
    places = [(i, j) for i, s in enumerate(words) for j, w in enumerate(s) if w.isalpha()]
    few = st.lists(st.sampled_from(places), max_size=len(places) // 16, unique=True)
    for k, (i, j) in enumerate(data.draw(few)):
        words[i][j] = OTHER_WORDS[k]
    changed = tuple(map(tuple, words))
    expected = How.EXACT if changed == story else How.NEARLY
    assert how(text_of(changed), text_of(story)) == [expected]


@settings(deadline=None)
@given(stories(), st.randoms())
def test_a_text_in_another_order_is_found(story: Story, random: Random) -> None:
    mixed = list(story)
    random.shuffle(mixed)
    expected = How.EXACT if tuple(mixed) == story else How.NEARLY
    assert how(text_of(tuple(mixed)), text_of(story)) == [expected]


@settings(deadline=None)
@given(stories(), st.data())
def test_a_text_with_other_numbers_is_found_and_told_apart(
    story: Story, data: st.DataObject
) -> None:
    changed = tuple(
        tuple(word if word.isalpha() else data.draw(OTHER_NUMBERS) for word in sentence)
        for sentence in story
    )
    assert how(text_of(changed), text_of(story)) == [How.OTHER_NUMBERS]


@settings(deadline=None)
@given(stories(), stories(OTHER_WORDS))
def test_the_numbers_alone_give_a_retold_text_away(story: Story, other: Story) -> None:
    first, *more = [word for sentence in story for word in sentence if not word.isalpha()]
    numbers = iter([first, *more])
    told = tuple(
        tuple(w if w.isalpha() else next(numbers, first) for w in sentence) for sentence in other
    )
    left = tuple(f"{number} more" for number in numbers)
    retold = (*told, left) if left else told
    assert how(text_of(retold), text_of(story)) == [How.SAME_NUMBERS]


@settings(deadline=None)
@given(stories(), stories(OTHER_WORDS, OTHER_NUMBERS), st.booleans())
def test_a_half_of_a_text_within_another_is_found(story: Story, other: Story, first: bool) -> None:
    half = story[: len(story) // 2] if first else story[len(story) // 2 :]
    assert how(text_of((*other, *half)), text_of(story)) == [How.IN_PART]


@settings(deadline=None)
@given(stories(), stories(OTHER_WORDS, OTHER_NUMBERS))
def test_other_words_and_numbers_are_nothing(story: Story, other: Story) -> None:
    assert how(text_of(other), text_of(story)) == []


@settings(deadline=None)
@given(st.lists(stories(), min_size=2, max_size=5, unique=True))
def test_every_problem_is_found_in_itself_and_named(some: list[Story]) -> None:
    texts = [text_of(story) for story in some]
    known = KnownTexts(made_up(text, f"b{k % 2}-{k}") for k, text in enumerate(texts))
    for place, text in enumerate(texts):
        exact = [o for o in known.overlaps(text) if o.how is How.EXACT]
        assert [(o.problem, o.benchmark) for o in exact] == [
            (f"b{place % 2}-{place}", f"b{place % 2}")
        ]
    everything = known.overlaps("\n\n".join(texts))
    assert {o.how for o in everything} == {How.EXACT} and len(everything) == len(texts)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert how(text, BAKERY) == []
    if words_of(text):
        assert how(text, text) == [How.EXACT]


# --- what is no repetition ------------------------------------------------------------------------


def test_a_turn_of_phrase_is_no_part_of_a_problem() -> None:
    phrase = " ".join(VOCABULARY[:30])
    texts = [f"{phrase} {' '.join(OTHER_WORDS[20 * k :][:20])} {k}" for k in range(7)]
    asked = f"{' '.join(VOCABULARY[-40:])} {phrase}"
    assert how(asked, *texts) == []
    assert how(asked, *texts[:5]) == [How.IN_PART] * 5
    known = KnownTexts(made_up(text) for text in texts)
    assert len(known.shared_runs(asked)) == 30 - RUN + 1


def test_a_repeated_text_does_not_make_its_words_a_turn_of_phrase() -> None:
    part = " ".join(VOCABULARY[:30])
    assert (
        how(f"{part} and more", *[f"{part} {' '.join(VOCABULARY[60:80])}"] * 9) == [How.IN_PART] * 9
    )


@pytest.mark.parametrize(
    ("numbers", "digits"),
    [
        ({0.0, 3.0, 10.0}, 0),
        ({500.0, 20.0, 0.5}, 3),
        ({12.75, 1234.0}, 8),
        ({11.0, 12.0, 13.0, 14.0}, 2),
        ({1e-7, 3e20}, 2),
    ],
)
def test_round_numbers_and_lists_tell_little(numbers: set[float], digits: int) -> None:
    assert telling_digits(frozenset(numbers)) == digits


def test_few_or_round_numbers_in_common_are_chance() -> None:
    left = "Zorb with 20, 30, 50 and 100 in 4 rows, 3 times."
    right = "Vask at 20 over 30, and 50, 100 again; 4 by 3."
    assert how(left, right) == []
    telling = {"20": "2175", "30": "38.25"}
    for plain, odd in telling.items():
        left, right = left.replace(plain, odd), right.replace(plain, odd)
    assert how(left, right) == [How.SAME_NUMBERS]


def test_numbers_are_the_same_however_they_are_written() -> None:
    left = "Zorb: forty-five percent of 1,875 and 0.375, 22.5 each."
    right = "Vask: 0.45, 1875, 37.5%, then 22.50."
    assert how(left, right) == [How.SAME_NUMBERS]


# --- the prompts and hints ------------------------------------------------------------------------

PROMPTS = [f for f in resources.files("optiwright.prompts").iterdir() if f.name.endswith(".md")]
SOURCES = [
    file
    for room in ("agent", "evaluation", "formulators", "training")
    for file in (ROOT / room).rglob("*.py")
]
DEMONSTRATIONS = ROOT / "training" / "demonstrations.md"
DRAWN = {t.name: drawn_from(t, 1).text for t in chosen_templates(["all"])}


def faults(known: KnownTexts) -> list[str]:
    """What of benchmarks' problems stands in a prompt, in a worked example or in a hint."""
    found = []
    for file in PROMPTS:
        text = file.read_text("utf-8")
        found += [
            f"{file.name}: the name {n} of {ids}" for n, ids in known.shared_names(text).items()
        ]
        for problem, reply in load_prompt(file.name.removesuffix(".md")).examples():
            for part in (problem, reply, f"{problem}\n{reply}"):
                found += [f"{file.name}, {problem[:30]!r}: {o}" for o in known.overlaps(part)]
    for shown in demonstrations():
        found += [f"{shown.title}: {o}" for o in known.overlaps(shown.text)]
        found += [f"{shown.title}: the name {n}" for n in known.shared_names(shown.text)]
    for name, text in DRAWN.items():
        found += [f"{name}: {o}" for o in known.overlaps(text)]
    for file in (*PROMPTS, *SOURCES, DEMONSTRATIONS):
        shared = known.shared_runs(file.read_text("utf-8"))
        found += [f"{file.name}: {run!r} of {ids}" for run, ids in shared.items()]
    return found


EXAMPLE = load_prompt("formulate_flat").examples()[0][0]
SHOWN = demonstrations()[0]


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (EXAMPLE, "word for word"),
        ("Ask a user, in words that nobody knows: " + " ".join(EXAMPLE.split()[:9]), "'a candle"),
        (f"{SHOWN.scenario.steps[1].prose} {SHOWN.scenario.steps[2].prose}", SHOWN.title),
        ("Zorb 12, 4, 2.5, 9, 7, 3.2, 15, 60, 40%, 140; two by 1.", "by its numbers"),
        ("The firm of Brio has 3 zorbs.", "the name Brio"),
        ("It says nothing and the model could not be asked how often it dropped the connection "
         "before the answer was whole.", "dropped the connection before the answer was whole"),
    ],
)  # fmt: skip
def test_what_is_planted_in_a_benchmark_is_found_in_prompts_and_hints(
    problem: str, said: str
) -> None:
    assert any(said in fault for fault in faults(KnownTexts([made_up(problem)])))


@pytest.mark.skipif(
    "OPTIWRIGHT_TEST_DATA" not in os.environ, reason="no benchmark files (OPTIWRIGHT_TEST_DATA)"
)
def test_no_text_name_or_numbers_of_a_benchmark_stand_in_a_prompt_or_hint() -> None:
    known = known_texts(Path(os.environ["OPTIWRIGHT_TEST_DATA"]))
    assert faults(known) == []
    assert len(known.overlaps(known.problems[0].text)) >= 1
