"""Puts the record into the MLflow run: `python finishing.py MLFLOW.JSON FOLDER`."""

import json
import os
import sys

STATES = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}


def finish(told, folder):
    """Log the folder of a run, name its facts as tags, end the MLflow run; return what it holds."""
    from mlflow import MlflowClient

    with open(os.path.join(folder, "run.json"), encoding="utf-8") as stream:
        record = json.load(stream)
    client = MlflowClient(tracking_uri=told["uri"])
    client.log_artifacts(told["run_id"], folder, "repro-audit")
    tags = {
        "repro_audit.commit": record["commit"] or "",
        "repro_audit.dirty": str(record["source"]["dirty"]).lower(),
        "repro_audit.lock": " ".join(sorted(record["lock_digest"].values())),
        "repro_audit.inputs": " ".join(
            sorted({item["digest"] for item in record["inputs"] if item["digest"]})[:50]
        ),
    }
    for name, value in tags.items():
        client.set_tag(told["run_id"], name, value[:5000])
    client.set_terminated(told["run_id"], STATES[record["state"]])
    run = client.get_run(told["run_id"])
    return {"metrics": run.data.metrics, "experiment": run.info.experiment_id}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as stream:
        found = finish(json.load(stream), sys.argv[2])
    # MLflow may have said something before it.
    print("\n" + json.dumps(found))
