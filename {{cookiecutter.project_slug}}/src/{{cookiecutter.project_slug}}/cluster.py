"""Ray, on this machine or on a cluster: where it starts, and a training in its processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from omegaconf import DictConfig
from pytorch_lightning.utilities import rank_zero_only
from threadpoolctl import threadpool_limits

from .stages import StageError

# Seconds that a trial which was stopped may take to close its run before the next one begins in its
# process. After two, which Ray gives it, the next one fails, and a search by one worker hangs.
ENDING = "600"


@contextmanager
def connected(address: str | None, cpus: int, instead: str) -> Iterator[None]:
    """Ray, until the block is left.

    Args:
        address: of a cluster; None starts Ray on this machine.
        cpus: how many Ray may take of this machine.
        instead: what to do without Ray.

    Raises:
        StageError: Ray does not start, or is not there.
    """
    import ray  # here, for it takes seconds, and most trainings need none

    here = {} if address else {"num_cpus": cpus}
    variables = {"TUNE_FUNCTION_THREAD_TIMEOUT_S": ENDING}
    try:
        ray.init(
            address or "local",
            include_dashboard=False,
            log_to_driver=False,
            runtime_env={"env_vars": variables},
            **here,
        )
    except Exception as error:  # Ray raises no narrower one where its processes do not come up
        why = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise StageError(f"Ray does not start ({why}): try again, or {instead}.") from error
    try:
        yield
    finally:
        ray.shutdown()


def is_wanted(cfg: DictConfig) -> bool:
    """Whether the configuration asks for a training in processes of Ray."""
    return cfg.trainer._target_ == f"{__name__}.{trainer.__name__}"


def trainer(
    address: str | None, cpus: int, devices: int, strategy: str, plugins: list[Any], **rest: Any
) -> pl.Trainer:
    """Lightning's trainer in one of Ray's processes, which Ray brings together.

    Args:
        address: of the cluster; by now Ray is there.
        cpus: of each process; likewise.
        devices: how many processes there are; likewise.
        strategy: what Ray puts its own in place of.
        plugins: to which Ray adds its own.
        rest: as Lightning takes it.
    """
    from ray.train.lightning import RayDDPStrategy, RayLightningEnvironment, prepare_trainer

    plugins = [*plugins, RayLightningEnvironment()]
    made = pl.Trainer(devices="auto", strategy=RayDDPStrategy(), plugins=plugins, **rest)
    return prepare_trainer(made)


def train_on_ray(cfg: DictConfig, folder: Path, job: Callable[[], object]) -> None:
    """Do a job in each of `trainer.devices` processes of Ray.

    Args:
        cfg: the whole configuration.
        folder: of the run; gets Ray's own records. All machines need to see it.
        job: what each process does.

    Raises:
        StageError: Ray does not start, or a process ended with one.
    """
    there = cfg.trainer
    with connected(there.address, there.devices * there.cpus, "trainer=ddp"):
        from ray.train import RunConfig, ScalingConfig
        from ray.train.torch import TorchTrainer
        from ray.train.v2.api.exceptions import TrainingFailedError

        processes = ScalingConfig(
            num_workers=there.devices,
            use_gpu=there.accelerator == "gpu",
            resources_per_worker={"CPU": there.cpus},
        )
        run = RunConfig(storage_path=str(folder / "ray"))
        settings = {"job": job, "folder": str(Path.cwd())}
        try:
            TorchTrainer(process, train_loop_config=settings, scaling_config=processes,
                         run_config=run).fit()  # fmt: skip
        except TrainingFailedError as error:
            for failure in getattr(error, "worker_failures", {}).values():
                if isinstance(failure, StageError):
                    raise failure from error
            raise


def process(settings: dict[str, Any]) -> None:
    """What each process of Ray does."""
    from ray.train import get_context

    os.chdir(settings["folder"])
    rank_zero_only.rank = get_context().get_world_rank()  # Lightning has looked for it too early
    with threadpool_limits(1, user_api="blas"):
        settings["job"]()
