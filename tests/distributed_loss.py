"""Run by test_loss: the joint model under DDP on half a batch in each of two processes, and on the whole in one."""

import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from modeling_mujo import MujoModel
from tests.helpers import joint_inputs, tiny_config


def new_model() -> MujoModel:
    torch.manual_seed(0)
    return MujoModel(tiny_config(reconstruction_weight=0.0)).eval()


def batch(part: slice) -> dict:
    inputs = {name: value[part] for name, value in joint_inputs(batch=8).items()}
    # Both views of a process's own clips, view by view.
    inputs["imu_values"] = torch.cat([inputs["imu_values"], -inputs["imu_values"]])
    inputs["text_ids"] = torch.tensor([0, 1, 2, 0, 1, -1, -1, 3])[part]
    mask = torch.ones(8, 4, dtype=torch.bool)
    mask[1, 1] = mask[6, 2] = mask[5, 3] = mask[7, 1] = False
    return {**inputs, "modality_mask": mask[part], "imu_views": 2, "return_loss": True}


def gradients(model: torch.nn.Module) -> dict:
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


def main(folder: Path) -> None:
    one = new_model()
    loss_of_one = one(**batch(slice(None))).loss  # before the process group exists: nothing is gathered
    loss_of_one.backward()

    dist.init_process_group("gloo")
    rank = dist.get_rank()
    two = new_model()
    wrapped = DistributedDataParallel(two, find_unused_parameters=True)
    loss = wrapped(**batch(slice(4 * rank, 4 * rank + 4))).loss
    loss.backward()
    if rank == 0:
        torch.save({"loss": loss_of_one.detach(), "gradients": gradients(one)}, folder / "one.pt")
        torch.save(
            {"loss": loss.detach(), "gradients": gradients(two), "world_size": dist.get_world_size()},
            folder / "two.pt",
        )
    del wrapped  # before its group: see Pretrainer.end
    dist.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
