"""The big run: `python -m tests.integration.query.differential --queries 5000 --seed 7`."""

import argparse
import collections
import secrets
import sys

from tests.integration.query.differential.runner import Difference, run


def main() -> int:
    """Run, and say what was found; 1 where a difference is left unexplained."""
    parser = argparse.ArgumentParser(prog="differential", description=__doc__)
    parser.add_argument("--queries", type=int, default=5000, help="how many to ask")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.queries} queries", flush=True)

    def tell(one: Difference) -> None:
        if not one.reason:
            print(f"\n{one}", flush=True)

    found = run(options.seed, options.queries, tell)
    reasons = collections.Counter(one.reason or "unexplained" for one in found)
    print(f"seed {options.seed}: {options.queries} queries, {len(found)} differences")
    for reason, count in reasons.most_common():
        print(f"  {count:5} {reason}")
    return 1 if reasons["unexplained"] else 0


if __name__ == "__main__":
    sys.exit(main())
