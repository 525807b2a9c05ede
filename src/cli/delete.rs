//! `cirque delete`.

use clap::{Args, Subcommand};

use super::remote::{Remote, RemoteArguments};
use super::{CliError, Global, cli_user, say};
use crate::model::{HostnamePattern, TenantId};
use crate::store::{Write, keys};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque delete hostname shop.example.com
  cirque delete worker production/shop")]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    remote: RemoteArguments,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Delete a hostname or wildcard; what it leads to stays
    Hostname {
        /// The hostname, or a wildcard as in *.example.com
        hostname: String,
    },
    /// Delete a worker; hostnames that lead to it answer 404
    Worker {
        /// [<namespace>/]<name>
        worker: String,
    },
}

pub(super) fn delete(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let other = |e: &dyn std::fmt::Display| CliError::Other(e.to_string());
    match &arguments.what {
        What::Hostname { hostname } => {
            let pattern = HostnamePattern::parse(hostname)
                .map_err(|e| CliError::Other(format!("{hostname:?}: {e}")))?;
            let key = keys::hostname(&pattern);
            global.with_store(async |_, store| {
                let found = store.get(std::slice::from_ref(&key)).await?;
                if found.iter().all(Option::is_none) {
                    return Err(CliError::Other(format!(
                        "there is no hostname {pattern}; see `cirque list`"
                    )));
                }
                Ok(store.write(&[Write::Delete(key)]).await?)
            })?;
            say(&format!("deleted hostname {pattern}"));
        }
        What::Worker { worker } => {
            let tenant = TenantId::parse(worker).map_err(|e| other(&e))?;
            if let Some(remote) = Remote::from(&arguments.remote)? {
                remote.delete_script(&tenant)?;
            } else {
                global.with_control(async |control| {
                    let deleted = control.remove_script(&tenant).await;
                    deleted.map_err(|e| CliError::Other(format!("{e}; see `cirque list`")))?;
                    control
                        .note(&cli_user(), "delete", "script", worker, "ok")
                        .await;
                    Ok(())
                })?;
            }
            say(&format!("deleted worker {tenant}"));
        }
    }
    Ok(())
}
