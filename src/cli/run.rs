//! `cirque run`.

use clap::Args;

use super::{CliError, Global};
use crate::{app, logs};

#[derive(Args, Debug)]
#[command(
    after_help = "Signals: SIGTERM drains and ends, SIGINT ends at once. To replace a running edge without \
                        refusing a connection, start the new one with --upgrade."
)]
pub(super) struct Arguments {
    /// Take over the sockets of the edge that runs with the same data directory
    #[arg(long)]
    upgrade: bool,
    /// Answer every request with a fixed page from Pingora alone (for benches)
    #[arg(long, hide = true)]
    bare: bool,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let conf = global.conf()?;
    logs::start(&conf.log)?;
    app::run(
        &conf,
        app::Options {
            is_upgrade: arguments.upgrade,
            is_bare: arguments.bare,
        },
    )?;
    Ok(())
}
