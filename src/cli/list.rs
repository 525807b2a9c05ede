//! `cirque list`.

use clap::{Args, ValueEnum};

use super::remote::{Remote, RemoteArguments};
use super::{CliError, Global, say};
use crate::model::{Route, Script};
use crate::store::known::Record;
use crate::store::{KeyValue, keys};

/// Keys read at a time.
const PAGE: usize = 1_000;

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cirque list hostnames")]
pub(super) struct Arguments {
    /// What to list; without it, all
    what: Option<What>,
    #[command(flatten)]
    remote: RemoteArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum What {
    Hostnames,
    Workers,
}

pub(super) fn list(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    if let Some(remote) = Remote::from(&arguments.remote)? {
        let kind = match arguments.what {
            Some(What::Hostnames) => "hostname",
            Some(What::Workers) => "worker",
            None => "",
        };
        let lines = remote.list()?.into_iter();
        lines
            .filter(|line| line.starts_with(kind))
            .for_each(|line| say(&line));
        return Ok(());
    }
    global.with_store(async |_, store| {
        if arguments.what != Some(What::Workers) {
            each::<Route>(&*store, |name, route| {
                match route.map(|route| route.plain().clone()) {
                    Ok(Route::Custom(..)) => {}
                    Ok(Route::Worker(tenant, _)) => say(&format!("hostname  {name}  {tenant}")),
                    Ok(Route::Origin(origin, _)) => say(&format!("hostname  {name}  {origin}")),
                    Ok(Route::Zone(zone, _)) => {
                        say(&format!("hostname  {name}  as its zone {zone}"))
                    }
                    Ok(Route::Inactive(status)) => {
                        say(&format!("hostname  {name}  {}", status.name()));
                    }
                    Err(error) => say(&format!("hostname  {name}  cannot be read: {error}")),
                }
            })
            .await?;
        }
        if arguments.what != Some(What::Hostnames) {
            each::<Script>(&*store, |key, script| {
                let tenant = keys::script_tenant(&format!("{}{key}", keys::SCRIPT));
                let name = tenant.map_or_else(|| key.to_owned(), |tenant| tenant.to_string());
                match script {
                    Ok(script) => say(&format!(
                        "worker    {name}  {}  {}  {}",
                        script.code,
                        script.modified_on,
                        script.handlers.join(",")
                    )),
                    Err(error) => say(&format!("worker    {name}  cannot be read: {error}")),
                }
            })
            .await?;
        }
        Ok(())
    })
}

/// Shows each record of a kind under its key without the prefix.
async fn each<R: Record>(
    store: &dyn KeyValue,
    mut show: impl FnMut(&str, Result<R, String>),
) -> Result<(), CliError> {
    let mut after = String::new();
    loop {
        let page = store.list(R::PREFIX, &after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(last);
        for (key, value) in page.iter().zip(store.get(&page).await?) {
            if let Some(bytes) = value {
                show(key.strip_prefix(R::PREFIX).unwrap_or(key), R::read(&bytes));
            }
        }
    }
}
