#!/usr/bin/python3
"""How fast `tally mirror run` catches up, beside PostgreSQL that takes the same rows from a file.

    TALLY=build/release/bin/tally bench/mirror_bench.py [--records 60000] [--times 3]

One node with one organization gets small signed records (`tally bench records`); then empty schemas of a PostgreSQL
server of the benchmark's own are filled, by the mirror and by `psql` from a dump of the mirror, in turn. The
benchmark fails where the two schemas differ.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests/e2e"))
os.environ.setdefault("TALLY", str(pathlib.Path(__file__).parents[1] / "build/release/bin/tally"))

from node_under_test import NodeUnderTest, tally  # noqa: E402
from postgres_under_test import PostgresUnderTest  # noqa: E402

TABLES = ("blocks", "transactions", "events", "records", "figures")


def sums(postgres, schema):
    """What each table holds, without the order of the rows."""
    return {table: postgres.sql(f"SELECT count(*), sum(hashtext({table}::text)::bigint) FROM {table}", schema)[0]
            for table in TABLES}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=60_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, PostgresUnderTest() as postgres:
        network = pathlib.Path(folder) / "network"
        tally("network", "create", network)
        tally("cluster", "up", network)
        try:
            tally("bench", "records", "--cluster", network, "--kind", "keepalive", "--records", options.records,
                  timeout=3600)
            profile = network / "organizations/Operator/members/admin/profile.toml"
            mirrored, restored = [], []
            for _ in range(options.times):
                done = json.loads(tally("--json", "mirror", "run", "--once", "--postgres", postgres.url,
                                        "--profile", profile, timeout=600).stdout)
                mirrored.append(done["transactions"] / done["seconds"])
                expected = sums(postgres, "tally")
                dump = pathlib.Path(folder) / "dump.sql"
                postgres.dump(dump)
                postgres.sql("DROP SCHEMA tally CASCADE", "public")
                begun = time.monotonic()
                postgres.restore(dump)
                restored.append(done["transactions"] / (time.monotonic() - begun))
                if sums(postgres, "tally") != expected:
                    sys.exit("the mirror and the restored dump differ")
                postgres.sql("DROP SCHEMA tally CASCADE", "public")
        finally:
            tally("cluster", "down", network)
    result = {"work": "mirror", "transactions": done["transactions"], "blocks": done["blocks"],
              "mirror_per_second": sorted(map(round, mirrored)),
              "psql_per_second": sorted(map(round, restored))}
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['transactions']} transactions in {result['blocks']} blocks")
    for name, what in (("mirror_per_second", "tally mirror run"), ("psql_per_second", "psql from a dump")):
        print(f"  {what:18} {' '.join(f'{rate:>8}' for rate in result[name])} transactions/s")


if __name__ == "__main__":
    main()
