"""The grammar that holds llama.cpp to a script over tables, with the tables' own set names."""

from __future__ import annotations

import json

from optiwright.formulators.table_symbols import Ready

_RULES = r"""
root ::= "none" | "```python\n# decisions\n" decision{1,20} totals "# objective: " words "\n" objective rule{0,40} "```"
decision ::= name " = " kind "(" domain ")" remark "\n"
kind ::= "continuous" | "integer" | "binary"
domain ::= (set (", " set){0,3} (", upper=" bound)? | ("upper=" bound)?)
bound ::= item | number
totals ::= ("# totals\n" total{1,20})?
total ::= name " = " expression remark "\n"
remark ::= ("  # " words)?
objective ::= ("minimize" | "maximize") "(" expression ")\n"
rule ::= "# " words "\n" (require | loop){1,6}
require ::= "require(" expression " " relation " " expression ")\n"
loop ::= "for " targets ":\n    " (require | inner | test)
inner ::= "for " targets ":\n        " require
test ::= "if " condition ":\n        " require
relation ::= "<=" | ">=" | "=="
expression ::= term (operator term){0,60}
operator ::= " + " | " - " | "*" | "/" | "**"
term ::= "-"? (number | sum | call | item | "(" inside ")")
inside ::= expression (" if " condition " else " expression)?
sum ::= "sum(" expression generators ")"
generators ::= (" for " targets){1,3} (" if " condition)?
call ::= ("exp" | "log" | "sqrt" | "abs" | "min" | "max") "(" expression (", " expression){0,6} ")" | "len(" set ")"
targets ::= name (", " name){0,3} " in " set
condition ::= comparison ((" and " | " or ") comparison){0,3}
comparison ::= side " " ("==" | "!=" | "<=" | ">=" | "<" | ">") " " side | "(" name (", " name){1,3} ") in " set
side ::= item | number | label | edge
item ::= name ("[" pick (", " pick){0,3} "]")?
pick ::= name | number | label | edge
edge ::= ("prev(" | "next(") name ")" | ("first(" | "last(") set ")"
label ::= "\"" [^"\n`]{1,60} "\""
name ::= [A-Za-z] [A-Za-z0-9_]{0,39}
number ::= [0-9] [0-9]{0,11} ("." [0-9]{1,12})?
words ::= [^\n`]{1,160}
"""  # noqa: E501


def table_grammar(ready: Ready) -> str:
    """Return what may follow, as llama.cpp's GBNF; every repetition ends.

    Tables that give no set leave decisions without one.
    """
    names = " | ".join(json.dumps(s.name) for s in ready.sets) or '"none_given"'
    return f"{_RULES.lstrip()}set ::= {names}\n"
