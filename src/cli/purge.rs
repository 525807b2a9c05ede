//! `cirque purge`.

use clap::Args;

use super::remote::{Remote, RemoteArguments};
use super::{CliError, Global, cli_user, say};
use crate::control::{ControlError, purge};
use crate::model::{Hostname, Purge, TenantId};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque purge production/shop --url https://api.example.com/prices
  cirque purge production/shop --tag blog --tag news
  cirque purge production/shop --everything
  cirque purge old.example.com --prefix old.example.com/images   a hostname that leads to a plain origin")]
pub(super) struct Arguments {
    /// [<namespace>/]<name> of a worker, or a hostname
    target: String,
    /// All there is
    #[arg(long, conflicts_with_all = ["url", "prefix", "tag", "host"])]
    everything: bool,
    /// A URL; may be given several times, as the others
    #[arg(long)]
    url: Vec<String>,
    /// The beginning of URLs: a host and a path
    #[arg(long)]
    prefix: Vec<String>,
    /// A tag
    #[arg(long)]
    tag: Vec<String>,
    /// The host of URLs
    #[arg(long)]
    host: Vec<String>,
    #[command(flatten)]
    remote: RemoteArguments,
}

impl Arguments {
    fn purges(&self) -> Result<Vec<Purge>, CliError> {
        if self.everything {
            return Ok(vec![Purge::Everything]);
        }
        let each = |list: &[String], read: fn(&str) -> Result<Purge, ControlError>| {
            list.iter().map(|item| read(item)).collect::<Vec<_>>()
        };
        let all = [
            each(&self.url, purge::url),
            each(&self.prefix, purge::prefix),
            each(&self.tag, purge::tag),
            each(&self.host, purge::host),
        ];
        let all: Result<Vec<Purge>, ControlError> = all.into_iter().flatten().collect();
        let all = all.map_err(|error| CliError::Other(error.to_string()))?;
        match all.is_empty() {
            true => Err(CliError::Other(
                "nothing is to be purged: give --url, --prefix, --tag, --host or --everything"
                    .into(),
            )),
            false => Ok(all),
        }
    }
}

pub(super) fn purge(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let purges = arguments.purges()?;
    let target = &arguments.target;
    // A hostname has a dot, which a worker's name cannot have.
    let is_hostname = target.contains('.');
    let other = |error: &dyn std::fmt::Display| CliError::Other(error.to_string());
    if let Some(remote) = Remote::from(&arguments.remote)? {
        if is_hostname {
            return Err(CliError::Other(
                "through the API a hostname is purged with its zone (`POST /zones/<id>/purge_cache`); run this beside the store".into(),
            ));
        }
        let tenant = TenantId::parse(target).map_err(|e| other(&e))?;
        remote.purge(&tenant, &purges)?;
    } else {
        global.with_control(async |control| {
            let done = match is_hostname {
                true => {
                    let host = Hostname::parse(target).map_err(|e| other(&e))?;
                    control.purge_host(&host, &purges).await
                }
                false => {
                    let tenant = TenantId::parse(target).map_err(|e| other(&e))?;
                    control.purge_worker(&tenant, &purges).await
                }
            };
            done.map_err(|e| other(&e))?;
            control
                .note(&cli_user(), "purge", "cache", target, "ok")
                .await;
            Ok(())
        })?;
    }
    say(&format!("purged {target}"));
    Ok(())
}
