"""Self-supervised objectives from the literature, around MuJo's own IMU encoder: what MuJo is to be compared with.

Each is a model whose `forward` takes the IMU views of [`training.augmentation.two_view_inputs`] and gives a loss. The
encoder, the corpus and its augmentation are MuJo's; what differs from the papers for that reason is said per class.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling_mujo import MujoImuConfig, MujoImuModel, MujoOutput
from modeling_mujo.layers_mujo import MujoPreTrainedModel, pad_to_multiple
from modeling_mujo.loss_mujo import gather_across_processes, info_nce

from .transformations import TRANSFORMATIONS, transform


class SelfSupervisedModel(MujoPreTrainedModel):
    r"""
    An IMU encoder `imu_model` and an objective on it; a checkpoint of this loads as [`MujoImuModel`].

    Only [`SimClr`] trains the projection into a joint space: of the others, `embeds` stay random, and `pooler_output`
    is what counts.
    """

    config: MujoImuConfig
    base_model_prefix = "imu_model"

    def __init__(self, config: MujoImuConfig):
        super().__init__(config)
        self.imu_model = MujoImuModel(config)
        self.add_heads(config)
        self.post_init()

    def add_heads(self, config: MujoImuConfig) -> None:
        """Parts that the objective needs beside the encoder."""

    def objective_loss(self, imu: dict[str, Tensor]) -> Tensor:
        raise NotImplementedError

    def forward(self, return_loss: bool = True, **imu_views: Tensor) -> MujoOutput:
        r"""
        Args:
            return_loss: as for [`MujoModel`]; there is nothing else to return.
            imu_views: `imu_values`, `imu_attention_mask`, `imu_channel_mask`, `placement_ids` and `masked_patches` as
                in [`MujoImuModel.forward`], two views of each clip, view by view along the batch: `(2 * clips, ...)`.

        Returns:
            `loss` and `losses`.
        """
        loss = self.objective_loss(imu_views)
        return MujoOutput(loss=loss, losses={type(self).__name__.lower(): loss})


class SimClr(SelfSupervisedModel):
    r"""
    SimCLR (Chen et al., ICML 2020, eq. 1; for activity recognition Tang et al. 2020): of all `2N` views in the batch,
    the other view of the same clip has to be the most similar, `-log(exp(s_ij / t) / sum_{k != i} exp(s_ik / t))`.

    Where we differ: views are MuJo's – the clip worn at two places, in two mountings, with patches hidden –, which
    only a simulated corpus can offer, and not two distortions of one signal; the projection is the encoder's own.
    """

    temperature = 0.1

    def objective_loss(self, imu: dict[str, Tensor]) -> Tensor:
        return self.contrast(self.imu_model(**imu).embeds)

    def contrast(self, embeds: Tensor) -> Tensor:
        """`(2 * clips, projection_dim)` embeddings, view by view → NT-Xent over the batch of all processes."""
        pairs = gather_across_processes(torch.stack(embeds.float().chunk(2), dim=1))
        views = pairs.transpose(0, 1).flatten(0, 1)
        with torch.autocast(views.device.type, enabled=False):  # eight bits are too few for scaled logits
            logits = views @ views.T / self.temperature
        own = torch.eye(len(views), dtype=torch.bool, device=views.device)
        other_view = torch.arange(len(views), device=views.device).roll(len(pairs))
        return F.cross_entropy(logits.masked_fill(own, -torch.inf), other_view)


class TransformationDiscrimination(SelfSupervisedModel):
    r"""
    Multi-task transformation discrimination (Saeed et al., IMWUT 2019, eq. 1 and 2): for each of eight
    transformations, tell transformed windows from untouched ones; the loss is the mean binary cross-entropy.

    Where we differ: a window is shown once, untouched or under one transformation, instead of nine times, so that a
    step costs what a step of MuJo costs; the heads share their hidden layer; nothing is hidden.
    """

    def add_heads(self, config: MujoImuConfig) -> None:
        self.heads = nn.Sequential(
            nn.Linear(config.pooler_output_size, 256), nn.GELU(), nn.Linear(256, len(TRANSFORMATIONS))
        )

    def objective_loss(self, imu: dict[str, Tensor]) -> Tensor:
        with torch.autocast(imu["imu_values"].device.type, enabled=False):  # readings: eight bits are too few
            values, mask, kinds = transform(imu["imu_values"], imu["imu_attention_mask"])
        pooled = self.imu_model(values, mask, imu["imu_channel_mask"], imu["placement_ids"]).pooler_output
        return self.discrimination(self.heads(pooled).float(), kinds)

    @staticmethod
    def discrimination(logits: Tensor, kinds: Tensor) -> Tensor:
        """
        `(rows, transformations)` logits, `(rows,)` kinds as [`transform`] draws them → scalar. A head is judged on
        its own transformation and on untouched windows, not on those under another one.
        """
        transformed = kinds[:, None] == torch.arange(1, len(TRANSFORMATIONS) + 1, device=kinds.device)
        counts = (transformed | (kinds == 0)[:, None]).float()
        loss = F.binary_cross_entropy_with_logits(logits, transformed.float(), weight=counts, reduction="sum")
        return loss / counts.sum().clamp(min=1)


class MaskedReconstruction(SelfSupervisedModel):
    r"""
    Masked reconstruction (LIMU-BERT, Xu et al., SenSys 2021, eq. 4): runs of patches are hidden, and the mean squared
    error of the hidden readings, predicted from their tokens, is the loss. Acceleration is counted in g, as there.

    Where we differ: patches of 0.2 s are hidden instead of single samples, 30 % instead of 15 %, and a linear layer
    decodes them.
    """

    def add_heads(self, config: MujoImuConfig) -> None:
        self.decoder = nn.Linear(config.hidden_size, 6 * config.patch_size)

    def objective_loss(self, imu: dict[str, Tensor]) -> Tensor:
        sensors = imu["imu_values"].shape[1]
        tokens = self.imu_model(**imu).last_hidden_state[:, sensors:]
        target, real = pad_to_multiple(
            self.imu_model.embeddings.scale(imu["imu_values"]).flatten(0, 1),
            imu["imu_attention_mask"].flatten(0, 1).bool(),
            self.config.patch_size,
        )
        hidden = imu["masked_patches"].flatten(0, 1).repeat_interleave(self.config.patch_size, dim=1)
        channels = imu["imu_channel_mask"].flatten(0, 1).bool().repeat_interleave(3, dim=-1)
        counts = (real & hidden)[..., None] & channels[:, None]
        error = self.decoder(tokens).float().reshape(target.shape) - target
        return (error.square() * counts).sum() / counts.sum().clamp(min=1)


class ContrastivePredictiveCoding(SelfSupervisedModel):
    r"""
    Contrastive predictive coding (van den Oord et al. 2018, eq. 3 and 4; for activity recognition Haresamudram et al.,
    IMWUT 2021): the window is cut at a random time; from the context `c` of its past, the patch embedding `z_k` of
    each of the next patches has to be found among those of the whole batch, by `z_k . W_k c`.

    Where we differ: the context is what a transformer that sees nothing but the past makes of it, its last token and
    its `pooler_output`, instead of the state of a recurrent network; a step is a patch (0.2 s) instead of a sample,
    and four of them are predicted; the product is divided by the root of its width, as in attention; nothing is
    hidden. Without the `pooler_output`, which classifiers build on, its frozen features are worse.
    """

    future_patches = 4

    def add_heads(self, config: MujoImuConfig) -> None:
        context_size = config.hidden_size + config.pooler_output_size
        self.predictors = nn.ModuleList(
            nn.Linear(context_size, config.hidden_size, bias=False) for _ in range(self.future_patches)
        )

    def objective_loss(self, imu: dict[str, Tensor]) -> Tensor:
        values, mask, channels = (imu[name] for name in ("imu_values", "imu_attention_mask", "imu_channel_mask"))
        size = self.config.patch_size
        patches = values.shape[2] // size
        cut = size * int(torch.randint(patches // 2, patches - self.future_patches + 1, ()))
        past, future = slice(0, cut), slice(cut, cut + size * self.future_patches)
        context = self.context(values[:, :, past], mask[:, :, past], channels, imu["placement_ids"])
        codes, real = self.codes(values[:, :, future], mask[:, :, future], channels)
        losses = []
        for step, predictor in enumerate(self.predictors):
            predicted = predictor(context).float()
            with torch.autocast(predicted.device.type, enabled=False):
                logits = predicted @ codes[:, step].float().T / predicted.shape[-1] ** 0.5
            own = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
            losses.append(info_nce(logits, own, real[:, step], real[:, step]))
        return torch.stack(losses).mean()

    def context(self, *past: Tensor) -> Tensor:
        """Last patch token of each sensor, and pooled view: `(rows * sensors, hidden_size + pooler_output_size)`."""
        sensors = past[0].shape[1]
        output = self.imu_model(*past)
        last = output.last_hidden_state[:, sensors:].unflatten(1, (sensors, -1))[:, :, -1].flatten(0, 1)
        return torch.cat([last, output.pooler_output.repeat_interleave(sensors, dim=0)], dim=-1)

    def codes(self, values: Tensor, mask: Tensor, channel_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Patch embeddings `(rows * sensors, patches, hidden_size)`, and which patches are real throughout."""
        embeddings = self.imu_model.embeddings
        channels = channel_mask.flatten(0, 1).bool().repeat_interleave(3, dim=-1)[:, None]
        mask = mask.flatten(0, 1).bool()
        signal = embeddings.scale(values).flatten(0, 1) * mask[..., None] * channels
        return embeddings.embed_patches(signal, mask), mask.unflatten(1, (-1, self.config.patch_size)).all(-1)


OBJECTIVES: dict[str, type[SelfSupervisedModel]] = {
    "simclr": SimClr,
    "transformations": TransformationDiscrimination,
    "masked_reconstruction": MaskedReconstruction,
    "cpc": ContrastivePredictiveCoding,
}
