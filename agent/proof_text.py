"""A proof as Markdown: what it comes to, then the claims, each with its figures."""

from __future__ import annotations

from optiwright.agent.proof import Claim, Figure, Proof, Standing
from optiwright.agent.scaling_words import figure
from optiwright.formulators.phrases import label

_MARKS = {
    Standing.HELD: "holds",
    Standing.FAILED: "FAILS",
    Standing.TOLD: "a solver's word",
    Standing.OPEN: "open",
}
_SHOWN = 40


def proof_text(proof: Proof) -> str:
    """Return the proof as Markdown."""
    sections = [f"**{proof.conclusion}**"]
    sections += [_claim(k, claim) for k, claim in enumerate(proof.claims, 1)]
    sections += [_plan(proof), _scale(proof)]
    return "\n\n".join(s for s in sections if s)


def _claim(place: int, claim: Claim) -> str:
    name = claim.name[0].upper() + claim.name[1:]
    lines = [f"{place}. **{name}: {_MARKS[claim.standing]}.** {claim.sentence}"]
    by = f"{'Checked' if claim.standing in _CHECKED else 'Said'} by {claim.by}."
    figures = "; ".join(_figure(f) for f in claim.figures)
    detail = [by] if claim.by else []
    detail += [f"{figures[0].upper()}{figures[1:]}."] if figures else []
    return "\n".join([*lines, f"   *{' '.join(detail)}*"] if detail else lines)


_CHECKED = {Standing.HELD, Standing.FAILED}


def _figure(found: Figure) -> str:
    value = "could not be worked out" if found.value is None else _short(found.value)
    allowed = "" if found.allowed is None else f" (up to {found.allowed:.0e} allowed)"
    return f"{found.name}: {value}{allowed}"


def _short(value: float) -> str:
    return figure(value) if value == 0 or abs(value) >= 1e-2 else f"{value:.1e}"


def _plan(proof: Proof) -> str:
    plan = proof.exact_plan
    if not any("/" in entry.fraction for entry in plan):
        return ""
    lines = [
        f"- `{label(entry.name, entry.index)}` = {entry.fraction}"
        + (f" ({figure(entry.decimal)})" if "/" in entry.fraction else "")
        for entry in plan[:_SHOWN]
    ]
    more = f"\n- ... and {len(plan) - _SHOWN} more" if len(plan) > _SHOWN else ""
    title = "A best plan, exactly" if proof.exact_optimum else "The plan, exactly"
    return f"**{title}**\n\n" + "\n".join(lines) + more


def _scale(proof: Proof) -> str:
    if not proof.scaling:
        return f"**Scale.** {proof.scale} Nothing in it is out of proportion."
    lines = [f"- {note.message} *{note.remedy}*" for note in proof.scaling]
    return f"**Scale.** {proof.scale} Out of proportion:\n\n" + "\n".join(lines)
