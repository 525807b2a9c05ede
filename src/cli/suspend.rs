//! `cirque suspend` and `cirque resume`.

use clap::Args;

use super::{CliError, Global, cli_user, say};
use crate::control::namespaces::NamespaceChange;
use crate::model::{Script, Status, TenantId};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque suspend production/shop
  cirque suspend production/
  cirque resume production/shop")]
pub(super) struct Arguments {
    /// [<namespace>/]<name>, or <namespace>/ for all of its workers
    worker: String,
}

pub(super) fn set(global: &Global, arguments: &Arguments, status: Status) -> Result<(), CliError> {
    let other = |e: &dyn std::fmt::Display| CliError::Other(format!("{e}; see `cirque list`"));
    let (verb, done) = match status {
        Status::Suspended => ("suspend", "suspended"),
        Status::Active => ("resume", "resumed"),
    };
    let worker = &arguments.worker;
    match worker.strip_suffix('/') {
        Some(namespace) => {
            let change = NamespaceChange {
                status: Some(status),
                ..NamespaceChange::default()
            };
            global.with_control(async |control| {
                let changed = control
                    .change_namespace(namespace, change.clone(), &cli_user().name)
                    .await;
                changed.map_err(|e| other(&e))?;
                control
                    .note(&cli_user(), verb, "namespace", namespace, "ok")
                    .await;
                Ok(())
            })?;
        }
        None => {
            let tenant = TenantId::parse(worker).map_err(|e| other(&e))?;
            global.with_control(async |control| {
                let change = |script: &mut Script| {
                    script.status = status;
                    Ok(())
                };
                let changed = control
                    .change_script(&tenant, &cli_user().name, change)
                    .await;
                changed.map_err(|e| other(&e))?;
                control
                    .note(&cli_user(), verb, "script", worker, "ok")
                    .await;
                Ok(())
            })?;
        }
    }
    say(&format!("{done} {worker}"));
    Ok(())
}
