"""Small planning formulations of our own, as lines, and what is known of their plans."""

from __future__ import annotations

from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_lines import read_planning

PARCELS = """
title Parcels of a workshop
kind van, parcel, town
object v1: van
object red, blue: parcel
object Ulm, Hof, Jena: town
fact in_town(x: object, t: town)  # x is in t
fact aboard(p: parcel, v: van)
fact road(a: town, b: town)
action drive(v: van, a: town, b: town)  # v goes from a to b
  needs in_town(v, a), road(a, b)
  makes in_town(v, b)
  ends in_town(v, a)
action load(p: parcel, v: van, t: town)  # p is put into v at t
  needs in_town(v, t), in_town(p, t)
  makes aboard(p, v)
  ends in_town(p, t)
action unload(p: parcel, v: van, t: town)  # p is taken out of v at t
  needs aboard(p, v), in_town(v, t)
  makes in_town(p, t)
  ends aboard(p, v)
start in_town(v1, Ulm), in_town(red, Hof), in_town(blue, Jena)
start road(Ulm, Hof), road(Hof, Ulm), road(Hof, Jena), road(Jena, Hof)
goal in_town(red, Ulm), in_town(blue, Ulm)
least steps
"""
"""Eight steps: two roads out, two back, each parcel in and out."""

BLOCKS = """
object a, b, c
fact on(x, y)
fact flat(x)  # x stands on the table
fact clear(x)
fact held(x)
fact free
action lift(x)
  needs flat(x), clear(x), free
  makes held(x)
  ends flat(x), clear(x), free
action lower(x)
  needs held(x)
  makes flat(x), clear(x), free
  ends held(x)
action put(x, y)
  needs held(x), clear(y)
  makes on(x, y), clear(x), free
  ends held(x), clear(y)
action take(x, y)
  needs on(x, y), clear(x), free
  makes held(x), clear(y)
  ends on(x, y), clear(x), free
start flat(a), flat(c), on(b, a), clear(b), clear(c), free
goal on(a, b), on(b, c)
least steps
"""
"""Six steps... b off a and onto c, then a onto b: four of them."""

JUGS = """
kind jug
object five, three: jug
amount water(j: jug) in litres
amount size(j: jug) in litres
action fill(j: jug)
  needs water(j) < size(j)
  changes water(j) = size(j)
action empty(j: jug)
  needs water(j) > 0
  changes water(j) = 0
action pour_all(a: jug, b: jug)
  needs a != b, water(a) > 0, water(a) + water(b) <= size(b)
  changes water(b) += water(a), water(a) = 0
action pour_part(a: jug, b: jug)
  needs a != b, water(b) < size(b), water(a) + water(b) > size(b)
  changes water(a) -= size(b) - water(b), water(b) = size(b)
start size(five) = 5, size(three) = 3
goal water(five) == 4
least steps
"""
"""Six steps: fill five, pour part, empty three, pour all, fill five, pour part."""

BRIDGE = """
kind person, side
object ann, bob, cy: person
object near, far: side
fact stands(p: person, s: side)
fact torch(s: side)
amount pace(p: person) in minutes
action cross_alone(p: person, s: side, t: side)
  needs stands(p, s), torch(s), s != t
  makes stands(p, t), torch(t)
  ends stands(p, s), torch(s)
  cost pace(p)
action cross_two(slow: person, fast: person, s: side, t: side)
  needs stands(slow, s), stands(fast, s), torch(s), s != t, slow != fast, pace(slow) >= pace(fast)
  makes stands(slow, t), stands(fast, t), torch(t)
  ends stands(slow, s), stands(fast, s), torch(s)
  cost pace(slow)
start stands(ann, near), stands(bob, near), stands(cy, near), torch(near)
start pace(ann) = 1, pace(bob) = 2.5, pace(cy) = 4
goal stands(ann, far), stands(bob, far), stands(cy, far)
least cost
"""
"""7.5 minutes: two go, ann comes back, two go: 2.5 + 1 + 4."""

DELIVERY = """
kind truck, depot
object t1: truck
object d1, d2, d3: depot
fact at(t: truck, d: depot)
amount fuel(t: truck) in litres
amount need(a: depot, b: depot) in litres
action drive(t: truck, a: depot, b: depot)
  needs at(t, a), a != b, need(a, b) > 0, fuel(t) >= need(a, b)
  makes at(t, b)
  ends at(t, a)
  changes fuel(t) -= need(a, b)
action refuel(t: truck)
  needs at(t, d2)
  changes fuel(t) = 10
start at(t1, d1), fuel(t1) = 4.5
start need(d1, d2) = 4.5, need(d2, d3) = 7.25, need(d1, d3) = 9
goal at(t1, d3)
least steps
"""
"""Three steps: over d2, with a refuel."""


def planning_of(lines: str) -> Planning:
    """Read lines that have nothing wrong."""
    planning, findings = read_planning(lines)
    assert planning is not None and findings == (), findings
    return planning
