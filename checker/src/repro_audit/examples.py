"""What `--help` shows below the options of each command."""

from __future__ import annotations

CHECK_EXAMPLES = """\
examples:
  repro-audit                                      audit the current directory
  repro-audit ../paper --fail-under 70             exit 1 when readiness may be below 70
  repro-audit check . --format html --output report.html
  repro-audit check . --select env-lock seed-all-libraries
  repro-audit check . --profile pwc                only the practices of a badge or level
  repro-audit check stranger/                      its own settings are listed, not applied
  repro-audit baseline . --output baseline.json    remember today's state
  repro-audit check . --baseline baseline.json     exit 1 only for what is worse
  repro-audit explain env-lock                     why it matters and how to fix it
  repro-audit run -- python train.py               run it and keep what repeats it
  repro-audit verify . --yes -- make results       run it again under changed conditions
  repro-audit runs mlflow.db                       which tracked runs can be repeated

exit status: 0 done and above the bar, 1 below the bar or worse than the baseline,
  2 wrong use, 3 a rule crashed, 130 interrupted
"""
RUN_EXAMPLES = """\
examples:
  repro-audit run -- python train.py --epochs 3
  repro-audit run --output runs/baseline -- make results
  repro-audit run --notify slack://TOKENS -- Rscript fit.R
  repro-audit run --in docker -- python train.py
  repro-audit run --on http://head:8265 --gpus 1 -- python train.py

Nothing of the command is changed: its output passes through, its exit status is that of this
command (128 + n when signal n ended it). Kept in .repro-audit/runs/ of the work tree, or in
--output: run.json (commit, packages, machine, inputs and outputs with digests, seeds, times),
changes.patch (what is not committed), untracked/ (unknown files that were used), stdout.txt and
stderr.txt.

exit status: that of COMMAND; 2 wrong use, 127 COMMAND was not found
"""
VERIFY_EXAMPLES = """\
examples:
  repro-audit verify . --yes -- python train.py
  repro-audit verify . --yes --expect 'results/*.json' -- make results
  repro-audit verify . --yes --vary hash-seed,time-zone -- python train.py
  repro-audit verify . --yes --tolerance loss=1e-6 -- python train.py
  repro-audit verify . --yes --run 3f2a --store mlflow.db

The command is run many times, each time in a fresh copy of the commit: once as a reference, once
more unchanged, and once for each variation. The record is read by `repro-audit check`.

With --run one tracked run is made again instead, once, from its own commit, changes and command,
and its metrics are compared with those stored, step by step.

exit status: 0 all runs equal, 1 not equal, 2 wrong use, 3 a run failed, 130 interrupted
"""
RUNS_EXAMPLES = """\
examples:
  repro-audit runs mlflow.db
  repro-audit runs http://localhost:5000 --experiment baseline
  repro-audit runs sqlite:///mlflow.db --claims results.json
  repro-audit runs . --claims README.md --format json --output runs.json

Says of each run of an MLflow store whether it carries its command, commit, clean tree (or the
changes), lock, digests of data, seed and environment, and with --claims from which run each number
of a file comes: the number as it is written must be what the store's rounds to. Nothing is changed.

exit status: 0 all runs can be repeated and every number has its run, 1 not so, 2 wrong use
"""
EXPORT_EXAMPLES = """\
examples:
  repro-audit export .repro-audit/runs/20261124T101500Z-1a2b3c --output run.zip
  repro-audit export 3f2a --store mlflow.db --output archive/

Writes what `repro-audit run` kept as an RO-Crate (Process Run Crate 0.5), with what was read and
written where it still has the digest of the record; a path that ends in .zip becomes one.
"""
