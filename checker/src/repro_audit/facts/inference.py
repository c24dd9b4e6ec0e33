"""What is claimed and planned: questions, hypotheses, tests, plans, and what becomes of runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.flow import Flow
from repro_audit.facts.prose import Prose
from repro_audit.facts.quoting import quoted
from repro_audit.facts.statements import Statements, sentences
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from repro_audit.facts.statements import Statement
    from repro_audit.repository import Repository

QUESTION = re.compile(
    r"\b(we|study|paper|work|project) (ask|hypothesi[sz]e|test|examine|investigate)s? "
    r"(whether|if|that|how)\b|\bresearch questions?\b|"
    r"\b(our|the|first|main|central|primary) hypothes[ie]s\b|\bhypothes[ie]s( \d+| [A-Z]\d?)?\s?:|"
    r"\bH[1-9]\s?:",
    re.IGNORECASE,
)
NULL = re.compile(r"\bnull hypothes", re.IGNORECASE)
PRIMARY = re.compile(
    r"\b(primary|main) (outcome|metric|end ?point|measure)\b|\bwe assume\b|"
    r"\bassum(es|ed|ing) that\b|"
    r"\bassumptions? (is|are|that)\b",
    re.IGNORECASE,
)
QUESTIONS = re.compile(r"hypothes[ie]s|research questions?", re.IGNORECASE)
TESTS = (
    *("scipy.stats.ttest_*", "scipy.stats.wilcoxon", "scipy.stats.mannwhitneyu"),
    *("scipy.stats.friedmanchisquare", "scipy.stats.kruskal", "scipy.stats.f_oneway"),
    *("scipy.stats.permutation_test", "*.mcnemar", "*.permutation_test_score", "autorank.*"),
    *("baycomp.*", "scikit_posthocs.*", "scipy.stats.tukey_hsd", "*.paired_ttest_*"),
)
CORRECTIONS = ("*.multipletests", "scipy.stats.false_discovery_control", "scipy.stats.tukey_hsd")
TEST = re.compile(
    r"\b(t-?tests?|Wilcoxon|Mann[- ]Whitney|McNemar|Friedman|Nemenyi|Kruskal|ANOVA|"
    r"(permutation|randomi[sz]ation|signed-rank|sign|bootstrap) tests?|Tukey)\b",
    re.IGNORECASE,
)
ALPHA = re.compile(
    r"\b(alpha|\u03b1|significance level|level of significance|significance threshold)\b.{0,30}?"
    r"0?\.\d+|"
    r"(^|\W)\u03b1\s?=|\b0?\.0\d+ (significance )?level|\b\d ?% (significance )?level",
    re.IGNORECASE,
)
DESIGN = re.compile(
    r"\b(one|two)[- ](sided|tailed)\b|\b(un)?paired\b|\bsigned-rank\b|\bMcNemar\b", re.IGNORECASE
)
MANY = re.compile(
    r"\b(Holm|Bonferroni|Benjamini|FDR|false discovery|Nemenyi|Tukey|family-?wise|"
    r"multiple (comparisons|testing)|(single|only|one|primary) (primary )?comparison)\b",
    re.IGNORECASE,
)
# Without the word "statistical" or a p-value, "a significant difference" is a way of speaking.
SIGNIFICANT = re.compile(
    r"\bstatistical(ly)? significan|(?<!probability )(?<!probability \$)\bp\s?[<=≤]\s?0?\.\d|"
    r"\bp-?values?\b.{0,20}?\d\.\d",
    re.IGNORECASE,
)
PLAN = re.compile(
    r"(^|/)(pre-?registration|pre-?reg|(statistical[-_ ])?analysis[-_ ]?plan|study[-_ ]?protocol)"
    r"[^/]*\.(md|rst|txt|org|pdf)$",
    re.IGNORECASE,
)
REGISTERED = re.compile(r"\bpre-?regist(ered|ration)\b|\baspredicted\b|\bNCT\d{8}\b", re.IGNORECASE)
REGISTER = re.compile(r"osf\.io/\w{4,}|aspredicted\.org/\S{3,}|clinicaltrials\.gov/\S{3,}")
CHOSEN = re.compile(
    r"\b(best|top) (result |score |accuracy |one )?(of|out of|over|among|across) "
    r"(the |all |our )?(\d+|two|three|four|five|six|eight|ten|several|multiple|many) "
    r"(\w+ )?(runs|seeds|trials|repetitions)\b|"
    r"\breport\w* (only )?the best (run|seed|trial)\b|"
    r"\b(best|luckiest) (run|seed) is (reported|shown)",
    re.IGNORECASE,
)
KEPT = re.compile(
    r"\bno (\w+ )?(runs?|seeds?|trials?) (was|were|is|are|has been|have been) (\w+ ){0,2}?"
    r"(left out|excluded|dropped|removed|discarded|picked|selected)\b|"
    r"\ball (\w+ )?(runs|seeds|trials) (that were started |that were made )?(are|were) "
    r"(reported|counted|included|kept|averaged|aggregated)|"
    r"\bnone of the (runs|seeds|trials) (was|were) (left out|excluded|dropped|removed|discarded)",
    re.IGNORECASE,
)
OTHERS = re.compile(
    r"\b(you|should|could|might|baselines? (from|of)|their paper|reported by|will be|if)\b",
    re.IGNORECASE,
)
FEW_WORDS = 30


@dataclass
class Inference:
    """Evidence for each part of a statistical argument."""

    questions: list[Evidence] = field(default_factory=list)
    primary: list[Evidence] = field(default_factory=list)
    hollow: list[Evidence] = field(default_factory=list)
    called: list[Evidence] = field(default_factory=list)
    corrected: list[Evidence] = field(default_factory=list)
    named: list[Evidence] = field(default_factory=list)
    alpha: list[Evidence] = field(default_factory=list)
    design: list[Evidence] = field(default_factory=list)
    claimed: list[Evidence] = field(default_factory=list)
    plans: list[Evidence] = field(default_factory=list)
    empty_plans: list[Evidence] = field(default_factory=list)
    registered: list[Evidence] = field(default_factory=list)
    chosen: list[Evidence] = field(default_factory=list)
    kept: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Inference:
        """Read sentences, headings, files named as plans, and reached calls."""
        found = cls()
        for statement in repo.fact(Statements).all:
            found.from_statement(statement)
        for call in repo.fact(Flow).calls.named(*TESTS):
            found.called.append(call.evidence(f"{call.name} tests a difference"))
        for call in repo.fact(Flow).calls.named(*CORRECTIONS):
            found.corrected.append(call.evidence(f"{call.name} corrects for many tests"))
        found.from_documents(repo)
        return found

    def from_statement(self, statement: Statement) -> None:
        """Sort one sentence."""
        text, seen = statement.text, statement.evidence()
        if QUESTION.search(text) and not NULL.search(text):
            self.questions.append(seen)
        parts = (
            (PRIMARY, self.primary),
            (TEST, self.named),
            (ALPHA, self.alpha),
            (DESIGN, self.design),
            (MANY, self.corrected),
            (SIGNIFICANT, self.claimed),
        )
        for pattern, kept in parts:
            if pattern.search(text):
                kept.append(seen)
        if not OTHERS.search(text):
            for pattern, kept in ((CHOSEN, self.chosen), (KEPT, self.kept)):
                if pattern.search(text):
                    kept.append(seen)

    def from_documents(self, repo: Repository) -> None:
        """Read headings on questions, plans and links to registrations."""
        for document in repo.fact(Prose).documents:
            said = list(sentences(document))
            for heading in document.section(QUESTIONS.pattern):
                inside = [item for item in said if heading.line < item.line <= heading.end]
                words = sum(len(item.text.split()) for item in inside)
                seen = document.at(heading.line, f"{quoted(heading.text)!r} in {words} words")
                (self.questions if words > FEW_WORDS // 3 else self.hollow).append(seen)
            for number, line in document.find(REGISTER.pattern):
                near = " ".join(document.lines[max(0, number - 2) : number + 1])[:3000]
                if REGISTERED.search(near):
                    self.registered.append(document.at(number, quoted(line)))
            if PLAN.search(document.path):
                words = sum(len(item.text.split()) for item in said)
                kept = self.plans if words >= FEW_WORDS else self.empty_plans
                kept.append(document.at(1, f"a plan of {words} words"))
        known = {item.path for item in (*self.plans, *self.empty_plans)}
        for file in repo.files:
            own = file.role in (Role.SOURCE, Role.PROSE, Role.DATA) and PLAN.search(file.path)
            if own and file.path not in known and file.suffix in {".pdf", ".txt"}:
                self.plans.append(Evidence(file.path, 0, "a plan by its name"))
