//! `cirque dev`: an edge for one author, which deploys a worker again whenever its files change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, SystemTime};

use clap::Args;

use super::{CliError, Global, say};
use crate::model::{HostnamePattern, Route, TenantId};
use crate::store::records;
use crate::{app, logs};

/// How often files are looked at: sooner than an author reaches the browser.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Folders of a TypeScript worker that are watched; more would be a whole disk.
const WATCHED_MAX: usize = 10_000;
const HOSTNAMES: [&str; 2] = ["localhost", "*.localhost"];

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque dev worker.js                           then open http://localhost:8787/
  cirque dev src/worker.ts --metadata worker.json
  cirque dev shop.js --name production/shop --port 9000

The edge is a whole one, with its store in ./.cirque: other workers can be deployed and routed beside the one
that is watched, with `cirque --set store.data_dir=.cirque deploy …`.")]
pub(super) struct Arguments {
    /// The component, or the JavaScript modules, the main one first
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Bindings, limits, tags, main module and compatibility date, as JSON
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// The worker's name, [<namespace>/]<name>
    #[arg(long, default_value = "dev")]
    name: String,
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = 8787)]
    port: u16,
}

/// What an author's machine needs; flags and a settings' file win over it.
fn defaults(port: u16) -> Vec<String> {
    let ops = port.checked_add(1).unwrap_or(1024);
    let api = port.checked_add(2).unwrap_or(1025);
    vec![
        format!("listen.http=127.0.0.1:{port}"),
        format!("listen.ops=127.0.0.1:{ops}"),
        format!("listen.api=127.0.0.1:{api}"),
        "store.data_dir=.cirque".into(),
        // Workers under development talk to servers under development.
        r#"egress.allow_addresses=["127.0.0.0/8", "::1"]"#.into(),
        "log.format=text".into(),
        "log.access=false".into(),
    ]
}

pub(super) fn dev(mut global: Global, arguments: &Arguments) -> Result<(), CliError> {
    if global.config.is_none() {
        let set = std::mem::take(&mut global.set);
        global.set = defaults(arguments.port).into_iter().chain(set).collect();
    }
    let tenant = TenantId::parse(&arguments.name).map_err(|e| CliError::Other(e.to_string()))?;
    let conf = global.conf()?;
    logs::start(&conf.log)?;
    global.with_store(async |_, store| {
        for hostname in HOSTNAMES {
            let pattern = HostnamePattern::parse(hostname);
            let pattern = pattern.map_err(|e| CliError::Other(format!("{hostname}: {e}")))?;
            records::put_route(&*store, &pattern, &Route::Worker(tenant.clone(), None)).await?;
        }
        Ok(())
    })?;
    deploy(&global, arguments, &tenant);
    say(&format!(
        "http://localhost:{}/ answers; Ctrl-C ends it",
        arguments.port
    ));
    // The thread ends when this end of the channel is dropped.
    let (ending, ended) = mpsc::channel::<()>();
    let edge = std::thread::scope(|scope| {
        let (global, tenant) = (&global, &tenant);
        scope.spawn(move || watch(global, arguments, tenant, &ended));
        let options = app::Options {
            is_upgrade: false,
            is_bare: false,
        };
        let edge = app::run(&conf, options);
        drop(ending);
        edge
    });
    Ok(edge?)
}

/// Deploys the worker whenever one of its files has changed.
fn watch(global: &Global, arguments: &Arguments, tenant: &TenantId, ended: &mpsc::Receiver<()>) {
    let mut seen = Seen::of(arguments);
    while ended.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        let now = Seen::of(arguments);
        if now != seen {
            seen = now;
            deploy(global, arguments, tenant);
        }
    }
}

/// What does not deploy is said; the version before it stays.
fn deploy(global: &Global, arguments: &Arguments, tenant: &TenantId) {
    let began = std::time::Instant::now();
    let upload = super::deploy::read(&arguments.files, arguments.metadata.as_deref());
    let deployed = upload.and_then(|(upload, _)| {
        global.with_store(async |conf, store| {
            let put = super::deploy::put(upload, conf, store, tenant).await;
            put.map_err(CliError::Other)
        })
    });
    match deployed {
        Ok(_) => say(&format!(
            "deployed {tenant} in {} ms",
            began.elapsed().as_millis()
        )),
        Err(error) => eprintln!("cirque: {error}"),
    }
}

/// When each watched file was last written.
#[derive(PartialEq, Eq)]
struct Seen(BTreeMap<PathBuf, SystemTime>);

impl Seen {
    fn of(arguments: &Arguments) -> Self {
        let mut seen = Self(BTreeMap::new());
        for file in arguments.files.iter().chain(&arguments.metadata) {
            seen.look(file);
        }
        // A bundled worker is made of whatever lies around its main file.
        if let Some(main) = arguments.files.first()
            && main
                .extension()
                .is_some_and(|e| e == "ts" || e == "tsx" || e == "mts" || e == "jsx")
        {
            seen.look_around(main.parent().unwrap_or(Path::new("")));
        }
        seen
    }

    fn look(&mut self, file: &Path) {
        if let Ok(written) = std::fs::metadata(file).and_then(|metadata| metadata.modified()) {
            self.0.insert(file.to_owned(), written);
        }
    }

    fn look_around(&mut self, folder: &Path) {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let is_hidden = name.as_encoded_bytes().starts_with(b".");
                if is_hidden || name == "node_modules" || self.0.len() >= WATCHED_MAX {
                    continue;
                }
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                    Ok(_) => self.look(&entry.path()),
                    Err(_) => {}
                }
            }
        }
    }
}
