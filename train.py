"""Train MuJo: `accelerate launch train.py [--task pretrain|finetune|evaluate] [--config FILE] [--field value ...]`."""

from transformers.utils import logging

from training.arguments import EvaluateArguments, FinetuneArguments, PretrainArguments, parse_arguments


def main() -> None:
    logging.set_verbosity_info()
    arguments = parse_arguments()
    match arguments:
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
