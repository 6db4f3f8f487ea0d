"""What scripts/local-cloud adds to MiniStack for telemetry: each of these AWS has.

- Topic rules put records into Data Firehose; MiniStack skips that action.
- Data Firehose gathers records for as long as the stream says, and writes one file
  for each folder; MiniStack writes a file for each record at once.
- Data Firehose keeps what its function could not process; MiniStack forgets it.
- CloudFormation makes named queries of Athena; MiniStack does not know them.
- Athena reads views; MiniStack knows tables only.
- Athena has functions of Trino that DuckDB, MiniStack's engine, calls otherwise.
- Athena's state outlives a restart; MiniStack loses it, work groups and all, once an
  answer holds a time.
"""

import base64
import json
import logging
import threading
import time

# Records of one call of the function that transforms them, by the limits of AWS:
# here about 1 MB of short messages.
BATCH = 2000

logger = logging.getLogger("local-cloud")


def install() -> None:
    """After MiniStack is imported."""
    rules_put_into_firehose()
    gather()
    named_queries()
    views()
    functions()
    plain_answers()


def rules_put_into_firehose() -> None:
    from ministack.core.responses import request_scope
    from ministack.services import firehose, iot

    dispatch = iot._dispatch_rule_action

    async def dispatch_rule_action(account_id, region, rule_name, action, event):
        if "firehose" not in action:
            return await dispatch(account_id, region, rule_name, action, event)
        spec = action["firehose"] or {}
        batch = spec.get("batchMode") and isinstance(event, list)
        records = [
            (one if isinstance(one, str) else json.dumps(one)) + spec.get("separator", "")
            for one in (event if batch else [event])
        ]
        with request_scope(account_id, region):
            stream = firehose._streams.get(spec.get("deliveryStreamName", ""))
            # A failure here is the rule's: it has an error action for that.
            if stream is None:
                raise LookupError(f"stream {spec.get('deliveryStreamName')} is not there")
            pending = [(firehose._record_id(), record.encode()) for record in records]
            for destination in stream["destinations"]:
                firehose._deliver_records_to_s3(stream, destination, pending)

    iot._dispatch_rule_action = dispatch_rule_action
    iot._RULE_ACTION_RESOURCE_KEYS["firehose"] = ("deliveryStreamName",)


def gather() -> None:
    """Replaces the writing of each record by the writing of all that came within
    the interval of the stream's buffering hints."""
    from ministack.core.responses import get_account_id, get_region, request_scope
    from ministack.services import firehose

    gathered, lock = {}, threading.Lock()

    def deliver_later(stream, destination, records):
        account, region = get_account_id(), get_region()
        key = (account, region, stream["name"], destination["id"])
        with lock:
            waiting = gathered.get(key)
            if waiting is not None:
                waiting.extend(records)
                return
            gathered[key] = list(records)
        hints = destination["config"].get("BufferingHints") or {}
        timer = threading.Timer(float(hints.get("IntervalInSeconds", 300)), deliver, (key, stream, destination))
        timer.daemon = True
        timer.start()

    def deliver(key, stream, destination):
        with lock:
            records = gathered.pop(key, [])
        account, region = key[:2]
        with request_scope(account, region):
            for start in range(0, len(records), BATCH):
                try:
                    batch = records[start : start + BATCH]
                    write(firehose, stream, destination, batch)
                except Exception:
                    logger.exception("Firehose %s lost a batch", stream["name"])

    firehose._deliver_records_to_s3 = deliver_later


def write(firehose, stream, destination, records) -> None:
    """Has the records transformed, and writes a file for each folder."""
    folders = {}
    for keys, data in transformed(firehose, stream, destination, records):
        folders.setdefault(tuple(sorted(keys.items())), []).append(data)
    for keys, rows in folders.items():
        together = b"".join(row if row.endswith(b"\n") else row + b"\n" for row in rows)
        firehose._deliver_to_s3(stream, destination, together, dict(keys))


def transformed(firehose, stream, destination, records):
    """Partition keys and data of each record that is to be stored. What could not
    be processed is put beside the other errors, as it came."""
    arn = function_of(destination)
    if arn is None:
        return [({}, data) for _, data in records]
    answers = invoke(arn, stream, records)
    stored = []
    for record, data in records:
        answer = answers.get(record) or {}
        result = answer.get("result", "ProcessingFailed")
        if result == "Ok":
            keys = (answer.get("metadata") or {}).get("partitionKeys") or {}
            stored.append((keys, base64.b64decode(answer.get("data") or "")))
        elif result != "Dropped":
            keep_failed(firehose, stream, destination, arn, data)
    return stored


def function_of(destination):
    processing = destination["config"].get("ProcessingConfiguration") or {}
    for processor in (processing.get("Processors") or []) if processing.get("Enabled") else []:
        for parameter in processor.get("Parameters") or []:
            if processor.get("Type") == "Lambda" and parameter["ParameterName"] == "LambdaArn":
                return parameter["ParameterValue"]
    return None


def invoke(arn, stream, records):
    """The function's answers by record; none where it failed three times."""
    from ministack.core.responses import get_region, new_uuid
    from ministack.services import lambda_svc

    now = int(time.time() * 1000)
    event = {
        "invocationId": new_uuid(),
        "deliveryStreamArn": stream["arn"],
        "region": get_region(),
        "records": [
            {"recordId": record, "approximateArrivalTimestamp": now, "data": base64.b64encode(data).decode()}
            for record, data in records
        ],
    }
    for _ in range(3):
        name, qualifier = lambda_svc._resolve_name_and_qualifier(arn)
        function, _ = lambda_svc._get_func_record_for_qualifier(name, qualifier)
        result = lambda_svc._execute_function(function, event) if function else {"error": True}
        body = result.get("body")
        if not result.get("error"):
            body = json.loads(body) if isinstance(body, (str, bytes)) else body
            return {answer["recordId"]: answer for answer in body["records"]}
        logger.warning("Firehose %s: its function failed: %s", stream["name"], body)
    return {}


def keep_failed(firehose, stream, destination, arn, data) -> None:
    now = time.gmtime()
    prefix = destination["config"].get("ErrorOutputPrefix") or ""
    folder = firehose._evaluate_prefix(prefix, now, error_type="processing-failed")
    kept = {
        "attemptsMade": 1,
        "arrivalTimestamp": int(time.time() * 1000),
        "errorCode": "Lambda.FunctionProcessingFailed",
        "errorMessage": "ProcessingFailed status set for record",
        "rawData": base64.b64encode(data).decode(),
        "lambdaArn": arn,
    }
    bucket = firehose._s3_bucket_from_arn(destination["config"]["BucketARN"])
    name = f"{folder}{stream['name']}-{time.strftime('%Y-%m-%d-%H-%M-%S', now)}-{firehose.new_uuid()}"
    firehose._put_s3_object(bucket, name, (json.dumps(kept) + "\n").encode())


def named_queries() -> None:
    from ministack.services import athena
    from ministack.services.cloudformation import provisioners

    def create(logical_id, properties, stack_name):
        _, _, body = athena._create_named_query(properties)
        query = json.loads(body)["NamedQueryId"]
        return query, {"NamedQueryId": query}

    def update(physical_id, old, new, stack_name):
        delete(physical_id, old)
        return create(None, new, stack_name)

    def delete(physical_id, properties):
        athena._delete_named_query({"NamedQueryId": physical_id})

    provisioners._RESOURCE_HANDLERS["AWS::Athena::NamedQuery"] = {
        "create": create,
        "update": update,
        "delete": delete,
    }


def views() -> None:
    """Puts the statement of a view where a question names it."""
    from ministack.services import athena, glue

    rewrite = athena._rewrite_data_paths

    def statement(database, name):
        table = glue._tables.get(f"{database}/{name}") or {}
        text = table.get("ViewOriginalText") or ""
        if table.get("TableType") != "VIRTUAL_VIEW" or "Presto View:" not in text:
            return None
        return json.loads(base64.b64decode(text.split("Presto View:")[1].split("*/")[0]))["originalSql"]

    async def rewrite_data_paths(query, database, catalog=None):
        for reference in reversed(athena._table_references(query)):
            inner = statement(reference.database or database, reference.table)
            if inner:
                name = "" if reference.aliased else f' AS "{reference.table}"'
                query = f"{query[: reference.start]}({inner}){name}{query[reference.end :]}"
        return await rewrite(query, database, catalog)

    athena._rewrite_data_paths = rewrite_data_paths


def functions() -> None:
    """Those of Trino that the product and Grafana ask with. A time is plain, as it is in the dataset; DuckDB writes
    paths of JSON differently."""
    import duckdb

    connect = duckdb.connect

    def connect_with_functions(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.execute("CREATE MACRO to_unixtime(moment) AS epoch(moment)")
        connection.execute("CREATE MACRO from_unixtime(seconds) AS make_timestamp((seconds * 1000000)::BIGINT)")
        connection.execute(
            "CREATE MACRO json_extract_scalar(json, path) AS "
            """json_extract_string(json, replace(replace(path, '["', '."'), '"]', '"'))"""
        )
        return connection

    duckdb.connect = connect_with_functions


def plain_answers() -> None:
    """Values that JSON has no word for, such as times, as the texts that Athena answers
    with: state that is no JSON is not saved."""
    from ministack.services import athena

    run = athena._run_duckdb
    words = (bool, int, float, str, type(None))

    async def run_to_plain(query, database, catalog=None):
        answer = await run(query, database, catalog)
        rows = answer["rows"]
        answer["rows"] = [[it if isinstance(it, words) else athena._datum_text(it) for it in row] for row in rows]
        return answer

    athena._run_duckdb = run_to_plain
