"""Published accuracy figures, each with the rule by which it was scored.

They stand beside a run's own figures for orientation only: other labels, other tolerances, other
models, and in some cases an oracle in the scorer.
"""

from __future__ import annotations

from dataclasses import dataclass

RESOCRATIC = "every quantity within 1e-4"
OBJECTIVE = "objective only, no scorer published"
OPTIMAL = "optimal rate, the whole texts"
LLMFP = "arXiv 2410.12112"


@dataclass(frozen=True)
class Published:
    """A figure, in percent."""

    benchmark: str
    system: str
    percent: float
    scorer: str
    source: str


def _llmopt(system: str, source_scores: dict[str, float]) -> tuple[Published, ...]:
    return tuple(
        Published(benchmark, system, percent, OBJECTIVE, "its README")
        for benchmark, percent in source_scores.items()
    )


PUBLISHED: tuple[Published, ...] = (
    Published("optibench", "GPT-4, zero-shot program", 62.8, RESOCRATIC, "arXiv 2407.09887"),
    Published("optibench", "GPT-4, few-shot program", 65.5, RESOCRATIC, "arXiv 2407.09887"),
    Published("optibench", "GPT-4o, few-shot program", 69.4, RESOCRATIC, "arXiv 2407.09887"),
    *(
        Published("optibench", f"GPT-4o, few-shot, {kind}", percent, RESOCRATIC, "arXiv 2407.09887")
        for kind, percent in (
            ("linear-notable", 81.0),
            ("linear-table", 63.8),
            ("nonlinear-notable", 50.4),
            ("nonlinear-table", 50.0),
        )
    ),
    Published("optibench", "DeepSeek-V2.5, few-shot program", 67.3, RESOCRATIC, "arXiv 2407.09887"),
    Published("optibench", "Llama-3-8B, zero-shot program", 0.2, RESOCRATIC, "arXiv 2407.09887"),
    Published("optibench", "Llama-3-8B, few-shot program", 13.6, RESOCRATIC, "arXiv 2407.09887"),
    Published(
        "optibench", "Llama-3-8B after SFT on 29k rows", 51.1, RESOCRATIC, "arXiv 2407.09887"
    ),
    Published("optibench", "SIRL-32B", 67.4, "1e-6 of |label| + 1, types flipped", "its paper"),
    Published("optibench", "OptimAI", 82.3, "not known", "its paper"),
    *(
        Published("planning", f"LLMFP, {model}, mean of nine tasks", percent, OPTIMAL, LLMFP)
        for model, percent in (("GPT-4o", 83.7), ("Claude 3.5 Sonnet", 86.8))
    ),
    Published("optibench-clean", "StepORLM, re-ranking samples", 94.6, "not known", "its paper"),
    Published("optibench-clean", "StepORLM alone", 81.9, "not known", "its paper"),
    Published("optibench-clean", "DeepSeek-V3", 85.1, "not known", "StepORLM's paper"),
    *_llmopt(
        "LLMOPT-Qwen2.5-14B with correction",
        {
            "nl4opt": 97.3,
            "mamo-easy": 95.3,
            "mamo-complex": 85.8,
            "nlp4lp": 86.5,
            "complexor": 76.5,
            "industryor": 44.0,
            "optibench": 66.4,
            "optmath": 40.0,
        },
    ),
    *_llmopt(
        "LLMOPT-Qwen2.5-14B without",
        {
            "nl4opt": 80.3,
            "mamo-easy": 89.5,
            "mamo-complex": 44.1,
            "nlp4lp": 73.4,
            "complexor": 35.3,
            "industryor": 29.0,
            "optibench": 53.8,
            "optmath": 12.5,
        },
    ),
)


def published_for(benchmarks: set[str]) -> list[Published]:
    """Return the figures on these benchmarks; corrected files get those of the originals too."""
    origins = {b.removesuffix("-fixed") for b in benchmarks}
    return [p for p in PUBLISHED if p.benchmark in origins]
