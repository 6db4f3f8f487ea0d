//! Plain lists: an array, and a header with the next request.

use domain::page::{Limit, MOST, Scope};
use serde::Serialize;

use super::{Answer, Problem, Request};

/// A request for a page of a plain list of the caller.
#[derive(Debug)]
pub struct Listing<'a> {
    /// How many rows are wanted.
    pub limit: Limit,
    /// The row that the page before ended with.
    pub after: Option<String>,
    scope: [&'a str; 2],
}

impl<'a> Listing<'a> {
    /// Reads `limit` and `lastevalkey`, the only parameters that such a list has.
    ///
    /// # Errors
    ///
    /// A [`Problem`] that names the parameter which is not valid.
    pub fn parse(request: &'a Request) -> Result<Self, Problem> {
        request.accept_query(&["limit", "lastevalkey"])?;
        let scope = [request.user.as_str(), request.route.as_str()];
        let key = request.query("lastevalkey");
        Ok(Self {
            limit: Limit::parse(request.query("limit"), MOST)?,
            after: key.map(|key| Scope(&scope).open(key)).transpose()?,
            scope,
        })
    }

    /// The answer with `items`; `last` is the row they end with, where there is more.
    ///
    /// # Errors
    ///
    /// See [`Answer::json`].
    pub fn answer(
        &self,
        items: &[impl Serialize],
        last: Option<String>,
    ) -> Result<Answer, Problem> {
        let next = last.map(|last| {
            let key = Scope(&self.scope).seal(&last);
            format!("limit={}&lastevalkey={key}", self.limit.rows())
        });
        Ok(Answer::json(&items)?.next(next))
    }
}
