"""Prints what parliament finds in the policies of templates, as findings.jq reads it:

    policies.py TEMPLATE...

Intrinsic functions are resolved first, to what a deployment could have. An ARN gets the form
that AWS's service authorization reference gives it, so that an action on a resource of another
kind is found.
"""

import json
import re
import sys

import parliament

# Where this list of AWS's (parliament's is of April 2025) and AWS itself disagree.
DIFFERS = {
    "iot:AttachThingPrincipal": "the IoT developer guide lists the certificate as its resource",
    "iot:DetachThingPrincipal": "the IoT developer guide lists the certificate as its resource",
    "iot:ListThingPrincipals": "the IoT developer guide lists the thing as its resource",
    "iot:Connection.Thing.IsAttached": "a key of IoT policies, which are no IAM policies",
    "cloudformation:DescribeEvents": "newer than the list",
}

# Findings about wildcards. Their reasons are in the resource's Metadata, which a test of infra
# insists on for each of them.
WILDCARDS = {"NOTRESOURCE_WITH_ALLOW", "RESOURCE_EFFECTIVELY_STAR", "RESOURCE_STAR"}

# Where CloudFormation's name of a service is not the prefix of its actions.
PREFIXES = {"cognito": "cognito-idp", "kinesisfirehose": "firehose", "stepfunctions": "states"}
RESOURCES = {"ManagedPolicy": "policy"}

# Whose `Ref` is its ARN.
REFERRED_BY_ARN = {"AWS::IAM::ManagedPolicy", "AWS::SNS::Topic"}

PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/Stack/1",
    "AWS::StackName": "Stack",
    "AWS::URLSuffix": "amazonaws.com",
}


def plain(name):
    return re.sub("[^a-z0-9]", "", name.lower())


ARNS = {
    (service["prefix"], plain(resource["resource"])): resource["arn"]
    for service in parliament.iam_definition
    for resource in service["resources"]
}


def arn(name, kind):
    _, service, resource = kind.split("::")
    service = PREFIXES.get(service.lower(), service.lower())
    pattern = ARNS.get((service, plain(RESOURCES.get(resource, resource))))
    if pattern is None:
        sys.exit(f"policies.py: the ARN of {name} is not known: {service} has no {resource} in parliament's list")
    fixed = {"Account": "AccountId", "Partition": "Partition", "Region": "Region"}
    found = re.sub(r"\$\{(\w+)\}", lambda it: PSEUDO.get("AWS::" + fixed.get(it[1], ""), name), pattern)
    # What CloudFormation returns covers the streams of the group.
    return found + ":*" if kind == "AWS::Logs::LogGroup" else found


class Template:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.json = json.load(file)
        self.resources = self.json["Resources"]

    def resolve(self, value):
        match value:
            case {"Ref": name}:
                return self.reference(name)
            case {"Fn::GetAtt": [name, "Arn"]}:
                return arn(name, self.resources[name]["Type"])
            case {"Fn::GetAtt": [name, attribute]}:
                return f"{name}-{attribute}"
            case {"Fn::Sub": [pattern, values]}:
                return self.substitute(pattern, self.resolve(values))
            case {"Fn::Sub": pattern}:
                return self.substitute(pattern, {})
            case {"Fn::Join": [separator, parts]}:
                return separator.join(self.resolve(parts))
            case {"Fn::Split": [separator, text]}:
                return self.resolve(text).split(separator)
            case {"Fn::Select": [index, parts]}:
                return self.resolve(parts)[int(index)]
            case {"Fn::FindInMap": [mapping, top, second]}:
                return self.json["Mappings"][mapping][self.resolve(top)][self.resolve(second)]
            case {"Fn::If": [_, yes, _]}:
                return self.resolve(yes)
            case dict():
                for key in value:
                    if key.startswith("Fn::"):
                        sys.exit(f"policies.py: it cannot resolve {key} in a policy; teach it to")
                return {key: self.resolve(it) for key, it in value.items()}
            case list():
                return [self.resolve(it) for it in value]
            case str():
                # IoT Core's variables, which no reader of IAM policies knows.
                return re.sub(r"\$\{iot:[\w.]+\}", "name", value)
            case _:
                return value

    def reference(self, name):
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.json.get("Parameters", {}):
            return self.json["Parameters"][name].get("Default", name)
        kind = self.resources[name]["Type"]
        return arn(name, kind) if kind in REFERRED_BY_ARN else name

    def substitute(self, pattern, values):
        def one(found):
            literal, name, attribute = found.groups()
            if literal:
                return "${" + found[0][3:]
            if name in values:
                return values[name]
            return self.resolve({"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name})

        return self.resolve(re.sub(r"\$\{(!?)([\w:]+)\.?([\w.]*)\}", one, pattern))


def policies(value):
    """Every policy in a value, whatever the property is called."""
    match value:
        case {"Statement": _}:
            yield value
        case dict():
            yield from (policy for it in value.values() for policy in policies(it))
        case list():
            yield from (policy for it in value for policy in policies(it))


def findings(policy, own):
    # A trust policy names no resource, which is its role, and gives away what it is about.
    trust = "Resource" not in policy["Statement"][0] and "Principal" in policy["Statement"][0]
    for statement in policy["Statement"] if trust else []:
        statement["Resource"] = own
    found = parliament.analyze_policy_string(json.dumps(policy), include_community_auditors=not trust).findings
    for it in map(parliament.enhance_finding, found):
        says = f"{it.title} {it.detail or ''}".strip()
        if not any(re.search(rf"{re.escape(known)}\b", says) for known in DIFFERS):
            yield it.issue, says


parliament.override_config(parliament.__path__[0] + "/community_auditors/config_override.yaml")
for path in sys.argv[1:]:
    template = Template(path)
    for name, resource in template.resources.items():
        explained = WILDCARDS if resource.get("Metadata", {}).get("Wildcards") else set()
        for policy in policies(resource["Properties"]):
            own = arn(name, resource["Type"]) if resource["Type"] == "AWS::IAM::Role" else "*"
            for rule, says in findings(template.resolve(policy), own):
                if rule not in explained:
                    print(json.dumps({"tool": "parliament", "template": path, "id": name, "rule": rule, "says": says}))
