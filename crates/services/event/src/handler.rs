//! Operations on events: lists of them, one of them, and what its owner says of it.

use api::event::{AlertsCount, EventFilters, EventPage, EventUpdate};
use contract::{metric, route};
use domain::alert;
use domain::event::{
    self, Change, Event, EventError, EventId, EventType, Order, SingleEvents, Timelines,
};
use domain::id::{DeviceId, InvalidId};
use domain::owner::Owners;
use domain::page::{InvalidPageKey, Limit, Page, Scope};
use domain::settings::Settings;
use jiff::Timestamp;
use runtime::http::{Answer, Problem, Request};

/// Events of a page where the request names no `limit`.
const PAGE: u8 = 20;

/// Answers one request.
pub(crate) async fn handle(
    owners: &impl Owners,
    settings: &impl Settings,
    events: &(impl SingleEvents + Timelines),
    request: Request,
) -> Result<Answer, Problem> {
    match request.route.as_str() {
        route::EVENTS_OF_USER => of_user(events, &request).await,
        route::EVENTS_OF_DEVICE => of_device(owners, events, &request).await,
        route::ALERTS => alerts(settings, events, &request).await,
        route::ALERTS_COUNT => alerts_count(settings, events, &request).await,
        route::EVENT_GET => one(owners, events, &request).await,
        route::EVENT_UPDATE => update(owners, events, &request).await,
        other => Err(Problem::unknown_route(other)),
    }
}

async fn of_user(events: &impl Timelines, request: &Request) -> Result<Answer, Problem> {
    let wanted = Wanted::parse(request, "", &["deviceId", "eventType"])?;
    let EventFilters {
        device_id,
        event_type,
    } = &wanted.filters;
    let (device, after) = (device_id.as_ref(), wanted.after.clone());
    let page = event::of_user(
        events,
        &request.user,
        device,
        *event_type,
        wanted.limit,
        after,
    )
    .await?;
    wanted.answer(page)
}

async fn of_device(
    owners: &impl Owners,
    events: &impl Timelines,
    request: &Request,
) -> Result<Answer, Problem> {
    let device = DeviceId::new(request.parameter("deviceId"))?;
    let wanted = Wanted::parse(request, device.as_str(), &["eventType"])?;
    let (event_type, after) = (wanted.filters.event_type, wanted.after.clone());
    let user = &request.user;
    match event::of_device(
        owners,
        events,
        user,
        &device,
        event_type,
        wanted.limit,
        after,
    )
    .await
    {
        Ok(page) => wanted.answer(page),
        Err(err) => Err(err.into()),
    }
}

async fn alerts(
    settings: &impl Settings,
    events: &impl Timelines,
    request: &Request,
) -> Result<Answer, Problem> {
    let wanted = Wanted::parse(request, "", &["deviceId"])?;
    let (device, after) = (wanted.filters.device_id.as_ref(), wanted.after.clone());
    let user = &request.user;
    let page = alert::page(settings, events, user, device, wanted.limit, after).await?;
    wanted.answer(page)
}

async fn alerts_count(
    settings: &impl Settings,
    events: &impl Timelines,
    request: &Request,
) -> Result<Answer, Problem> {
    request.accept_query(&[])?;
    let alerts_count = alert::count(settings, events, &request.user).await?;
    Answer::json(&AlertsCount { alerts_count })
}

async fn one(
    owners: &impl Owners,
    events: &impl SingleEvents,
    request: &Request,
) -> Result<Answer, Problem> {
    request.accept_query(&[])?;
    let (device, id) = path(request)?;
    let found = event::one(owners, events, &request.user, &device, id).await;
    Answer::json(&found.map_err(problem)?)
}

async fn update(
    owners: &impl Owners,
    events: &impl SingleEvents,
    request: &Request,
) -> Result<Answer, Problem> {
    request.accept_query(&[])?;
    let (device, id) = path(request)?;
    let wanted: EventUpdate = request.body()?;
    let change = Change::of(wanted.ack, wanted.suppress).ok_or_else(|| {
        Problem::invalid("the body changes nothing: give `ack`, `suppress` or both")
    })?;
    let (user, now) = (&request.user, Timestamp::now());
    let stored = event::update(owners, events, user, &device, id, change, now).await;
    let answer = Answer::json(&stored.map_err(problem)?)?;
    Ok(if wanted.ack == Some(true) {
        answer.counting(metric::ALERT_ACKNOWLEDGED)
    } else {
        answer
    })
}

fn path(request: &Request) -> Result<(DeviceId, EventId), InvalidId> {
    Ok((
        DeviceId::new(request.parameter("deviceId"))?,
        EventId::new(request.parameter("eventId"))?,
    ))
}

fn problem(err: EventError) -> Problem {
    match err {
        EventError::Owned(err) => err.into(),
        EventError::Missing(_) => Problem::named("MissingEvent", err.to_string()),
    }
}

/// What a request wants of a list.
struct Wanted<'a> {
    filters: EventFilters,
    limit: Limit,
    after: Option<Order>,
    /// What a page key is good for.
    scope: [&'a str; 5],
}

impl<'a> Wanted<'a> {
    /// Reads paging and the filters called `names`; `device` is the one in the path.
    fn parse(request: &'a Request, device: &'a str, names: &[&str]) -> Result<Self, Problem> {
        request.accept_query(&[names, &["limit", "lastevalkey"]].concat())?;
        let filter = |name| request.query(name);
        let filters = EventFilters {
            device_id: filter("deviceId").map(DeviceId::new).transpose()?,
            event_type: filter("eventType").map(event_type).transpose()?,
        };
        let scope = [
            request.user.as_str(),
            &request.route,
            device,
            filter("deviceId").unwrap_or_default(),
            filter("eventType").unwrap_or_default(),
        ];
        let after = filter("lastevalkey").map(|key| {
            let position = Scope(&scope).open(key)?;
            Order::parse(&position).ok_or(InvalidPageKey)
        });
        Ok(Self {
            filters,
            limit: Limit::parse(request.query("limit"), PAGE)?,
            after: after.transpose()?,
            scope,
        })
    }

    fn answer(self, page: Page<Event>) -> Result<Answer, Problem> {
        Answer::json(&EventPage {
            count: page.items.len(),
            scanned_count: page.scanned,
            items: page.items,
            last_evaluated_key: page.next.map(|position| Scope(&self.scope).seal(&position)),
            filters: self.filters,
        })
    }
}

fn event_type(word: &str) -> Result<EventType, Problem> {
    EventType::parse(word).ok_or_else(|| {
        Problem::named(
            "InvalidParameter",
            "`eventType` must be one of error, warning, info, diagnostic",
        )
    })
}

#[cfg(test)]
mod tests;
