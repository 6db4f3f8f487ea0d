"""What the dataset weighs, and how long questions to it take: dataset.py TEMPLATES ROWS FOLDER

Makes Parquet of the rows that `transform` wrote into ROWS, a file for a file, with
the columns of the template as the local cloud's Firehose does, and asks the three
named queries of the template as the local cloud's Athena does. It reports to
standard output, and asserts only that the files are the local cloud's own.
"""

import base64
import json
import os
import sys
import time
from pathlib import Path

import duckdb
from ministack.services import athena, firehose, glue

TEMPLATE = "local-jitr-telemetry.template.json"
CONVERSION = {
    "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {"CaseInsensitive": False}}},
    "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {"Compression": "SNAPPY"}}},
    "SchemaConfiguration": {"DatabaseName": "db", "TableName": "telemetry"},
}
# What somebody asks who draws a chart of a device.
CHART = ["device_id", "timestamp", "actualtemperature"]
DEVICE = "SP-000300"


def main(templates: str, rows: str, folder: str) -> None:
    resources = json.loads(Path(templates, TEMPLATE).read_text())["Resources"]
    table = resources["TelemetryTable"]["Properties"]["TableInput"]
    glue._tables["db/telemetry"] = table
    written = sorted(Path(rows).rglob("*.json"))
    files = [Path(folder, it.relative_to(rows)).with_suffix(".parquet") for it in written]
    columns = {it["Name"]: firehose._hive_to_duckdb_type(it["Type"]) for it in table["StorageDescriptor"]["Columns"]}
    started = time.monotonic()
    for source, file in zip(written, files):
        file.parent.mkdir(parents=True, exist_ok=True)
        to_parquet([source], file, columns)
    print(f"{len(files)} files of Parquet in {time.monotonic() - started:.0f} s")
    compare(written[0], files[0])
    weigh("as Firehose writes them", files)
    whole = [whole_days(rows, folder, columns, it) for it in sorted({it.parent for it in written})]
    weigh("one file a day and model", whole)
    for name, sample in (("as Firehose writes them", files), ("one file a day and model", whole)):
        ask(name, resources, table, sample)


def to_parquet(sources, file, columns) -> None:
    """The statements of MiniStack's conversion, which inserts row by row and would
    take an hour for a million."""
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    rows = f"read_json({listed(sources)}, format = 'newline_delimited', columns = {{{types}}}, hive_partitioning = false)"
    with duckdb.connect() as connection:
        definition = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        connection.execute("SET preserve_insertion_order = true")
        connection.execute(f"CREATE TABLE t ({definition})")
        connection.execute(f"INSERT INTO t SELECT * FROM {rows}")
        connection.execute(f"COPY t TO '{file}' (FORMAT PARQUET, COMPRESSION snappy)")


def whole_days(rows, folder, columns, of) -> Path:
    """What a nightly job would make of the files of a day and model."""
    file = Path(folder + "-whole", of.relative_to(rows), "all.parquet")
    file.parent.mkdir(parents=True, exist_ok=True)
    to_parquet(sorted(of.glob("*.json")), file, columns)
    return file


def compare(source, file) -> None:
    """Ours has to be what the local cloud writes."""
    started = time.monotonic()
    theirs = firehose._convert_to_parquet(CONVERSION, source.read_bytes())
    taken = time.monotonic() - started
    ours = file.read_bytes()
    print(f"the local cloud's own file for the first: {len(theirs):,} bytes, ours {len(ours):,}; in {taken:.1f} s")
    if abs(len(theirs) - len(ours)) > len(theirs) / 100:
        sys.exit("the files are not those of the local cloud")


def weigh(name, files) -> None:
    total, rows = sum(os.path.getsize(it) for it in files), rows_of(files)
    codecs = one(f"SELECT string_agg(DISTINCT compression) FROM parquet_metadata({listed(files)})")
    print(f"{name}: {rows:,} rows, {total:,} bytes of Parquet ({codecs}), {total / rows:.1f} a message")
    charted = [it for it in files if "thermostat-1" in it.parts]
    chart = one(
        f"SELECT sum(total_compressed_size) FROM parquet_metadata({listed(charted)}) "
        f"WHERE path_in_schema IN {tuple(CHART)}"
    )
    print(f"  {', '.join(CHART)}: {chart / rows_of(charted):.1f} a message of a thermostat")


def rows_of(files) -> int:
    return int(one(f"SELECT sum(num_rows) FROM parquet_file_metadata({listed(files)})"))


def listed(files) -> str:
    return athena._sql_list([str(it) for it in files])


def one(query):
    return duckdb.execute(query).fetchall()[0][0]


def ask(name, resources, table, files) -> None:
    files = [str(it) for it in files]
    relation = athena._table_relation(table, files)
    view = resources["TelemetryView"]["Properties"]["TableInput"]["ViewOriginalText"]
    view = json.loads(base64.b64decode(view.split("Presto View:")[1].split("*/")[0]))["originalSql"]
    view = view[: view.rindex(" FROM ")] + f" FROM {relation}"
    for query in (it["Properties"] for it in resources.values() if it["Type"] == "AWS::Athena::NamedQuery"):
        statement = query["QueryString"].replace("smartproduct_dataset", f"({view})", 1)
        print(f"  {label(query):<20} {quickest(statement)}   {name}")
    chart = f"SELECT \"timestamp\", actualtemperature FROM ({view}) WHERE device_id = '{DEVICE}' ORDER BY 1"
    print(f"  {'chart-of-a-device':<20} {quickest(chart)}   {name}")


def label(query) -> str:
    """The name without the stack's."""
    text = json.dumps(query["Name"])
    return next(it for it in ("latest-per-device", "hourly-averages", "fleet-by-model") if it in text)


def quickest(statement) -> str:
    """Of three, each in a database of its own, as the local cloud has them."""
    took = []
    for _ in range(3):
        started = time.monotonic()
        with duckdb.connect() as connection:
            rows = connection.execute(statement).fetchall()
        took.append(time.monotonic() - started)
    return f"{min(took) * 1000:6.0f} ms, {len(rows):>6} rows"


if __name__ == "__main__":
    main(*sys.argv[1:])
