//! The least that a function can be: what the benchmark compares the others
//! with. It is a package of its own so that nothing but this gets into it.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(async |_: LambdaEvent<Value>| {
        Ok::<_, Error>(json!({"message": "hello"}))
    }))
    .await
}
