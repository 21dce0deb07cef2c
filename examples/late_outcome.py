"""A prediction here, its truth later and elsewhere.

Start a server with `watchroom up`, then:

    python examples/late_outcome.py predict         prints the prediction's id
    python examples/late_outcome.py outcome ID 21.5 any time later, on any host
"""

import sys

import watchroom


def main(arguments: list[str]) -> int:
    """Do one of the two; return 1 where the outcome joined no prediction."""
    watchroom.init("late-outcome-example")
    match arguments:
        case ["predict"]:
            watchroom.describe_model("temperature", target_mae=2.0)
            print(watchroom.record_prediction("temperature", 20.0, confidence=0.75))
            return 0
        case ["outcome", prediction_id, actual]:
            return 0 if watchroom.record_outcome(prediction_id, float(actual)) else 1
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
