//! One HTTP request in, one JSON answer out.
//!
//! The gateway has matched the route and checked the token. What is left for a
//! function: that the token is an ID token, which row of parameters and body it
//! got, and the one shape of all errors.

mod body;
mod list;

use std::collections::HashMap;

use api::error::Error;
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::metric;
use domain::id::{InvalidId, UserId};
use domain::owner::OwnedError;
use domain::page::{InvalidLimit, InvalidPageKey};
use domain::store::{Cause, StoreError};
use lambda_runtime::LambdaEvent;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::{error, info};

pub use self::list::Listing;

use crate::Chain;

/// The group of the user pool whose members administer the solution.
const ADMIN_GROUP: &str = "admin";

/// A request whose caller is known.
#[derive(Debug)]
pub struct Request {
    /// The route that the gateway matched: a key of `contract::route`.
    pub route: String,
    /// Who asks: the token's `sub`.
    pub user: UserId,
    /// Whether the caller is in the user pool's group `admin`.
    pub admin: bool,
    parameters: HashMap<String, String>,
    /// Names and values in the order of the request.
    query: Vec<(String, String)>,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    fn parse(event: ApiGatewayV2httpRequest) -> Result<Self, Problem> {
        let claims = event
            .request_context
            .authorizer
            .and_then(|it| it.jwt)
            .map(|it| it.claims);
        let claims = claims.unwrap_or_default();
        // The gateway's authorizer also lets access tokens through.
        if claims.get("token_use").map(String::as_str) != Some("id") {
            return Err(Problem::unauthorized(
                "the token is not an ID token: send the `IdToken` of the sign-in",
            ));
        }
        let user = claims.get("sub").cloned().unwrap_or_default();
        let user =
            UserId::new(user).map_err(|_| Problem::unauthorized("the token names no user"))?;

        let groups = claims.get("cognito:groups").map_or("", String::as_str);

        let body = event.body.unwrap_or_default();
        if body.len() > body::LARGEST {
            return Err(Problem::invalid(format!(
                "the body has {} bytes: at most {} are accepted",
                body.len(),
                body::LARGEST
            )));
        }
        let body = match event.is_base64_encoded {
            true => STANDARD
                .decode(body)
                .map_err(|_| Problem::invalid("the body is not valid base64"))?,
            false => body.into_bytes(),
        };
        let sent = event.headers.iter();
        let sent = sent.map(|(name, it)| (name.as_str(), it.to_str().unwrap_or_default()));
        Ok(Self {
            route: event.route_key.unwrap_or_default(),
            user,
            admin: lists(groups, ADMIN_GROUP),
            parameters: event.path_parameters,
            query: query(&event.raw_query_string.unwrap_or_default()),
            headers: headers(sent),
            body,
        })
    }

    /// A path parameter, still percent-decoded by the gateway.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A query parameter, where it was sent.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.queries(name).next()
    }

    /// A header by its name in lower case, where it was sent; empty where it
    /// holds what is no text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Refuses query parameters that are not in `known`, as a misspelt filter must
    /// not answer with everything, and those that are given twice.
    ///
    /// # Errors
    ///
    /// A [`Problem`] that names the parameter and what would be right.
    pub fn accept_query(&self, known: &[&str]) -> Result<(), Problem> {
        self.know_query(known)?;
        match known.iter().find(|it| self.queries(it).nth(1).is_some()) {
            None => Ok(()),
            Some(repeated) => Err(Problem::invalid(format!(
                "query parameter `{repeated}` is given twice: give it once"
            ))),
        }
    }

    /// All values of `name`, the only query parameter that is accepted here and
    /// one that may be given again and again.
    ///
    /// # Errors
    ///
    /// A [`Problem`] that names another parameter.
    pub fn query_list(&self, name: &str) -> Result<Vec<&str>, Problem> {
        self.know_query(&[name])?;
        Ok(self.queries(name).collect())
    }

    fn queries(&self, name: &str) -> impl Iterator<Item = &str> {
        let of_name = self.query.iter().filter(move |(it, _)| it == name);
        of_name.map(|(_, value)| value.as_str())
    }

    fn know_query(&self, known: &[&str]) -> Result<(), Problem> {
        let unknown = |(name, _): &&(String, String)| !known.contains(&name.as_str());
        match self.query.iter().find(unknown) {
            None => Ok(()),
            Some((unknown, _)) => Err(Problem::invalid(format!(
                "query parameter `{}` is unknown here: {}",
                quote(unknown),
                match known {
                    [] => "none is accepted".to_owned(),
                    _ => format!("accepted are `{}`", known.join("`, `")),
                }
            ))),
        }
    }

    /// The body as `T`, which should deny unknown fields.
    ///
    /// # Errors
    ///
    /// A [`Problem`] that names the field and what is wrong with it.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        body::parse(&self.body)
    }
}

/// Whether the claim names `group`: the gateway writes a list claim as `[a b]`.
fn lists(claim: &str, group: &str) -> bool {
    claim
        .trim_matches(['[', ']'])
        .split([' ', ','])
        .any(|it| it == group)
}

/// Splits a raw query string. The gateway joins repeated parameters with a
/// comma in its own map, which a value may hold as well, so that map is not used.
fn query(raw: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(raw.as_bytes())
        .into_owned()
        .collect()
}

/// What a function may want to know of a request; whatever names its caller has
/// been used by the gateway, and must not get into a log.
fn headers<'a>(found: impl Iterator<Item = (&'a str, &'a str)>) -> HashMap<String, String> {
    const SECRET: [&str; 2] = ["authorization", "cookie"];
    found
        .filter(|(name, _)| !SECRET.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Text of a client inside a message: cut, and without control characters.
fn quote(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// An error as the client sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Stable name, one of the API's contract.
    pub error: &'static str,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Problem {
    /// 400 `BadRequest`: the request itself is wrong.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: 400,
            error: "BadRequest",
            message: message.into(),
        }
    }

    /// 400 under another name of the contract.
    #[must_use]
    pub fn named(error: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            error,
            message: message.into(),
        }
    }

    /// 400 `DeviceNotFoundFailure`: the same words for a device of somebody else
    /// and for none.
    #[must_use]
    pub fn no_such_device() -> Self {
        Self::named(
            "DeviceNotFoundFailure",
            "you have no such device: `GET /registration` lists the devices that you have",
        )
    }

    /// 401 `AccessDeniedException`.
    #[must_use]
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self {
            status: 401,
            error: "AccessDeniedException",
            message: message.into(),
        }
    }

    /// 400 for a route that the gateway should not have sent here.
    #[must_use]
    pub fn unknown_route(route: &str) -> Self {
        Self::invalid(format!(
            "`{}` is not an operation of this service",
            quote(route)
        ))
    }

    /// 503: the same request may work in a moment.
    #[must_use]
    pub fn busy(message: impl Into<String>) -> Self {
        Self {
            status: 503,
            error: "ServiceUnavailable",
            message: message.into(),
        }
    }

    fn internal() -> Self {
        Self {
            status: 500,
            error: "InternalFailure",
            message: "the request failed on our side; the log has the reason under the request id"
                .to_owned(),
        }
    }
}

impl From<StoreError> for Problem {
    /// Logs the chain here, its only place; the client learns no internals.
    fn from(err: StoreError) -> Self {
        error!(error.chain = %Chain(&err), "{err}");
        match err.cause {
            Cause::Broken => Self::internal(),
            Cause::Busy => Self::busy(
                "a service we depend on is busy: repeat the request after the seconds in `Retry-After`",
            ),
        }
    }
}

impl From<OwnedError> for Problem {
    fn from(err: OwnedError) -> Self {
        match err {
            OwnedError::NotOwner => Self::no_such_device(),
            OwnedError::Store(err) => err.into(),
        }
    }
}

impl From<InvalidId> for Problem {
    fn from(err: InvalidId) -> Self {
        Self::named("InvalidParameter", err.to_string())
    }
}

impl From<InvalidLimit> for Problem {
    fn from(err: InvalidLimit) -> Self {
        Self::named("InvalidParameter", err.to_string())
    }
}

impl From<InvalidPageKey> for Problem {
    fn from(err: InvalidPageKey) -> Self {
        Self::named("InvalidParameter", err.to_string())
    }
}

/// A successful answer.
#[derive(Debug)]
pub struct Answer {
    body: String,
    link: Option<String>,
    counted: Option<&'static str>,
}

impl Answer {
    /// 200 with `value` as JSON.
    ///
    /// # Errors
    ///
    /// A 500 where `value` cannot be written as JSON.
    pub fn json(value: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(value).map_err(|err| {
            error!(error.chain = %Chain(&err), "an answer is no JSON");
            Problem::internal()
        })?;
        Ok(Self {
            body,
            link: None,
            counted: None,
        })
    }

    /// Counts what the request has brought about, one of [`contract::metric`].
    #[must_use]
    pub fn counting(mut self, metric: &'static str) -> Self {
        self.counted = Some(metric);
        self
    }

    /// Adds the header that holds the next request of a list: the same one with
    /// another query. A client resolves it against the address that it used,
    /// which a function behind a gateway or a CDN does not know.
    #[must_use]
    pub fn next(mut self, query: Option<String>) -> Self {
        self.link = query.map(|it| format!("<?{it}>; rel=\"next\""));
        self
    }
}

/// [`respond`] for a function that has other callers as well.
///
/// # Errors
///
/// When the payload is no event of the gateway.
pub async fn respond_json<F>(
    event: LambdaEvent<Value>,
    operation: impl FnOnce(Request) -> F,
) -> Result<Value, lambda_runtime::Error>
where
    F: Future<Output = Result<Answer, Problem>>,
{
    let payload = serde_json::from_value(event.payload)?;
    let response = respond(LambdaEvent::new(payload, event.context), operation).await?;
    Ok(serde_json::to_value(response)?)
}

/// Answers one invocation by the gateway with what `operation` makes of it, and
/// counts what became of it.
///
/// # Errors
///
/// None: every failure is an HTTP answer.
pub async fn respond<F>(
    event: LambdaEvent<ApiGatewayV2httpRequest>,
    operation: impl FnOnce(Request) -> F,
) -> Result<ApiGatewayV2httpResponse, lambda_runtime::Error>
where
    F: Future<Output = Result<Answer, Problem>>,
{
    let outcome = perform(event, operation).await;
    let counts = counts(&outcome);
    crate::count_all(metric::NAMESPACE, &counts);
    response(outcome)
}

/// What `operation` makes of one invocation by the gateway.
///
/// # Errors
///
/// What the client is to be told.
pub async fn perform<F>(
    event: LambdaEvent<ApiGatewayV2httpRequest>,
    operation: impl FnOnce(Request) -> F,
) -> Result<Answer, Problem>
where
    F: Future<Output = Result<Answer, Problem>>,
{
    match Request::parse(event.payload) {
        Ok(request) => {
            let (route, user) = (request.route.clone(), request.user.clone());
            let outcome = operation(request).await;
            if let Err(problem) = &outcome {
                info!(http.route = route, user.id = %user, http.status = problem.status,
                    error.name = problem.error, "{}", problem.message);
            }
            outcome
        }
        Err(problem) => Err(problem),
    }
}

/// What an outcome adds to the metrics: the kind of answer, and what an answer
/// has counted itself.
#[must_use]
pub fn counts(outcome: &Result<Answer, Problem>) -> Vec<(&'static str, usize)> {
    let request = match outcome {
        Ok(_) => metric::REQUEST_ANSWERED,
        Err(problem) => match problem.status {
            503 => metric::REQUEST_UNAVAILABLE,
            400..500 => metric::REQUEST_REFUSED,
            _ => metric::REQUEST_FAILED,
        },
    };
    let brought_about = outcome.as_ref().ok().and_then(|it| it.counted);
    [Some(request), brought_about]
        .into_iter()
        .flatten()
        .map(|name| (name, 1))
        .collect()
}

fn response(
    outcome: Result<Answer, Problem>,
) -> Result<ApiGatewayV2httpResponse, lambda_runtime::Error> {
    let mut response = ApiGatewayV2httpResponse::default();
    response
        .headers
        .insert("content-type", "application/json".parse()?);
    response
        .headers
        .insert("cache-control", "no-store".parse()?);
    match outcome {
        Ok(answer) => {
            response.status_code = 200;
            response.body = Some(answer.body.into());
            if let Some(link) = answer.link {
                response.headers.insert("link", link.parse()?);
            }
        }
        Err(problem) => {
            response.status_code = problem.status.into();
            if matches!(problem.status, 429 | 503) {
                response.headers.insert("retry-after", "1".parse()?);
            }
            let body = Error {
                code: problem.status,
                error: problem.error.into(),
                message: problem.message,
            };
            response.body = Some(serde_json::to_string(&body)?.into());
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_counts_once() {
        let answered = || Answer::json(&"done").unwrap();
        let failed = |cause| {
            Problem::from(StoreError {
                operation: "read",
                cause,
                source: "broken".into(),
            })
        };
        let cases = [
            (Ok(answered()), &[metric::REQUEST_ANSWERED][..]),
            (
                Ok(answered().counting(metric::DEVICE_DELETED)),
                &[metric::REQUEST_ANSWERED, metric::DEVICE_DELETED],
            ),
            (Err(Problem::invalid("no")), &[metric::REQUEST_REFUSED]),
            (Err(Problem::unauthorized("no")), &[metric::REQUEST_REFUSED]),
            (Err(Problem::busy("later")), &[metric::REQUEST_UNAVAILABLE]),
            (Err(failed(Cause::Busy)), &[metric::REQUEST_UNAVAILABLE]),
            (Err(failed(Cause::Broken)), &[metric::REQUEST_FAILED]),
        ];
        for (outcome, expected) in cases {
            let counts = counts(&outcome);
            let names: Vec<_> = counts.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, expected, "{outcome:?}");
            assert!(counts.iter().all(|(_, number)| *number == 1));
        }
    }

    #[test]
    fn a_group_counts_by_its_whole_name() {
        for claim in [
            "[admin]",
            "[dev admin]",
            "[admin,dev]",
            "admin",
            "[admin dev]",
        ] {
            assert!(lists(claim, ADMIN_GROUP), "{claim}");
        }
        for claim in [
            "",
            "[]",
            "[dev]",
            "[administrators]",
            "[not-admin]",
            "[Admin]",
        ] {
            assert!(!lists(claim, ADMIN_GROUP), "{claim}");
        }
    }
}
