"""Cutting: lengths out of longer ones by given patterns."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.round_numbers import down, up
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, things

_ROLLS = (
    ("A timber yard cuts beams of {l} into pieces of {p}", "beam", "beams", "metres", (4, 9),
     1),
    ("A metal shop saws tubes of {l} into pieces of {p}", "tube", "tubes", "cm", (300, 600),
     10),
    ("A paper mill slits rolls of {l} in width into rolls of {p}", "large roll", "large rolls",
     "cm", (180, 320), 10),
    ("A sailmaker cuts bolts of cloth of {l} into strips of {p}", "bolt", "bolts", "metres", (10,
        24), 0.5),
    ("A cable firm cuts drums of {l} into lengths of {p}", "drum", "drums", "metres", (60, 150),
     5),
    ("A glazier cuts lead bars of {l} into bars of {p}", "bar", "bars", "cm", (160, 300),
     10),
)  # fmt: skip


@family("cutting")
def cutting_patterns(s: Story) -> None:
    """Orders for lengths, met by given ways to cut, of the fewest bars or the least waste."""
    scene, noun, nouns, unit, (low, high), grain = s.pick(*_ROLLS)
    speech = s.speech
    whole = s.step(low, high, grain)
    lengths = sorted({max(grain, round(whole * f / grain) * grain) for f in s.some([0.17, 0.22,
        0.28, 0.34, 0.4, 0.46, 0.55], 2, 3)})  # fmt: skip
    sizes = {x: speech.amount(round(x, 3), unit) for x in lengths}
    pieces = {x: Thing(sizes[x].text, sizes[x].text) for x in lengths}
    ways = [w for w in _ways(list(lengths), whole) if sum(w)]
    s.draw.shuffle(ways)
    count = len(lengths)
    kept = [w for w in ways if whole - sum(n * x for n, x in zip(w, lengths,
        strict=True)) < lengths[0]][: s.pick(3, 4, 5)]  # fmt: skip
    for k in range(count):
        if not any(w[k] for w in kept):
            kept.append(next(w for w in ways if w[k]))
    patterns = things(f"pattern {chr(65 + k)}" for k in range(len(kept)))
    ends = [pieces[x] for x in lengths]
    out = {(p, ends[k]): speech.plain(w[k]) for p, w in zip(patterns, kept, strict=True)
           for k in range(count)}  # fmt: skip
    waste = {p: speech.amount(round(whole - sum(n * x for n, x in zip(w, lengths, strict=True)), 3),
        unit) for p, w in zip(patterns, kept, strict=True)}  # fmt: skip
    plan = {p: s.step(4, 40) for p in patterns}
    need = {e: speech.count(down(s, sum(out[p, e].value * plan[p] for p in patterns), 0.2))
            for e in ends}  # fmt: skip
    s.set("Patterns", patterns, "ways to cut")
    s.set("Pieces", ends, "lengths that are ordered")
    s.table("yields", "Patterns, Pieces", out, f"pieces out of a {noun}")
    s.table("need", "Pieces", need, "pieces ordered")
    s.decide("cut", lambda p: f"{nouns} cut by {p}", over="p in Patterns", kind="integer",
             flat=lambda p: p.one, unit=nouns)  # fmt: skip
    s.total("pieces", "sum(yields[p, e]*cut[p] for p in Patterns)", lambda e: f"pieces of {e}",
            over="e in Pieces", flat=lambda e: f"pieces_{e.one.split()[0]}")  # fmt: skip
    s.scene = scene.format(l=speech.amount(whole, unit), p=listing(str(e) for e in ends))
    s.grid("pattern", patterns, ends, out, title=f"Pieces out of one {noun}", say=lambda p,
           part: f"{p.cap} gives {part}", part=lambda q, e: f"{q} of {e}" if q.value
           else f"none of {e}")  # fmt: skip
    trim = all(w.value for w in waste.values()) and s.chance(0.4)
    if trim:
        s.table("waste_of", "Patterns", waste, f"{unit} left over", unit)
        s.rows("pattern", patterns, [Column("waste", "leaves {} over", list(waste.values()))],
               lambda p: p.cap)  # fmt: skip
        s.total("waste", "sum(waste_of[p]*cut[p] for p in Patterns)", f"{unit} left over")
    number = not trim or s.chance(0.5)
    if number:
        s.total("number", "sum(cut[p] for p in Patterns)", f"{nouns} cut")
    said = s.pick("{n} pieces of {e}", "{n} of {e}")
    s.state(f"{s.pick('Ordered are', 'The orders are for', 'Customers need at least')} " + listing(
        said.format(n=need[e], e=e) for e in ends))  # fmt: skip
    s.rule("orders", "pieces[e] >= need[e]", over="e in Pieces",
           comment=lambda e: f"{need[e]} pieces of {e} are ordered",
           meaning="There are as many pieces of each length as are ordered")  # fmt: skip
    if number and trim:
        limit = s.number("stock", speech.count(up(s, sum(plan.values()), 0.1), nouns),
            f"{nouns} in stock")  # fmt: skip
        s.rule("stock", "number <= stock", f"There are {limit} in stock",
               f"No more than {limit} can be cut")  # fmt: skip
    elif s.chance(0.35):
        p = s.pick(*patterns)
        limit = s.number("most", speech.count(up(s, plan[p], 0.1)),
            "greatest number by this pattern")  # fmt: skip
        s.rule("most", f'cut["{p}"] <= most', f"{p.cap} can be used at most {limit} times",
               f"No more than {limit} {nouns} may be cut by {p}")  # fmt: skip
    if trim:
        s.aim("minimize", "waste", "least waste")
        s.question = s.pick("How often should each pattern be used for the least waste?",
            "Which numbers of each keep the waste lowest?")  # fmt: skip
    else:
        s.aim("minimize", "number", f"fewest {nouns}")
        s.question = s.pick(f"How many {nouns} have to be cut by each pattern so that as few as "
            f"possible are needed?", f"With how few {nouns} can the orders be met?",
            f"Minimize the number of {nouns}")  # fmt: skip
    s.ask(lambda p: f"{nouns} to cut by {p}", "cut[p]", "p in Patterns")
    s.distract(f"The saw was serviced {s.step(2, 8):g} weeks ago")


def _ways(lengths: list[float], room: float) -> list[tuple[int, ...]]:
    """Return every way to cut pieces out of a length, as numbers of pieces."""
    if not lengths:
        return [()]
    first, *rest = lengths
    return [(n, *way) for n in range(int(room / first + 1e-9) + 1) for way in _ways(rest,
        room - n * first)]  # fmt: skip
