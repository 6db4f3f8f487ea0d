//! Two operations: list, and register.

use api::registration::{NewRegistration, RegistrationView};
use contract::{metric, route};
use domain::id::RegistrationId;
use domain::registration::{Products, RegisterError, Registrations, Things, register};
use jiff::Timestamp;
use runtime::http::{Answer, Listing, Problem, Request};
use tracing::info;
use uuid::Uuid;

/// Answers one request.
pub(crate) async fn handle(
    tables: &(impl Products + Registrations),
    things: &impl Things,
    request: Request,
) -> Result<Answer, Problem> {
    match request.route.as_str() {
        route::REGISTRATION_LIST => list(tables, &request).await,
        route::REGISTRATION_CREATE => create(tables, things, &request).await,
        other => Err(Problem::unknown_route(other)),
    }
}

async fn list(tables: &impl Registrations, request: &Request) -> Result<Answer, Problem> {
    let listing = Listing::parse(request)?;
    let (user, after) = (&request.user, listing.after.as_deref());
    let page = tables.of_user(user, after, listing.limit).await?;
    let items: Vec<_> = page.items.into_iter().map(RegistrationView::from).collect();
    listing.answer(&items, page.next)
}

async fn create(
    tables: &(impl Products + Registrations),
    things: &impl Things,
    request: &Request,
) -> Result<Answer, Problem> {
    request.accept_query(&[])?;
    let wanted: NewRegistration = request.body()?;
    let id = RegistrationId(Uuid::now_v7());
    let now = Timestamp::now();
    match register(
        tables,
        things,
        tables,
        &request.user,
        wanted.into(),
        id,
        now,
    )
    .await
    {
        Ok(registration) => {
            let device = registration.device.clone();
            info!(device.id = %device, user.id = %request.user, "registered device `{device}`");
            let answer = Answer::json(&RegistrationView::from(registration))?;
            Ok(answer.counting(metric::DEVICE_REGISTERED))
        }
        Err(err @ RegisterError::NotManufactured(..)) => {
            Err(Problem::named("DeviceNotFoundFailure", err.to_string()))
        }
        Err(err @ RegisterError::Taken(_)) => Err(Problem {
            status: 409,
            error: "DeviceRegisteredFailure",
            message: err.to_string(),
        }),
        Err(RegisterError::Store(err)) => Err(err.into()),
    }
}
