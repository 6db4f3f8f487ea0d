//! `GET` and `PUT /settings/config/{settingId}`.

use api::setting::{SettingBody, SettingView};
use contract::route;
use domain::id::SettingId;
use domain::settings::{OwnSettings, SolutionSetting, SolutionSettings, UserSettings};
use jiff::Timestamp;
use runtime::http::{Answer, Problem, Request};

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
        Some(stored) => Answer::json(&SettingView::of(id, stored)),
        None => Answer::json(&SettingView::unstored(id, UserSettings::default())),
    }
}

async fn put_own(
    settings: &impl OwnSettings,
    id: &SettingId,
    request: &Request,
) -> Result<Answer, Problem> {
    let body: SettingBody<UserSettings> = request.body().map_err(invalid)?;
    let stored = settings
        .put(&request.user, &body.setting, Timestamp::now())
        .await?;
    Answer::json(&SettingView::of(id, stored))
}

async fn get(settings: &impl SolutionSettings, id: &SettingId) -> Result<Answer, Problem> {
    match settings.get(id).await? {
        Some(stored) => Answer::json(&SettingView::of(id, stored)),
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
    let body: SettingBody<SolutionSetting> = request.body().map_err(invalid)?;
    let stored = settings.put(id, &body.setting, Timestamp::now()).await?;
    Answer::json(&SettingView::of(id, stored))
}

fn invalid(problem: Problem) -> Problem {
    Problem {
        error: "InvalidSetting",
        ..problem
    }
}
