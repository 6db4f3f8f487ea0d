//! How the resources of each type are found in an account, without asking
//! CloudFormation, which would tell what it was told.
//!
//! A new type of resource gets a line here: in [`LISTS`], or in [`PARTS`].

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::Value;
use tests::{Ask, Aws, elements};

/// A list of all resources of a type.
#[derive(Debug)]
pub(crate) struct List {
    /// The type, as CloudFormation calls it.
    pub(crate) kind: &'static str,
    ask: Ask,
    /// Where the items are, and what in them is the name, and the id if that is another.
    items: &'static str,
    fields: &'static [&'static str],
    /// The answer's word for where the next page begins, and the request's.
    next: (&'static str, &'static str),
}

/// A resource as a list has it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) id: String,
}

const TOKEN: (&str, &str) = ("NextToken", "NextToken");
const MARKER: (&str, &str) = ("NextMarker", "Marker");
const SMALL_TOKEN: (&str, &str) = ("nextToken", "nextToken");

/// Types with a life of their own.
#[rustfmt::skip]
pub(crate) const LISTS: &[List] = &[
    list("AWS::ApiGatewayV2::Api", Ask::Get("apigateway", "/v2/apis"), "items", &["name", "apiId"], SMALL_TOKEN),
    list("AWS::Athena::WorkGroup", Ask::Json("athena", "AmazonAthena.ListWorkGroups", "{}"), "WorkGroups", &["Name"], TOKEN),
    list("AWS::CloudFront::Distribution", Ask::Xml("cloudfront", "/2020-05-31/distribution"), "Id", &[], MARKER),
    list("AWS::CloudFront::Function", Ask::Xml("cloudfront", "/2020-05-31/function"), "Name", &[], MARKER),
    list("AWS::CloudFront::OriginAccessControl", Ask::Xml("cloudfront", "/2020-05-31/origin-access-control"), "Id", &[], MARKER),
    list("AWS::CloudFront::ResponseHeadersPolicy", Ask::Xml("cloudfront", "/2020-05-31/response-headers-policy"), "Id", &[], MARKER),
    list("AWS::CloudWatch::Alarm", Ask::Query("monitoring", "2010-08-01", "DescribeAlarms"), "AlarmName", &[], TOKEN),
    list("AWS::CloudWatch::Dashboard", Ask::Query("monitoring", "2010-08-01", "ListDashboards"), "DashboardName", &[], TOKEN),
    list("AWS::Cognito::UserPool", Ask::Json("cognito-idp", "AWSCognitoIdentityProviderService.ListUserPools", r#"{"MaxResults": 60}"#), "UserPools", &["Name", "Id"], TOKEN),
    list("AWS::DynamoDB::Table", Ask::Json("dynamodb", "DynamoDB_20120810.ListTables", "{}"), "TableNames", &[], ("LastEvaluatedTableName", "ExclusiveStartTableName")),
    list("AWS::Events::Rule", Ask::Json("events", "AWSEvents.ListRules", "{}"), "Rules", &["Name"], TOKEN),
    list("AWS::Glue::Database", Ask::Json("glue", "AWSGlue.GetDatabases", "{}"), "DatabaseList", &["Name"], TOKEN),
    list("AWS::IAM::Role", Ask::Query("iam", "2010-05-08", "ListRoles"), "RoleName", &[], ("Marker", "Marker")),
    list("AWS::IoT::Policy", Ask::Get("iot", "/policies"), "policies", &["policyName"], ("nextMarker", "marker")),
    list("AWS::IoT::ThingType", Ask::Get("iot", "/thing-types"), "thingTypes", &["thingTypeName"], SMALL_TOKEN),
    list("AWS::IoT::TopicRule", Ask::Get("iot", "/rules"), "rules", &["ruleName"], SMALL_TOKEN),
    list("AWS::KinesisFirehose::DeliveryStream", Ask::Json("firehose", "Firehose_20150804.ListDeliveryStreams", r#"{"Limit": 10000}"#), "DeliveryStreamNames", &[], ("", "")),
    list("AWS::Lambda::Function", Ask::Get("lambda", "/2015-03-31/functions"), "Functions", &["FunctionName"], ("NextMarker", "Marker")),
    list("AWS::Logs::LogGroup", Ask::Json("logs", "Logs_20140328.DescribeLogGroups", "{}"), "logGroups", &["logGroupName"], SMALL_TOKEN),
    list("AWS::S3::Bucket", Ask::Xml("s3", "/"), "Name", &[], ("ContinuationToken", "continuation-token")),
    list("AWS::SNS::Topic", Ask::Query("sns", "2010-03-31", "ListTopics"), "TopicArn", &[], TOKEN),
    list("AWS::SQS::Queue", Ask::Json("sqs", "AmazonSQS.ListQueues", r#"{"MaxResults": 1000}"#), "QueueUrls", &[], TOKEN),
];

/// Types that are a part of another resource and go with it, or that leave
/// nothing with a name.
pub(crate) const PARTS: &[&str] = &[
    "AWS::ApiGatewayV2::",
    "AWS::Athena::NamedQuery",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
    "AWS::Glue::Table",
    "AWS::IAM::Policy",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogStream",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "Custom::",
];

const fn list(
    kind: &'static str,
    ask: Ask,
    items: &'static str,
    fields: &'static [&'static str],
    next: (&'static str, &'static str),
) -> List {
    List {
        kind,
        ask,
        items,
        fields,
        next,
    }
}

impl List {
    /// All of them in the account, those of the region where a region has its own.
    pub(crate) async fn items(&self, aws: &Aws) -> Result<BTreeSet<Item>> {
        let mut found = BTreeSet::new();
        let mut next = Vec::new();
        loop {
            let answer = aws.ask(self.ask, &next).await?;
            let token = match self.ask {
                Ask::Query(..) | Ask::Xml(..) => {
                    let names = elements(&answer, self.items);
                    found.extend(names.into_iter().map(|it| Item::new(it, it)));
                    elements(&answer, self.next.0).pop().map(str::to_owned)
                }
                Ask::Get(..) | Ask::Json(..) => {
                    let answer: Value = serde_json::from_str(&answer)?;
                    for item in answer[self.items].as_array().into_iter().flatten() {
                        found.insert(self.item(item)?);
                    }
                    answer[self.next.0].as_str().map(str::to_owned)
                }
            };
            let Some(token) = token.filter(|it| !it.is_empty()) else {
                return Ok(found);
            };
            next = vec![(self.next.1, Value::from(token))];
        }
    }

    fn item(&self, item: &Value) -> Result<Item> {
        let text = |value: &'_ Value| value.as_str().map(str::to_owned);
        let found = match self.fields {
            [] => text(item).map(|it| (it.clone(), it)),
            [name, .., id] | [name @ id] => text(&item[*name]).zip(text(&item[*id])),
        };
        let (name, id) = found.with_context(|| format!("{} without a name: {item}", self.kind))?;
        Ok(Item::new(&name, &id))
    }
}

impl Item {
    fn new(name: &str, id: &str) -> Self {
        Self {
            name: last_segment(name),
            id: last_segment(id),
        }
    }
}

/// What is left of an ARN, a URL or a path when one looks for a name.
pub(crate) fn last_segment(name: &str) -> String {
    name.rsplit(['/', ':']).next().unwrap_or(name).to_owned()
}
