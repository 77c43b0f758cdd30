"""The table of published benchmarks: files, origin, licence, and where each is fetched from.

An address names a commit, whose content the repository cannot change. Their authors state no
checksums, so a sum is taken when a file first comes, kept beside it and held against it ever after
(`fetching`); one that becomes known is pinned here.
"""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.evaluation.black_box_problems import BLACK_BOX, DRAWN, read_black_box
from optiwright.evaluation.fetching import Source
from optiwright.evaluation.layouts import Reader, read_folder, read_optibench, read_rows
from optiwright.evaluation.planning_layout import read_planning
from optiwright.evaluation.what_if_layout import read_what_if


@dataclass(frozen=True)
class Benchmark:
    """A published benchmark.

    Attributes:
        places: where its file or folder lies below the data folder; the first that is there counts.
        size: how many problems its authors published; None where versions differ.
        source: what it is fetched from; only files that were seen to be there have one.
        by_hand: for the others, where a user gets it.
        packaged: whether its file comes with the package.
        drawn: whether its problems are drawn from a seed, so that no text can be taken from it.
    """

    name: str
    title: str
    places: tuple[str, ...]
    size: int | None
    origin: str
    licence: str
    read: Reader = read_rows
    source: Source | None = None
    by_hand: str = ""
    packaged: bool = False
    drawn: bool = False


def _files(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}" for name in names) + names


def _at_commit(repository: str, commit: str, path: str, note: str = "") -> Source:
    return Source(f"https://raw.githubusercontent.com/{repository}/{commit}/{path}", note=note)


_MAMO = ("FreedomIntelligence/Mamo", "5b0ac2501f3707f9dc9d993a2be023b252376aec")
_OPTMATH = ("optsuite/OptMATH", "a1712fad3f19ae67763921917902453034db36ef")
_SIRL = "Cardinal-Operations/SIRL"

BENCHMARKS: dict[str, Benchmark] = {
    b.name: b
    for b in (
        Benchmark(
            "optibench",
            "OptiBench",
            _files("optibench", "OptiBench.json"),
            605,
            "ReSocratic, arXiv 2407.09887",
            "Apache-2.0",
            read_optibench,
            source=_at_commit(
                "yangzhch6/ReSocratic",
                "d8355c033f410e255295822d45c679879f0a53f0",
                "data/e-opt.json",
                "its authors' first edition, under the name E-OPT: labels that they corrected "
                "later are not corrected in it; an OptiBench.json in the data folder goes before",
            ),
        ),
        Benchmark(
            "optibench-clean",
            "OptiBench, the problems whose labels a survey kept",
            _files("optibench", "OptiBench_clean403.jsonl"),
            403,
            "LLM4OR, arXiv 2508.10047",
            "Apache-2.0",
            read_optibench,
            by_hand="github.com/LLM4OR/LLM4OR has it among its clean benchmarks",
        ),
        Benchmark(
            "nl4opt",
            "NL4OPT",
            _files("nl4opt", "NL4OPT.json", "NL4OPT_with_optimal_solution.json"),
            245,
            "NL4OPT competition, answers by ORLM",
            "MIT",
            source=_at_commit(*_OPTMATH, "benchmark/NL4OPT.json"),
        ),
        Benchmark(
            "mamo-easy",
            "MAMO EasyLP",
            _files("mamo", "MAMO_EasyLP.json"),
            652,
            "MAMO, arXiv 2405.13144",
            "CC BY-SA 4.0",
            source=_at_commit(*_MAMO, "data/optimization/Easy_LP/mamo_easy_lp.jsonl"),
        ),
        Benchmark(
            "mamo-complex",
            "MAMO ComplexLP",
            _files("mamo", "MAMO_ComplexLP.json"),
            211,
            "MAMO, arXiv 2405.13144",
            "CC BY-SA 4.0",
            source=_at_commit(*_MAMO, "data/optimization/Complex_LP/mamo_complex_lp.jsonl"),
        ),
        Benchmark(
            "mamo-complex-fixed",
            "MAMO ComplexLP, labels corrected",
            _files("mamo", "MAMO_ComplexLP_fixed.jsonl"),
            203,
            "SIRL, from MAMO",
            "CC BY-SA 4.0",
            source=_at_commit(
                _SIRL,
                "3bafc605911b01d7ad844d59bca9c89b4962938b",
                "test_data/MAMO_ComplexLP_fixed.jsonl",
            ),
        ),
        Benchmark(
            "industryor",
            "IndustryOR, labels corrected",
            _files("industryor", "IndustryOR_fixedV2.json"),
            100,
            "ORLM, arXiv 2405.17743",
            "for evaluation only",
            source=_at_commit(
                _SIRL,
                "496425fac955543d6173f924ff2e0f12afafc738",
                "test_data/IndustryOR_fixedV2.json",
            ),
        ),
        Benchmark(
            "optmath",
            "OptMATH-Bench",
            _files("optmath", "OptMATH_Bench.json", "OptMATH_Bench_166.jsonl"),
            166,
            "OptMATH, arXiv 2502.11102",
            "Apache-2.0",
            source=_at_commit(*_OPTMATH, "benchmark/OptMATH_Bench.json"),
        ),
        Benchmark(
            "bwor",
            "BWOR",
            _files("bwor", "BWOR.json"),
            82,
            "OR-LLM-Agent, arXiv 2503.10009",
            "for evaluation only",
            by_hand="its authors publish it as huggingface.co/datasets/SJTU/BWOR",
        ),
        Benchmark(
            "nlp4lp",
            "NLP4LP",
            ("nlp4lp", "NLP4LP"),
            None,
            "OptiMUS, arXiv 2402.10172",
            "CC BY-NC-SA 4.0",
            read_folder,
            by_hand="its authors' repository is github.com/teshnizi/OptiMUS",
        ),
        Benchmark(
            "complexor",
            "ComplexOR",
            ("complexor", "ComplexOR"),
            None,
            "Chain-of-Experts (ICLR 2024)",
            "see its repository",
            read_folder,
            by_hand="it is dataset/ComplexOR in github.com/xzymustbexzy/Chain-of-Experts",
        ),
        Benchmark(
            "logior",
            "LogiOR",
            ("logior", "LogiOR"),
            None,
            "ORThought, arXiv 2508.14410",
            "see its repository",
            read_folder,
            by_hand="it is datasets/processed/LogiOR in github.com/ZJU-TSELab/ORThought",
        ),
        Benchmark(
            "clarify",
            "Texts that leave something open, and clear ones",
            ("clarify.jsonl",),
            37,
            "our own, with the package",
            "as the package",
            packaged=True,
        ),
        Benchmark(
            BLACK_BOX,
            "Functions without a formula, of families kept aside",
            (DRAWN,),
            200,
            "drawn here, after BBOB and LLaMoCo, arXiv 2403.01131",
            "as the package",
            read_black_box,
            packaged=True,
            drawn=True,
        ),
        Benchmark(
            "whatif",
            "What-if questions about three problems",
            ("whatif",),
            687,
            "OptiGuide, arXiv 2307.03875",
            "MIT",
            read_what_if,
            by_hand="its questions are in github.com/microsoft/OptiGuide, a file for each of "
            "coffee, workforce and facility; beside coffee.json goes coffee.md, the problem in "
            "words",
        ),
        Benchmark(
            "planning",
            "Planning, nine tasks (or one, as planning-movie)",
            ("planning",),
            2037,
            "LLMFP, arXiv 2410.12112; two of the tasks are made here",
            "MIT",
            read_planning,
            by_hand="its instances are in github.com/yih301/LLMFP: database/gripper and "
            "database/movie, and PlanBench's generated_basic and generated_basic_3 as blocksworld "
            "and blocksworld_3; the questions go into a folder whatif beside it, as for `whatif`",
        ),
    )
}
