//! The sandbox as a program of its own.

use std::io::Write;

use serde::Serialize;

use crate::builder::{Builder, StartError};
use crate::sandbox::Sandbox;

#[derive(Serialize)]
struct Greeting<'a> {
    base_urls: Vec<String>,
    ledger: String,
    username: &'a str,
    password: &'a str,
    account: &'a str,
    hot: Hot<'a>,
}

#[derive(Serialize)]
struct Hot<'a> {
    base_urls: Vec<String>,
    access_code: &'a str,
    password: &'a str,
}

/// Starts a sandbox, writes one line of JSON with its addresses and credentials, and serves until ctrl-c.
///
/// What happens is logged through `tracing`; whoever calls this decides where that goes.
///
/// # Errors
///
/// If the sandbox cannot start or the line cannot be written.
pub async fn serve(builder: Builder, out: impl Write) -> Result<(), StartError> {
    serve_until(builder, out, async {
        let _ = tokio::signal::ctrl_c().await; // Without signals there is nothing to wait for.
    })
    .await
}

/// As [`serve`], until `stop` is ready.
///
/// # Errors
///
/// As [`serve`].
pub async fn serve_until(
    builder: Builder,
    mut out: impl Write,
    stop: impl Future<Output = ()>,
) -> Result<(), StartError> {
    tracing::info!(seed = builder.seed, faults = %builder.faults, "the sandbox starts");
    let sandbox = builder.start().await?;
    greet(&sandbox, &mut out).map_err(StartError::Output)?;
    stop.await;
    sandbox.shutdown().await;
    tracing::info!("the sandbox has stopped");
    Ok(())
}

fn greet(sandbox: &Sandbox, out: &mut impl Write) -> std::io::Result<()> {
    let greeting = Greeting {
        base_urls: sandbox.base_urls(),
        ledger: sandbox.ledger_url(),
        username: sandbox.username(),
        password: sandbox.password(),
        account: sandbox.account(),
        hot: Hot {
            base_urls: sandbox.hot_base_urls(),
            access_code: sandbox.hot_access_code(),
            password: sandbox.hot_password(),
        },
    };
    writeln!(out, "{}", serde_json::to_string(&greeting)?)?;
    out.flush()
}
