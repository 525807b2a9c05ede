//! The command line: one file for each command.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, CommandFactory, Parser, Subcommand};
use thiserror::Error;

use crate::conf::{Conf, ConfError, Sources};
use crate::control::{Actor, Control, ControlError};
use crate::metrics::Metrics;
use crate::model::Status;
use crate::runtime::compiler;
use crate::store::{self, KeyValue, StoreError};
use crate::{app, logs};

mod bench;
mod check;
mod compile;
mod delete;
mod deploy;
mod dev;
mod explain;
mod hostname;
mod init;
mod list;
mod purge;
mod remote;
mod route;
mod run;
mod secrets;
mod source;
mod source_maps;
mod suspend;
mod tail;
mod token;
mod usage;

/// A reverse proxy that runs its tenants' WebAssembly workers at the edge.
#[derive(Debug, Parser)]
#[command(name = "cirque", version, max_term_width = 100, after_help = EXAMPLES)]
struct Command {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "Examples:
  cirque run                                          with the built-in settings, in ./data
  cirque --config conf/edge.toml check                are the settings usable?
  cirque dev worker.js                                write a worker and see it answer
  cirque deploy production/shop shop.js               upload a user worker
  cirque route shop.example.com production/shop       lead a hostname to it
  cirque hostname add app.customer.com                claim a customer's own domain
  cirque tail production/shop --api URL --token TOKEN  what a worker answers, logs and throws
  cirque explain app.customer.com                     what happens to its requests, and why
  cirque token create ci                              a token for the control API
  cirque bench http://127.0.0.1:8080 --tenants FILE   what does this edge bear?
  cirque init                                         point wrangler and the cloudflare SDK here
  cirque route old.example.com http://10.0.0.7:8000   lead a hostname to an origin";

/// How long a command waits for the store, at least.
const COMMAND_TIMEOUT_MS: u64 = 5_000;

/// What every command takes.
#[derive(Args, Debug)]
struct Global {
    /// The settings' file (TOML); without it the built-in settings
    #[arg(long, short, global = true, env = "CIRQUE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Overrides a setting, as in --set listen.http=127.0.0.1:8080
    #[arg(long = "set", global = true, value_name = "TABLE.KEY=VALUE")]
    set: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Run the edge
    Run(run::Arguments),
    /// Say whether the settings can be used
    Check,
    /// Compile an upload to an artifact, as the edge does on its own
    Compile(compile::Arguments),
    /// Upload a worker
    Deploy(deploy::Arguments),
    /// Run an edge for one author: deploys a worker again whenever its files change
    Dev(dev::Arguments),
    /// Lead a hostname to a worker or an origin
    Route(route::Arguments),
    /// Keep customers' own domains: claim, list and remove them, and wait until they are served
    Hostname(hostname::Arguments),
    /// List hostnames and workers
    List(list::Arguments),
    /// Delete a hostname or a worker
    Delete(delete::Arguments),
    /// Stop a worker, or all of a namespace: nothing answers, and what runs is ended
    Suspend(suspend::Arguments),
    /// Have a suspended worker, or namespace, run again
    Resume(suspend::Arguments),
    /// Have all nodes forget cached responses
    Purge(purge::Arguments),
    /// Say what would happen to a request, and why
    Explain(explain::Arguments),
    /// Watch what a worker answers, logs and throws, as it happens
    Tail(tail::Arguments),
    /// Say what workers have used up, day by day or in total
    Usage(usage::Arguments),
    /// Put a load on a running edge, and say how long visitors wait
    Bench(bench::Arguments),
    /// Make, list and revoke tokens for the control API
    Token(token::Arguments),
    /// Keep the secrets of workers
    Secrets(secrets::Arguments),
    /// Write the environment that points Cloudflare's clients at this edge
    Init(init::Arguments),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Started by cirque itself
    #[command(name = compiler::CHILD_COMMAND, hide = true)]
    CompileChild {
        #[arg(hide = true)]
        arguments: Vec<String>,
    },
}

/// Why a command failed; the text is for the person at the terminal.
#[derive(Debug, Error)]
enum CliError {
    #[error(transparent)]
    Conf(#[from] ConfError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error(transparent)]
    Start(#[from] app::StartError),
    #[error(transparent)]
    Log(#[from] logs::InvalidFilter),
    #[error("{0}")]
    Other(String),
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    // The libraries that speak TLS have two sets of algorithms to choose from, and want to be told which.
    // It fails only where somebody has chosen before.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let command = Command::parse();
    if let Action::CompileChild { arguments } = &command.action {
        return compiler::child(arguments);
    }
    match act(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cirque: {error}");
            ExitCode::FAILURE
        }
    }
}

fn act(command: Command) -> Result<(), CliError> {
    let global = &command.global;
    match command.action {
        Action::Run(arguments) => run::run(global, &arguments),
        Action::Check => check::check(global),
        Action::Compile(arguments) => compile::compile(global, &arguments),
        Action::Deploy(arguments) => deploy::deploy(global, &arguments),
        Action::Dev(arguments) => dev::dev(command.global, &arguments),
        Action::Route(arguments) => route::route(global, &arguments),
        Action::Hostname(arguments) => hostname::hostname(global, &arguments),
        Action::List(arguments) => list::list(global, &arguments),
        Action::Delete(arguments) => delete::delete(global, &arguments),
        Action::Suspend(arguments) => suspend::set(global, &arguments, Status::Suspended),
        Action::Resume(arguments) => suspend::set(global, &arguments, Status::Active),
        Action::Purge(arguments) => purge::purge(global, &arguments),
        Action::Explain(arguments) => explain::explain(global, &arguments),
        Action::Tail(arguments) => tail::tail(&arguments),
        Action::Usage(arguments) => usage::usage(global, &arguments),
        Action::Bench(arguments) => bench::bench(&arguments),
        Action::Token(arguments) => token::token(global, &arguments),
        Action::Secrets(arguments) => secrets::secrets(global, &arguments),
        Action::Init(arguments) => init::init(global, &arguments),
        Action::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Command::command(),
                "cirque",
                &mut std::io::stdout(),
            );
            Ok(())
        }
        // `main` has answered it.
        Action::CompileChild { .. } => Ok(()),
    }
}

impl Global {
    fn conf(&self) -> Result<Conf, CliError> {
        let sources = Sources {
            file: self.config.as_deref(),
            environment: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            flags: self.set.clone(),
        };
        Ok(Conf::load(&sources)?)
    }

    /// Does something with the store that the settings name.
    fn with_store<T>(
        &self,
        work: impl AsyncFnOnce(&Conf, Arc<dyn KeyValue>) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let mut conf = self.conf()?;
        // Nobody waits behind a command, and a slow answer is better than none.
        conf.store.timeout_ms = conf.store.timeout_ms.max(COMMAND_TIMEOUT_MS);
        let url = conf.parsed()?.store;
        let tokio = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let tokio =
            tokio.map_err(|e| CliError::Other(format!("the command could not start: {e}")))?;
        tokio.block_on(async {
            let store = store::open(&conf, &url)?;
            work(&conf, store).await
        })
    }
}

impl Global {
    /// Does something that the control API does too.
    fn with_control<T>(
        &self,
        work: impl AsyncFnOnce(&Control) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        self.with_store(async |conf, store| {
            let metrics = Arc::new(Metrics::new(0));
            let control = Control::open(conf, store, metrics).map_err(ControlError::Keys)?;
            work(&control).await
        })
    }
}

/// The person at the terminal, for the audit.
fn cli_user() -> Actor {
    let name = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER"));
    Actor {
        id: "cli".into(),
        name: name.unwrap_or_else(|_| format!("uid {}", rustix::process::getuid().as_raw())),
        ..Actor::default()
    }
}

/// Prints a line of a command's own output.
fn say(line: &str) {
    use std::io::Write;
    // Nobody reads it any more: there is nothing to be done about that.
    let _ = writeln!(std::io::stdout(), "{line}");
}
