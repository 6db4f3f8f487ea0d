//! `GET` and `PUT /settings/config/{settingId}`.

use contract::route;
use domain::id::SettingId;
use domain::settings::{OwnSettings, SolutionSetting, SolutionSettings, Stored, UserSettings};
use jiff::Timestamp;
use runtime::http::{Answer, Problem, Request};
use serde::{Deserialize, Serialize};

/// Answers one request. A user's own setting is the one under the user's id;
/// every other one belongs to the solution and its administrators.
pub(crate) async fn handle(
    settings: &(impl OwnSettings + SolutionSettings),
    request: Request,
) -> Result<Answer, Problem> {
    request.accept_query(&[])?;
    let id = SettingId::new(request.parameter("settingId"))?;
    let own = id.as_str() == request.user.as_str();
    if !own && !request.admin {
        return Err(Problem::unauthorized(
            "this setting is not yours: only members of the group `admin` may use settings of the solution",
        ));
    }
    match (request.route.as_str(), own) {
        (route::SETTING_GET, true) => get_own(settings, &id, &request).await,
        (route::SETTING_GET, false) => get(settings, &id).await,
        (route::SETTING_PUT, true) => put_own(settings, &id, &request).await,
        (route::SETTING_PUT, false) => put(settings, &id, &request).await,
        (other, _) => Err(Problem::unknown_route(other)),
    }
}

async fn get_own(
    settings: &impl OwnSettings,
    id: &SettingId,
    request: &Request,
) -> Result<Answer, Problem> {
    match settings.get(&request.user).await? {
        Some(stored) => Answer::json(&View::of(id, stored)),
        None => Answer::json(&View::unstored(id, UserSettings::default())),
    }
}

async fn put_own(
    settings: &impl OwnSettings,
    id: &SettingId,
    request: &Request,
) -> Result<Answer, Problem> {
    let body: Body<UserSettings> = request.body().map_err(invalid)?;
    let stored = settings
        .put(&request.user, &body.setting, Timestamp::now())
        .await?;
    Answer::json(&View::of(id, stored))
}

async fn get(settings: &impl SolutionSettings, id: &SettingId) -> Result<Answer, Problem> {
    match settings.get(id).await? {
        Some(stored) => Answer::json(&View::of(id, stored)),
        None => Err(Problem::named(
            "MissingSetting",
            format!("there is no setting `{id}`"),
        )),
    }
}

async fn put(
    settings: &impl SolutionSettings,
    id: &SettingId,
    request: &Request,
) -> Result<Answer, Problem> {
    let body: Body<SolutionSetting> = request.body().map_err(invalid)?;
    let stored = settings.put(id, &body.setting, Timestamp::now()).await?;
    Answer::json(&View::of(id, stored))
}

fn invalid(problem: Problem) -> Problem {
    Problem {
        error: "InvalidSetting",
        ..problem
    }
}

/// What a client sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body<T> {
    setting: T,
}

/// What a client sees. The times are absent on a setting that holds without
/// having been stored.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View<T> {
    setting_id: SettingId,
    setting: T,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "domain::time::serialize_option"
    )]
    created_at: Option<Timestamp>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "domain::time::serialize_option"
    )]
    updated_at: Option<Timestamp>,
}

impl<T> View<T> {
    fn of(id: &SettingId, stored: Stored<T>) -> Self {
        Self {
            setting_id: id.clone(),
            setting: stored.setting,
            created_at: Some(stored.created_at),
            updated_at: Some(stored.updated_at),
        }
    }

    fn unstored(id: &SettingId, setting: T) -> Self {
        Self {
            setting_id: id.clone(),
            setting,
            created_at: None,
            updated_at: None,
        }
    }
}
