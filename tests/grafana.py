#!/usr/bin/env python3
"""Asks what docs/grafana/dashboard.json asks, as Grafana would: grafana.py OUTPUTS ROLE EXTERNAL_ID DEVICE

Grafana is not there: its variables and the macros of its Athena data source are filled in here, and the queries run
with the rights of docs/grafana/role.yml, with the settings of docs/grafana/datasource.yml. DEVICE has measured something
that was stored, and something that was left out. OUTPUTS is the file with the stack's outputs.
"""

import json
import os
import re
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
import yaml
from botocore.exceptions import ClientError

FOLDER = Path(__file__).parent.parent / "docs/grafana"
PLUGIN = "grafana-athena-datasource"
# What the data source reads of its settings: src/types.ts of the plugin, and the common ones of Grafana's AWS plugins.
SETTINGS = {
    "assumeRoleArn", "authType", "catalog", "database", "defaultRegion", "endpoint", "externalId", "outputLocation",
    "profile", "workgroup",
}  # fmt: skip
PATIENCE = 60


def main(outputs: str, role: str, external_id: str, device: str) -> None:
    (outputs,) = json.loads(Path(outputs).read_text()).values()
    os.environ.update(
        SMARTPRODUCT_ROLE=role,
        SMARTPRODUCT_EXTERNAL_ID=external_id,
        SMARTPRODUCT_REGION=os.environ["AWS_DEFAULT_REGION"],
        SMARTPRODUCT_DATABASE=outputs["TelemetryDatabaseName"],
        SMARTPRODUCT_WORK_GROUP=outputs["TelemetryWorkGroupName"],
    )
    dashboard = json.loads((FOLDER / "dashboard.json").read_text())
    shape(dashboard)
    grafana = Grafana(settings())

    # The row is there when Firehose has written it.
    offered, *variables = (it for it in dashboard["templating"]["list"] if it["name"] != "datasource")
    end = time.monotonic() + PATIENCE
    while [device] not in (found := grafana.ask(offered["query"]["rawSQL"], {})[1]):
        assert time.monotonic() < end, f"the variable of devices offers {found}, without {device}"
        time.sleep(1)
    (field,) = variables
    values = {"device": [device], "field": field["current"]["value"]}
    answers = {it["title"]: grafana.ask(it["targets"][0]["rawSQL"], values) for it in dashboard["panels"]}
    for title, (columns, rows) in answers.items():
        assert rows, f"the panel {title!r} shows nothing"
        print(f"{title}: {len(rows)} rows of {', '.join(columns)}")

    # Time series: a time first, in order, and numbers.
    for panel in dashboard["panels"]:
        columns, rows = answers[panel["title"]]
        if panel["type"] == "timeseries":
            times = [row[0] for row in rows]
            assert columns[0] == "time" and times == sorted(times), (columns, times)
            assert all(float(row[-1]) is not None for row in rows), rows
    assert all(row[1] == device for row in answers["$field of $device"][1])
    assert any(row[0] == device for row in answers["Latest of each device"][1])
    assert any("targetTemperature" in row[1] for row in answers["Problems"][1])

    # Each measurement that is offered is a column.
    for option in field["options"]:
        grafana.ask(dashboard["panels"][2]["targets"][0]["rawSQL"], {**values, "field": option["value"]})

    # The local Athena reads rows by rights of its own. On AWS it needs these.
    glue, bucket = grafana.client("glue"), outputs["TelemetryBucketName"]
    for table in ("smartproduct_dataset", "telemetry"):
        glue.get_table(DatabaseName=grafana.settings["database"], Name=table)
    s3 = grafana.client("s3")
    row = s3.list_objects_v2(Bucket=bucket, Prefix="telemetry/")["Contents"][0]["Key"]
    s3.get_object(Bucket=bucket, Key=row)
    s3.put_object(Bucket=bucket, Key="athena/answer", Body=b"")

    refused(lambda: grafana.client("athena").get_work_group(WorkGroup="primary"))
    refused(lambda: grafana.client("dynamodb").scan(TableName=outputs["ReferenceTable"]))
    refused(lambda: s3.put_object(Bucket=bucket, Key="telemetry/forged", Body=b""))
    refused(lambda: glue.get_tables(DatabaseName="default"))
    refused(lambda: s3.get_object(Bucket=bucket, Key="errors/any"))


def settings() -> dict:
    """Of the one data source, with the environment filled in, as Grafana does when it provisions."""
    provisioned = yaml.safe_load((FOLDER / "datasource.yml").read_text())
    (source,) = provisioned["datasources"]
    assert provisioned["apiVersion"] == 1 and source["type"] == PLUGIN
    assert source["jsonData"].keys() <= SETTINGS, source["jsonData"].keys() - SETTINGS
    return {name: os.path.expandvars(value) for name, value in source["jsonData"].items()}


def shape(dashboard: dict) -> None:
    """What Grafana's own model of a dashboard asks for, and what it would pass over in silence."""
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time"} <= dashboard.keys()
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", dashboard["uid"])
    panels = dashboard["panels"]
    assert len({it["id"] for it in panels}) == len(panels)
    taken = set()
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, f"{panel['title']} is wider than the screen"
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, f"{panel['title']} lies on another panel"
        taken |= cells
        (target,) = panel["targets"]
        assert panel["datasource"] == target["datasource"] == {"type": PLUGIN, "uid": "${datasource}"}
        # 0 is a time series, 1 a table.
        assert target["format"] == (0 if panel["type"] == "timeseries" else 1)
        assert target["connectionArgs"].keys() == {"region", "catalog", "database"}
    known = {it["name"] for it in dashboard["templating"]["list"]} | {"__interval"}
    used = re.findall(r"\$\{?(?!__(?!interval))(\w+)", json.dumps(panels))
    assert set(used) <= known, set(used) - known


class Grafana:
    """The data source, with its settings."""

    def __init__(self, settings: dict):
        self.settings = settings
        session = boto3.client("sts").assume_role(
            RoleArn=settings["assumeRoleArn"], ExternalId=settings["externalId"], RoleSessionName="grafana"
        )["Credentials"]
        self.keys = {
            "aws_access_key_id": session["AccessKeyId"],
            "aws_secret_access_key": session["SecretAccessKey"],
            "aws_session_token": session["SessionToken"],
        }
        self.athena = self.client("athena")

    def client(self, service: str):
        return boto3.client(service, region_name=self.settings["defaultRegion"], **self.keys)

    def ask(self, sql: str, values: dict) -> tuple[list, list]:
        """Columns and rows."""
        query = self.athena.start_query_execution(
            QueryString=macros(variables(sql, values)),
            WorkGroup=self.settings["workgroup"],
            QueryExecutionContext={"Catalog": self.settings["catalog"], "Database": self.settings["database"]},
        )["QueryExecutionId"]
        while True:
            status = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.1)
        assert status["State"] == "SUCCEEDED", (sql, status)
        found = self.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        rows = [[it.get("VarCharValue") for it in row["Data"]] for row in found]
        return rows[0], rows[1:]


def variables(sql: str, values: dict) -> str:
    """Fills in $name, and ${name:singlequote} for one that may have several values."""
    sql = sql.replace("$__interval", "1m")

    def several(match):
        assert match[2] == "singlequote", f"{match[2]} is not filled in here"
        return ",".join(f"'{it}'" for it in values[match[1]])

    sql = re.sub(r"\$\{(\w+):(\w+)\}", several, sql)
    return re.sub(r"\$(?!_)(\w+)", lambda match: values[match[1]], sql)


def macros(sql: str) -> str:
    """Fills in the macros as the plugin does, for the last hour. As there, a macro ends at the first bracket."""
    now = datetime.now(timezone.utc)
    moment = lambda it: f"TIMESTAMP '{it:%Y-%m-%d %H:%M:%S}'"
    start, end = moment(now - timedelta(hours=1)), moment(now + timedelta(seconds=1))

    def group(column, interval):
        number, unit = re.fullmatch(r"'(\d+)([smhd])'", interval).groups()
        seconds = int(number) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
        return f"FROM_UNIXTIME(FLOOR(TO_UNIXTIME({column})/{seconds})*{seconds})"

    known = {
        "timeFilter": lambda column: f"{column} BETWEEN {start} AND {end}",
        "timeFrom": lambda: start,
        "timeTo": lambda: end,
        "timeGroup": group,
    }

    def expand(match):
        arguments = [it.strip() for it in match[2].split(",") if it.strip()]
        return known[match[1]](*arguments)

    return re.sub(r"\$__(\w+)\((.*?)\)", expand, sql)


def refused(call) -> None:
    try:
        call()
    except ClientError as error:
        assert "AccessDenied" in str(error), error
        return
    raise AssertionError("the role may do more than it should")


if __name__ == "__main__":
    main(*sys.argv[1:])
