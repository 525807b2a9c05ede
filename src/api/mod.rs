//! The operators' door: Cloudflare's API, in front of [`crate::control`].
//!
//! It translates: requests into changes, and what came of them into Cloudflare's envelope, status and codes. It holds no
//! record and never touches the data plane. This page lists what it answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::conf::Conf;
use crate::control::Control;
use crate::metrics::Metrics;
use crate::tail::Tails;

mod account;
mod assets;
mod auth;
mod body;
mod custom_csrs;
mod custom_hostname_body;
mod custom_hostname_object;
mod custom_hostnames;
mod description;
mod domains;
mod door;
mod envelope;
mod errors;
mod explain;
mod form;
mod hostname_status;
mod kv;
mod kv_values;
mod listing;
mod namespaces;
mod purge;
mod scripts;
mod secrets;
mod settings;
mod tags;
mod tails;
mod target;
mod usage;
mod versions;
mod workers;

/// A custom hostname as clients see it.
pub(crate) use custom_hostname_object::shown as shown_custom_hostname;

/// Before every path of the API.
const BASE: &str = "/client/v4";
/// How often the start is tried again while the store is away.
const RETRY: Duration = Duration::from_secs(1);

/// What every handler works with.
pub(crate) struct Api {
    control: Arc<Control>,
    conf: Conf,
    /// The account's id.
    account: String,
    failures: auth::Failures,
    /// Uploads of assets are read a few at a time: each is in memory as a whole.
    asset_uploads: tokio::sync::Semaphore,
    /// The same for values of key-value namespaces, and for bulk writes of them.
    kv_values: tokio::sync::Semaphore,
    kv_bulks: tokio::sync::Semaphore,
    metrics: Arc<Metrics>,
    tails: Arc<Tails>,
}

type Shared = Arc<Api>;

/// Serves the API until the process ends.
pub async fn serve(
    conf: Conf,
    address: SocketAddr,
    control: Arc<Control>,
    metrics: Arc<Metrics>,
    tails: Arc<Tails>,
) {
    let account = loop {
        match start(&control).await {
            Ok(account) => break account,
            Err(error) => {
                tracing::error!(%error, "the control API cannot start yet; trying again");
                tokio::time::sleep(RETRY).await;
            }
        }
    };
    let api = Arc::new(Api {
        failures: auth::Failures::new(conf.api.failures_per_minute),
        asset_uploads: tokio::sync::Semaphore::new(assets::UPLOADS),
        kv_values: tokio::sync::Semaphore::new(kv_values::VALUES),
        kv_bulks: tokio::sync::Semaphore::new(kv_values::BULKS),
        control,
        account,
        conf,
        metrics,
        tails,
    });
    let control = api.control.clone();
    tokio::join!(door::serve(api, address), control.sweep_kv_namespaces());
}

/// What has to be true before anybody is answered: there is an account, and somebody has a token for it.
async fn start(control: &Control) -> Result<String, crate::control::ControlError> {
    let account = control.account().await?;
    control.resume_namespaces().await?;
    if let Some(token) = control.first_token().await? {
        // On standard error alone, beside the log: a log is kept and read by others.
        eprintln!(
            "\nThe control API's first token; it may do everything and is not shown again:\n\n  {token}\n\n\
             `cirque token create` makes more, `cirque token revoke first` ends this one.\n"
        );
    }
    Ok(account.id)
}

/// Everything the API answers, with its description.
fn routes() -> (Router<Shared>, OpenApi) {
    let account = "/accounts/{account_id}";
    let namespaces = "/accounts/{account_id}/workers/dispatch/namespaces";
    let (router, description) = OpenApiRouter::new()
        .merge(account::routes())
        .nest(
            namespaces,
            namespaces::routes().merge(tails::namespace_routes()),
        )
        .nest(
            "/accounts/{account_id}/workers/dispatch/namespaces/{namespace}/scripts",
            listing::routes().merge(script_routes()),
        )
        .nest(
            "/accounts/{account_id}/workers/scripts",
            workers::list_routes()
                .merge(script_routes())
                .merge(workers::script_routes()),
        )
        .nest("/accounts/{account_id}/storage/kv/namespaces", kv::routes())
        .nest(account, workers::routes().merge(assets::routes()))
        .nest(
            "/zones/{zone_id}/custom_hostnames",
            custom_hostnames::routes(),
        )
        .nest("/zones/{zone_id}/custom_csrs", custom_csrs::routes())
        .nest("/accounts/{account_id}/custom_csrs", custom_csrs::routes())
        .merge(custom_hostnames::zone_routes())
        .merge(domains::routes())
        .merge(purge::zone_routes())
        .merge(tails::routes())
        .merge(usage::routes())
        .merge(explain::routes())
        .split_for_parts();
    (router, description::complete(description))
}

/// What can be done with one script, in a namespace or outside of any.
fn script_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(purge::script_routes())
        .routes(routes!(scripts::get, scripts::put, scripts::delete))
        .routes(routes!(scripts::get_content, scripts::put_content))
        .routes(routes!(scripts::get_content_v2))
        .routes(routes!(settings::get, settings::patch))
        .routes(routes!(settings::get_script, settings::patch_script))
        .routes(routes!(settings::bindings))
        .routes(routes!(secrets::list, secrets::put))
        .routes(routes!(secrets::get, secrets::delete))
        .routes(routes!(secrets::bulk))
        .routes(routes!(tags::get, tags::put))
        .routes(routes!(tags::add, tags::remove))
        .routes(routes!(assets::begin))
        .routes(routes!(tails::list, tails::open))
        .routes(routes!(tails::close))
        .routes(routes!(versions::list, versions::upload))
        .routes(routes!(versions::get))
        .routes(routes!(versions::deployments, versions::deploy))
}
