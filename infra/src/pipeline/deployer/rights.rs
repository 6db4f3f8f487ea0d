//! What each type of resource in the solution takes to be made, changed and
//! deleted. A test finds a type that is missing here.

use super::SOLUTION;
use crate::policy::Statement;
use crate::value::{literal, sub};

/// What some types of resources take.
#[derive(Debug)]
pub(super) struct Right {
    /// The types.
    pub(super) kinds: &'static [&'static str],
    actions: &'static [&'static str],
    /// ARNs after the partition: `{here}` is region and account, `{all}` the account
    /// in all regions, `{stack}` the name of the stack, `{bucket}` that in lower case.
    resources: &'static [&'static str],
    reason: &'static str,
}

impl Right {
    pub(super) fn statement(&self) -> Statement {
        let resources = self.resources.iter().map(|pattern| match *pattern {
            "*" => literal("*"),
            pattern => sub(format!("arn:${{AWS::Partition}}:{pattern}")
                .replace("{here}", "${AWS::Region}:${AWS::AccountId}")
                .replace("{all}", ":${AWS::AccountId}")
                .replace("{stack}", SOLUTION)
                .replace("{bucket}", &SOLUTION.to_lowercase())),
        });
        Statement::allow_pattern(self.actions, resources.collect(), self.reason)
    }
}

const NAMED: &str = "everything of the solution carries its stack's name, and nothing else does";
const DRAWN: &str = "the ids are drawn by the service and say nothing of the stack";
const NO_ARN: &str = "the service has nothing that could be named in a policy for these calls";

/// What changes the rights of a role: only of one within the boundary.
pub(super) const BOUNDED: &[&str] = &[
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
];

/// The services that a role may be handed to.
pub(super) const PASSED_TO: &[&str] = &[
    "cognito-idp.amazonaws.com",
    "firehose.amazonaws.com",
    "iot.amazonaws.com",
    "lambda.amazonaws.com",
];

/// See [`Right`]; without what [`BOUNDED`] has, and without the deletion of what is
/// kept whatever happens: tables, queues, users, telemetry, device policy, thing type.
pub(super) const RIGHTS: &[Right] = &[
    Right {
        kinds: &["AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::RolePolicy"],
        actions: &[
            "iam:DeleteRole",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
        ],
        resources: &["iam:{all}:role/{stack}-*"],
        reason: NAMED,
    },
    Right {
        kinds: &["AWS::DynamoDB::Table"],
        actions: &[
            "dynamodb:CreateTable",
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:DescribeContributorInsights",
            "dynamodb:DescribeKinesisStreamingDestination",
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:GetResourcePolicy",
            "dynamodb:ListTagsOfResource",
            "dynamodb:TagResource",
            "dynamodb:UntagResource",
            "dynamodb:UpdateContinuousBackups",
            "dynamodb:UpdateTable",
            "dynamodb:UpdateTimeToLive",
        ],
        resources: &["dynamodb:{here}:table/{stack}-*"],
        reason: NAMED,
    },
    Right {
        kinds: &[
            "AWS::Lambda::EventInvokeConfig",
            "AWS::Lambda::Function",
            "AWS::Lambda::Permission",
        ],
        actions: &[
            "lambda:AddPermission",
            "lambda:CreateFunction",
            "lambda:DeleteFunction",
            "lambda:DeleteFunctionEventInvokeConfig",
            "lambda:GetFunction",
            "lambda:GetFunctionCodeSigningConfig",
            "lambda:GetFunctionConfiguration",
            "lambda:GetFunctionEventInvokeConfig",
            "lambda:GetFunctionRecursionConfig",
            "lambda:GetPolicy",
            "lambda:GetRuntimeManagementConfig",
            // Custom resources.
            "lambda:InvokeFunction",
            "lambda:ListTags",
            "lambda:PutFunctionEventInvokeConfig",
            "lambda:RemovePermission",
            "lambda:TagResource",
            "lambda:UntagResource",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
            "lambda:UpdateFunctionEventInvokeConfig",
        ],
        resources: &["lambda:{here}:function:{stack}-*"],
        reason: NAMED,
    },
    Right {
        kinds: &["AWS::Logs::LogGroup", "AWS::Logs::LogStream"],
        actions: &[
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DeleteLogGroup",
            "logs:DeleteLogStream",
            "logs:DescribeLogStreams",
            "logs:ListTagsForResource",
            "logs:PutRetentionPolicy",
            "logs:TagResource",
            "logs:UntagResource",
        ],
        resources: &[
            "logs:{here}:log-group:/aws/*/{stack}-*",
            // Listing takes the whole of them.
            "logs:{here}:log-group::log-stream:*",
        ],
        reason: NAMED,
    },
    Right {
        kinds: &["AWS::SQS::Queue", "AWS::SQS::QueuePolicy"],
        actions: &[
            "sqs:CreateQueue",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ListQueueTags",
            "sqs:SetQueueAttributes",
            "sqs:TagQueue",
            "sqs:UntagQueue",
        ],
        resources: &["sqs:{here}:{stack}-*"],
        reason: NAMED,
    },
    Right {
        kinds: &["AWS::SNS::Topic", "AWS::SNS::TopicPolicy"],
        actions: &[
            "sns:CreateTopic",
            "sns:DeleteTopic",
            "sns:GetDataProtectionPolicy",
            "sns:GetTopicAttributes",
            "sns:ListSubscriptionsByTopic",
            "sns:ListTagsForResource",
            "sns:SetTopicAttributes",
            "sns:TagResource",
            "sns:UntagResource",
        ],
        resources: &["sns:{here}:{stack}-*"],
        reason: NAMED,
    },
    Right {
        kinds: &["AWS::Events::Rule"],
        actions: &[
            "events:DeleteRule",
            "events:DescribeRule",
            "events:ListTagsForResource",
            "events:ListTargetsByRule",
            "events:PutRule",
            "events:PutTargets",
            "events:RemoveTargets",
            "events:TagResource",
            "events:UntagResource",
        ],
        resources: &["events:{here}:rule/{stack}-*"],
        reason: NAMED,
    },
    Right {
        kinds: &["AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"],
        actions: &[
            "cloudwatch:DeleteAlarms",
            "cloudwatch:DeleteDashboards",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetDashboard",
            "cloudwatch:ListTagsForResource",
            "cloudwatch:PutDashboard",
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:TagResource",
            "cloudwatch:UntagResource",
        ],
        resources: &[
            "cloudwatch:{here}:alarm:{stack}-*",
            "cloudwatch:{all}:dashboard/{stack}*",
        ],
        reason: NAMED,
    },
    Right {
        kinds: &[
            "AWS::IoT::Policy",
            "AWS::IoT::ThingType",
            "AWS::IoT::TopicRule",
        ],
        actions: &[
            "iot:CreatePolicy",
            "iot:CreatePolicyVersion",
            "iot:CreateThingType",
            "iot:CreateTopicRule",
            "iot:DeletePolicyVersion",
            "iot:DeleteTopicRule",
            "iot:DescribeThingType",
            "iot:GetPolicy",
            "iot:GetTopicRule",
            "iot:ListPolicyVersions",
            "iot:ListTagsForResource",
            "iot:ReplaceTopicRule",
            "iot:SetDefaultPolicyVersion",
            "iot:TagResource",
            "iot:UntagResource",
            "iot:UpdateThingType",
        ],
        resources: &[
            "iot:{here}:policy/{stack}-*",
            // Names of rules have no hyphens.
            "iot:{here}:rule/{stack}*",
            "iot:{here}:thingtype/{stack}-*",
        ],
        reason: NAMED,
    },
    Right {
        kinds: &[
            "AWS::IoT::CustomMetric",
            "AWS::IoT::MitigationAction",
            "AWS::IoT::ScheduledAudit",
            "AWS::IoT::SecurityProfile",
            "AWS::IoT::ThingGroup",
        ],
        actions: &[
            "iot:AttachSecurityProfile",
            "iot:CreateMitigationAction",
            "iot:CreateScheduledAudit",
            "iot:CreateSecurityProfile",
            "iot:CreateThingGroup",
            "iot:DeleteMitigationAction",
            "iot:DeleteScheduledAudit",
            "iot:DeleteSecurityProfile",
            "iot:DeleteThingGroup",
            "iot:DescribeMitigationAction",
            "iot:DescribeScheduledAudit",
            "iot:DescribeSecurityProfile",
            "iot:DescribeThingGroup",
            "iot:DetachSecurityProfile",
            "iot:ListTargetsForSecurityProfile",
            "iot:UpdateMitigationAction",
            "iot:UpdateScheduledAudit",
            "iot:UpdateSecurityProfile",
            "iot:UpdateThingGroup",
        ],
        resources: &[
            // A security profile is attached to a group of things, or to all of them.
            "iot:{here}:all/*",
            "iot:{here}:mitigationaction/{stack}*",
            "iot:{here}:scheduledaudit/{stack}*",
            "iot:{here}:securityprofile/{stack}*",
            "iot:{here}:thinggroup/{stack}*",
        ],
        reason: NAMED,
    },
    Right {
        kinds: &[],
        actions: &[
            "cloudfront:CreateOriginAccessControl",
            "cognito-idp:CreateUserPool",
            "logs:DescribeLogGroups",
        ],
        resources: &["*"],
        reason: NO_ARN,
    },
    Right {
        kinds: &["AWS::IoT::AccountAuditConfiguration"],
        actions: &[
            "iot:DeleteAccountAuditConfiguration",
            "iot:DescribeAccountAuditConfiguration",
            "iot:UpdateAccountAuditConfiguration",
        ],
        resources: &["*"],
        reason: NO_ARN,
    },
    Right {
        kinds: &[
            "AWS::Cognito::UserPool",
            "AWS::Cognito::UserPoolClient",
            "AWS::Cognito::UserPoolGroup",
        ],
        actions: &[
            "cognito-idp:CreateGroup",
            "cognito-idp:CreateUserPoolClient",
            "cognito-idp:DescribeUserPool",
            "cognito-idp:DescribeUserPoolClient",
            "cognito-idp:GetGroup",
            "cognito-idp:GetUserPoolMfaConfig",
            "cognito-idp:ListTagsForResource",
            "cognito-idp:SetUserPoolMfaConfig",
            "cognito-idp:TagResource",
            "cognito-idp:UntagResource",
            "cognito-idp:UpdateGroup",
            "cognito-idp:UpdateUserPool",
            "cognito-idp:UpdateUserPoolClient",
        ],
        resources: &["cognito-idp:{here}:userpool/*"],
        reason: DRAWN,
    },
    Right {
        kinds: &[
            "AWS::ApiGatewayV2::Api",
            "AWS::ApiGatewayV2::Authorizer",
            "AWS::ApiGatewayV2::Integration",
            "AWS::ApiGatewayV2::Route",
            "AWS::ApiGatewayV2::Stage",
        ],
        actions: &[
            "apigateway:DELETE",
            "apigateway:GET",
            "apigateway:PATCH",
            "apigateway:POST",
            "apigateway:PUT",
        ],
        resources: &[
            "apigateway:${AWS::Region}::/apis",
            "apigateway:${AWS::Region}::/apis/*",
            "apigateway:${AWS::Region}::/tags/*",
        ],
        reason: DRAWN,
    },
    Right {
        // The access log of the API's stage, which API Gateway delivers.
        kinds: &["AWS::ApiGatewayV2::Stage"],
        actions: &[
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
        ],
        resources: &["*"],
        reason: NO_ARN,
    },
    Right {
        kinds: &["AWS::S3::Bucket", "AWS::S3::BucketPolicy"],
        actions: &[
            "s3:CreateBucket",
            "s3:DeleteBucketPolicy",
            "s3:GetBucketCORS",
            "s3:GetBucketLogging",
            "s3:GetBucketNotification",
            "s3:GetBucketOwnershipControls",
            "s3:GetBucketPolicy",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketTagging",
            "s3:GetBucketVersioning",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:PutBucketCORS",
            "s3:PutBucketLogging",
            "s3:PutBucketNotification",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
        ],
        resources: &["s3:::{bucket}-*"],
        reason: NAMED,
    },
    Right {
        // The one bucket that goes with its component: its content is made again.
        kinds: &[],
        actions: &["s3:DeleteBucket"],
        resources: &["s3:::{bucket}-consolebucket-*"],
        reason: NAMED,
    },
    Right {
        kinds: &[
            "AWS::CloudFront::CachePolicy",
            "AWS::CloudFront::Distribution",
            "AWS::CloudFront::Function",
            "AWS::CloudFront::OriginAccessControl",
            "AWS::CloudFront::OriginRequestPolicy",
            "AWS::CloudFront::ResponseHeadersPolicy",
        ],
        actions: &[
            "cloudfront:CreateCachePolicy",
            "cloudfront:CreateDistribution",
            "cloudfront:CreateFunction",
            "cloudfront:CreateOriginRequestPolicy",
            "cloudfront:CreateResponseHeadersPolicy",
            "cloudfront:DeleteCachePolicy",
            "cloudfront:DeleteDistribution",
            "cloudfront:DeleteFunction",
            "cloudfront:DeleteOriginAccessControl",
            "cloudfront:DeleteOriginRequestPolicy",
            "cloudfront:DeleteResponseHeadersPolicy",
            "cloudfront:DescribeFunction",
            "cloudfront:GetCachePolicy",
            "cloudfront:GetDistribution",
            "cloudfront:GetDistributionConfig",
            "cloudfront:GetFunction",
            "cloudfront:GetOriginAccessControl",
            "cloudfront:GetOriginAccessControlConfig",
            "cloudfront:GetOriginRequestPolicy",
            "cloudfront:GetResponseHeadersPolicy",
            "cloudfront:GetResponseHeadersPolicyConfig",
            "cloudfront:ListTagsForResource",
            "cloudfront:PublishFunction",
            "cloudfront:TagResource",
            "cloudfront:UntagResource",
            "cloudfront:UpdateCachePolicy",
            "cloudfront:UpdateDistribution",
            "cloudfront:UpdateFunction",
            "cloudfront:UpdateOriginAccessControl",
            "cloudfront:UpdateOriginRequestPolicy",
            "cloudfront:UpdateResponseHeadersPolicy",
        ],
        resources: &[
            "cloudfront:{all}:cache-policy/*",
            "cloudfront:{all}:distribution/*",
            "cloudfront:{all}:function/{stack}-*",
            "cloudfront:{all}:origin-access-control/*",
            "cloudfront:{all}:origin-request-policy/*",
            "cloudfront:{all}:response-headers-policy/*",
        ],
        reason: DRAWN,
    },
    Right {
        kinds: &["AWS::KinesisFirehose::DeliveryStream"],
        actions: &[
            "firehose:CreateDeliveryStream",
            "firehose:DeleteDeliveryStream",
            "firehose:DescribeDeliveryStream",
            "firehose:ListTagsForDeliveryStream",
            "firehose:StartDeliveryStreamEncryption",
            "firehose:StopDeliveryStreamEncryption",
            "firehose:TagDeliveryStream",
            "firehose:UntagDeliveryStream",
            "firehose:UpdateDestination",
        ],
        resources: &["firehose:{here}:deliverystream/{stack}-*"],
        reason: NAMED,
    },
    Right {
        kinds: &["AWS::Glue::Database", "AWS::Glue::Table"],
        actions: &[
            "glue:CreateDatabase",
            "glue:CreateTable",
            "glue:DeleteDatabase",
            "glue:DeleteTable",
            "glue:GetDatabase",
            "glue:GetTable",
            "glue:UpdateDatabase",
            "glue:UpdateTable",
        ],
        resources: &[
            "glue:{here}:catalog",
            // Names in the catalogue are in lower case.
            "glue:{here}:database/{bucket}*",
            "glue:{here}:table/{bucket}*/*",
            "glue:{here}:userDefinedFunction/{bucket}*/*",
        ],
        reason: NAMED,
    },
    Right {
        kinds: &["AWS::Athena::NamedQuery", "AWS::Athena::WorkGroup"],
        actions: &[
            "athena:CreateNamedQuery",
            "athena:CreateWorkGroup",
            "athena:DeleteNamedQuery",
            "athena:DeleteWorkGroup",
            "athena:GetNamedQuery",
            "athena:GetWorkGroup",
            "athena:ListTagsForResource",
            "athena:TagResource",
            "athena:UntagResource",
            "athena:UpdateWorkGroup",
        ],
        resources: &["athena:{here}:workgroup/{stack}*"],
        reason: NAMED,
    },
];
