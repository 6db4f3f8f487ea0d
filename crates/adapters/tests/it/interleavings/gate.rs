//! Calls to the outside, let through one at a time in an order that a test chooses.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::sync::oneshot;

tokio::task_local! {
    /// Who is at work.
    static ACTOR: usize;
}

type Actor<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Where calls wait.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Whether calls wait at all.
    closed: bool,
    /// The actor that makes each call, and how to let it through; oldest first.
    waiting: Vec<(usize, oneshot::Sender<()>)>,
    running: usize,
}

impl Gate {
    /// Makes one call, once it may.
    pub(super) async fn pass<T>(&self, call: impl Future<Output = T>) -> T {
        let turn = {
            let mut state = self.state();
            state.closed.then(|| {
                let (go, turn) = oneshot::channel();
                state.waiting.push((ACTOR.get(), go));
                turn
            })
        };
        let Some(turn) = turn else {
            return call.await;
        };
        turn.await.unwrap();
        let made = call.await;
        self.state().running -= 1;
        made
    }

    /// Runs `actors` to their end, one call after the other. Between any two
    /// `next` is told whose calls wait, oldest first, and says which one is made,
    /// or none.
    pub(super) async fn conduct<'a>(
        &self,
        actors: impl IntoIterator<Item = impl Future<Output = ()> + 'a>,
        mut next: impl AsyncFnMut(&[usize]) -> Option<usize>,
    ) {
        let actors = actors.into_iter().enumerate();
        let mut actors: Vec<Actor<'_>> = actors
            .map(|(number, actor)| Box::pin(ACTOR.scope(number, actor)) as Actor<'_>)
            .collect();
        self.state().closed = true;
        loop {
            std::future::poll_fn(|context| self.settle(&mut actors, context)).await;
            let waiting = self.waiting();
            if waiting.is_empty() {
                assert!(actors.is_empty(), "somebody waits for something else");
                break;
            }
            if let Some(chosen) = next(&waiting).await {
                let mut state = self.state();
                state.running += 1;
                let (_, go) = state.waiting.remove(chosen);
                drop(state);
                go.send(()).unwrap();
            }
        }
        self.state().closed = false;
    }

    /// Ready when every actor waits for its turn, or is done.
    fn settle(&self, actors: &mut Vec<Actor<'_>>, context: &mut Context<'_>) -> Poll<()> {
        actors.retain_mut(|it| it.as_mut().poll(context).is_pending());
        match self.state().running {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }

    /// Whose calls wait; those of who was stopped do so no more.
    fn waiting(&self) -> Vec<usize> {
        let mut state = self.state();
        state.waiting.retain(|(_, go)| !go.is_closed());
        state.waiting.iter().map(|(actor, _)| *actor).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// A client whose requests pass this gate.
    pub(super) fn before(&self, inner: SharedHttpClient) -> SharedHttpClient {
        let gate = self.clone();
        SharedHttpClient::new(GatedClient { gate, inner })
    }
}

#[derive(Debug)]
struct GatedClient {
    gate: Gate,
    inner: SharedHttpClient,
}

impl HttpClient for GatedClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(GatedConnector {
            gate: self.gate.clone(),
            inner: self.inner.http_connector(settings, components),
        })
    }
}

#[derive(Debug)]
struct GatedConnector {
    gate: Gate,
    inner: SharedHttpConnector,
}

impl HttpConnector for GatedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (gate, inner) = (self.gate.clone(), self.inner.clone());
        HttpConnectorFuture::new(async move {
            let call = async {
                // With its body: a call that still reads is not over.
                let mut response = inner.call(request).await?;
                let body = std::mem::replace(response.body_mut(), SdkBody::taken());
                let body = ByteStream::new(body).collect().await;
                let body = body.map_err(|err| ConnectorError::io(Box::new(err)))?;
                *response.body_mut() = SdkBody::from(body.into_bytes());
                Ok(response)
            };
            gate.pass(call).await
        })
    }
}
