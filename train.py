"""
Train MuJo: `accelerate launch train.py [--task TASK] [--config FILE] [--field value ...]`.

Tasks are pretrain, pretrain_baseline, distill, finetune and evaluate.
"""

from transformers.utils import logging

from training.arguments import (
    BaselineArguments,
    DistillArguments,
    EvaluateArguments,
    FinetuneArguments,
    PretrainArguments,
    parse_arguments,
)


def main() -> None:
    logging.set_verbosity_info()
    arguments = parse_arguments()
    match arguments:
        case BaselineArguments():  # they are PretrainArguments, too
            from training.baselines import pretrain_baseline

            pretrain_baseline(arguments)
        case DistillArguments():
            from training.distillation import distill

            distill(arguments)
        case PretrainArguments():
            from training.pretrain import pretrain

            pretrain(arguments)
        case FinetuneArguments():
            from training.finetune import finetune

            finetune(arguments)
        case EvaluateArguments():
            from training.evaluate import evaluate_model

            evaluate_model(arguments)


if __name__ == "__main__":
    main()
