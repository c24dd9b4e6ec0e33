"""What is said about machines, durations and memory: in documents, job scripts and images."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.containers import Containers
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.prose import SCRIPTS, Prose
from repro_audit.facts.quoting import quoted
from repro_audit.facts.statements import Statements
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from repro_audit.facts.statements import Statement
    from repro_audit.repository import Repository

NUMBER = r"(?:(?<![\d.,])\d[\d.,]*|an?|one|two|three|four|five|six|eight|ten|twelve|sixteen|a few)"
# Names that mean a processor wherever they stand; a count may be glued to them (8XA100).
NAMED = re.compile(
    r"(?<![A-Za-z0-9])(?:\d+\s?[xX\u00d7]\s?)?(?:(?:NVIDIA|Tesla|GeForce)[ -])?(?:"
    r"A100|H100|H200|H800|A800|GH200|B200|GB200|V100S?|P100|K80|L40S?|A6000|A5000|A4000|"
    r"RTX[ -]?(?:A|PRO[ -]?)?\d{4}|GTX[ -]?(?:Titan|\d{3,4})|(?:[1-5]0[5-9]0)[ -]?Ti|"
    r"Titan[ -]?(?:X[Pp]?|V|RTX)|Quadro|TPU[ -]?v\d\w?|MI\d{3}X?|Xeon|EPYC|Ryzen|Threadripper|"
    r"Core[ -]i\d|Apple (?:M\d|silicon)|MacBook|Raspberry Pi|Jetson|Gaudi ?\d?)s?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# Short names mean a processor only in its company.
SHORT = re.compile(
    r"(?<![\w-])(?:T4|L4|A10G?|A30|A40|P4|P40|M40|K40|M[1-4]|[1-5]0[5-9]0)s?(?![\w-])"
)
COMPANY = re.compile(r"\b(GPUs?|NVIDIA|Tesla|Colab|Apple|chip|VRAM|accelerators?)\b", re.IGNORECASE)
INSTANCE = re.compile(
    r"\b(?:p[2-5]d?n?|g[3-6]d?n?|c[5-7]\w?|m[5-7]\w?|a2|n1|n2)[.-](?:\d*xlarge|\w+gpu|standard|highmem)[\w-]*",
    re.IGNORECASE,
)
WISH = re.compile(
    r"\b(requires?|required|needs?|recommend\w*|at least|minimum|supports?|supported|compatible|"
    r"prerequisites?|if you have|should have|suggest\w*|must have)\b",
    re.IGNORECASE,
)
# Where something might run one day says nothing of where it ran.
PERHAPS = re.compile(r"\b(might|may want|deploy\w*|port(ed|ing)? to)\b", re.IGNORECASE)
COUNT = re.compile(
    rf"(?<![\w.])\d+\s?[x\u00d7]\s?(?:GPU|TPU)s?\b|"
    rf"\b(?:{NUMBER}|single)[ -](?:\w+[ -]){{0,2}}?(?:GPUs?|TPUs?|CPUs?|CPU cores?|cores?)\b",
    re.IGNORECASE,
)
SEVERAL = re.compile(
    r"(?<![\w.-])([2-9]|\d{2,}|two|three|four|six|eight|sixteen)[ -](\w+ )?(GPUs|TPUs)\b",
    re.IGNORECASE,
)
# A count speaks of the machine that was used only where something was done on it.
DONE = re.compile(
    r"\b(trained|ran|was run|were run|used|written for|took|takes|measured|finetuned|"
    r"fine-tuned|obtained|computed|conducted|about|minutes?|hours?|days?)\b",
    re.IGNORECASE,
)
MEMORY = re.compile(
    r"(?<![\d.])\d[\d.]*\s?(?:GB|GiB|TB|MB|G)\b.{0,40}\b(?:V?RAM|memory)\b|"
    r"\b(?:V?RAM|memory)\b.{0,40}?\d[\d.]*\s?(?:GB|GiB|TB|MB|G)\b|"
    r"(?<!\d)\d+\s?(?:GB|GiB) (?:of )?(?:GPU|V?RAM|memory|card)",
    re.IGNORECASE,
)
CUDA = re.compile(
    r"\b(?:CUDA|cuDNN|ROCm|(?:NVIDIA )?driver)(?: version| toolkit)?[ -:=]*v?\d+(?:\.\d+)*|"
    r"\bcudatoolkit\s*[=<>]=?\s*\d|\bpytorch-cuda\s*=\s*\d|[+/]cu\d{2,3}\b|\bcuda\d+\.\d+",
    re.IGNORECASE,
)
DURATION = re.compile(
    rf"(?<![\w.-]){NUMBER}\s?-?\+?(?:hours?|hrs?|h|minutes?|mins?|days?|seconds?|secs?|weeks?)\b"
    rf"(?!\s+(?:ago|later|of (?:data|video|audio|speech)))|\d+h\d+m|"
    r"\b\d[\d.,]*k?\s?(?:GPU|TPU|CPU|V100|A100)[- ]?(?:hours?|days?|h)\b",
    re.IGNORECASE,
)
ACTING = re.compile(
    r"\b(train\w*|pre-?train\w*|fine-?tun\w*|runs?|ran|running|takes?|took|taking|finish\w*|"
    r"converge\w*|wall|comput\w*|evaluat\w*|experiments?|reproduc\w*|elapsed|runtime|epochs?)\b",
    re.IGNORECASE,
)
# How long a thing is kept says nothing of how long it took.
KEPT = re.compile(r"\b(delet\w+|expir\w+|retain\w*|retention|removed|valid for)\b", re.IGNORECASE)
TOTAL = re.compile(
    r"\b(?:total|overall|altogether|budget)\b.{0,80}\b(?:hours?|days?|GPU|compute)|"
    r"(?<![\d.,])\d[\d.,]*k?\s?(?:GPU|TPU|CPU)[- ]?(?:hours?|days?|h)\b|\bkWh\b|\bCO2|\bcarbon",
    re.IGNORECASE,
)
EPOCH = re.compile(
    r"(?:per|each|every|an?|/|one)\s?epochs?|(?:hours?|minutes?|s|sec(?:onds?)?)/epoch",
    re.IGNORECASE,
)
TIMES = re.compile(r"\b(times?|durations?|costs?|compute|runtimes?)\b", re.IGNORECASE)
JOB = re.compile(r"^#(?:SBATCH|PBS|BSUB|\$)\s")
REPORTS = ("wandb-metadata.json", "*collect_env*", "*nvidia-smi*", "*nvidia_smi*", "emissions.csv")


# How long a download takes depends on the reader's line.
FETCHED = re.compile(r"\b(minutes?|hours?|while)\b[^.]{0,20}\bto download\b", re.IGNORECASE)


def timed(statement: Statement) -> bool:
    """Say whether a statement is a row of a table under a heading about the time of training."""
    head = statement.section
    return "|" in statement.text and bool(ACTING.search(head) and TIMES.search(head))


@dataclass
class Hardware:
    """Machines that are named, wished for, or sized; and durations, memory and totals."""

    named: list[Evidence] = field(default_factory=list)
    wished: list[Evidence] = field(default_factory=list)
    counted: list[Evidence] = field(default_factory=list)
    memory: list[Evidence] = field(default_factory=list)
    stack: list[Evidence] = field(default_factory=list)
    durations: list[Evidence] = field(default_factory=list)
    epochs: list[Evidence] = field(default_factory=list)
    totals: list[Evidence] = field(default_factory=list)
    limits: list[Evidence] = field(default_factory=list)
    asked: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Hardware:
        """Read sentences, job headers, images, channels, and committed reports of machines."""
        found = cls()
        for statement in repo.fact(Statements).all:
            found.from_statement(statement)
        found.from_jobs(repo)
        found.from_environment(repo)
        for file in repo.matching(*REPORTS, roles=set(Role) - {Role.VENDORED, Role.TEMPLATE}):
            if file.path.endswith((".csv",)):
                found.totals.append(Evidence(file.path, 0, "a record of compute and emissions"))
            elif not file.path.endswith((".py", ".sh")):
                found.named.append(Evidence(file.path, 0, "a report of the machine"))
        return found

    def from_statement(self, statement: Statement) -> None:
        """Sort one sentence."""
        text, seen = statement.text, statement.evidence()
        short = SHORT.search(text) and COMPANY.search(text)
        if NAMED.search(text) or short or INSTANCE.search(text):
            acting = DURATION.search(text) or re.search(r"\b(train|ran|run on|used|we use)", text)
            if not PERHAPS.search(text) or DURATION.search(text):
                (self.wished if WISH.search(text) and not acting else self.named).append(seen)
        elif COUNT.search(text) and DONE.search(text):
            self.counted.append(seen)
        elif SEVERAL.search(text) and WISH.search(text):
            self.wished.append(seen)
        if MEMORY.search(text):
            self.memory.append(seen)
        if CUDA.search(text):
            self.stack.append(seen)
        if TOTAL.search(text) and re.search(r"\d", text):
            self.totals.append(seen)
        if (
            DURATION.search(text)
            and not (KEPT.search(text) or FETCHED.search(text))
            and (ACTING.search(text) or NAMED.search(text) or timed(statement))
        ):
            (self.epochs if EPOCH.search(text) else self.durations).append(seen)

    def from_jobs(self, repo: Repository) -> None:
        """Read what batch jobs ask for."""
        for file in repo.files:
            if file.role not in {Role.SOURCE, Role.EXAMPLE} or not SCRIPTS.search(file.path):
                continue
            for number, line in enumerate(repo.lines(file.path), 1):
                if not JOB.match(line):
                    continue
                seen = Evidence(file.path, number, quoted(line))
                if NAMED.search(line.replace(":", " ").replace("_", " ")):
                    self.named.append(seen)
                elif re.search(r"gres|gpus?\b|ngpus|constraint|cpus", line):
                    self.asked.append(seen)
                elif re.search(r"\bmem", line):
                    self.memory.append(seen)
                elif re.search(r"--time|walltime|-t \d|-W \d", line):
                    self.limits.append(seen)

    def from_environment(self, repo: Repository) -> None:
        """Read the version of CUDA from images, channels and commands that are shown."""
        for recipe in repo.fact(Containers).recipes:
            for image in recipe.images:
                if re.search(r"cuda:?\d|rocm", image.name):
                    self.stack.append(image.evidence(f"starts from {image.name}"))
        for item in repo.fact(Dependencies).sources():
            pack = item.name in {"cudatoolkit", "pytorch-cuda", "cuda-version", "cudnn"}
            if (pack and re.search(r"\d", item.spec)) or CUDA.search(item.spec):
                self.stack.append(item.evidence(f"{item.name} {item.spec}".strip()))
        for command in repo.fact(Prose).commands():
            if CUDA.search(command.text):
                self.stack.append(command.evidence(quoted(command.text)))
