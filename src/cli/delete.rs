//! `cirque delete`.

use clap::{Args, Subcommand};

use super::{CliError, Global, say};
use crate::model::{HostnamePattern, TenantId};
use crate::store::{Write, keys};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque delete hostname shop.example.com
  cirque delete worker production/shop")]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
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
    let (key, name) = match &arguments.what {
        What::Hostname { hostname } => {
            let pattern = HostnamePattern::parse(hostname)
                .map_err(|e| CliError::Other(format!("{hostname:?}: {e}")))?;
            (keys::hostname(&pattern), format!("hostname {pattern}"))
        }
        What::Worker { worker } => {
            let tenant = TenantId::parse(worker).map_err(|e| CliError::Other(e.to_string()))?;
            (keys::script(&tenant), format!("worker {tenant}"))
        }
    };
    global.with_store(async |_, store| {
        if store
            .get(std::slice::from_ref(&key))
            .await?
            .iter()
            .all(Option::is_none)
        {
            return Err(CliError::Other(format!(
                "there is no {name}; see `cirque list`"
            )));
        }
        store.write(&[Write::Delete(key)]).await?;
        say(&format!("deleted {name}"));
        Ok(())
    })
}
