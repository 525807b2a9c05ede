//! `cirque route`.

use clap::Args;

use super::remote::{Remote, RemoteArguments};
use super::{CliError, Global, say};
use crate::model::{HostnamePattern, Origin, REGULAR, Route, TenantId};
use crate::store::{keys, records};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque route shop.example.com production/shop       a user worker
  cirque route '*.example.com' dispatcher             a regular worker, for every name below example.com
  cirque route old.example.com http://10.0.0.7:8000   a plain origin")]
pub(super) struct Arguments {
    /// The hostname, or a wildcard as in *.example.com
    hostname: String,
    /// [<namespace>/]<name> of a worker, or an origin's URL
    target: String,
    #[command(flatten)]
    remote: RemoteArguments,
}

pub(super) fn route(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let other =
        |what: &str, error: &dyn std::fmt::Display| CliError::Other(format!("{what:?}: {error}"));
    let pattern =
        HostnamePattern::parse(&arguments.hostname).map_err(|e| other(&arguments.hostname, &e))?;
    let target = &arguments.target;
    let route = match target.contains("://") {
        true => Route::Origin(Origin::parse(target).map_err(|e| other(target, &e))?, None),
        false => Route::Worker(
            TenantId::parse(target).map_err(|e| other(target, &e))?,
            None,
        ),
    };
    if let Some(remote) = Remote::from(&arguments.remote)? {
        return match &route {
            Route::Worker(tenant, _) if tenant.namespace() == REGULAR => {
                remote.put_domain(&pattern.to_string(), tenant.worker())?;
                say(&format!("{pattern} leads to {target}"));
                Ok(())
            }
            _ => Err(CliError::Other(
                "through the API a hostname leads to a regular worker only, as on Cloudflare; run this beside the store".into(),
            )),
        };
    }
    global.with_store(async |_, store| {
        if let Route::Worker(tenant, _) = &route
            && store.get(&[keys::script(tenant)]).await?.iter().all(Option::is_none)
        {
            eprintln!("cirque: note: there is no worker {tenant} yet; deploy it with `cirque deploy {tenant} <file>`");
        }
        records::put_route(&*store, &pattern, &route).await?;
        say(&format!("{pattern} leads to {target}"));
        Ok(())
    })
}
