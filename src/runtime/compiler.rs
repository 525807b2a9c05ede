//! Compiling, and evaluating a JavaScript worker's top level: only in a child process, limited in CPU time, memory and wall time.
//!
//! The child is this very binary. It reads the upload from standard input and writes the artifact to standard
//! output; it has no environment, may write no file, and whatever becomes of it is the uploader's error, never
//! the edge's.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;
use wasmtime::component::Component;

use super::checks::{self, Refusal};
use super::javascript::snapshot::{self, Failed};
use super::javascript::wasm;
use super::{component, engine};
use crate::conf::Conf;
use crate::metrics::{Counting, Metrics};

/// The command-line word that turns this binary into the compiling child.
pub const CHILD_COMMAND: &str = "compile-child";
/// This binary, also after its file was replaced.
const OWN_BINARY: &str = "/proc/self/exe";
/// The largest artifact; the largest measured (StarlingMonkey) has 37 MB.
const ARTIFACT_BYTES_MAX: u64 = 128 << 20;
/// The child's exit code when it refuses the upload; the refusal is on standard error, as JSON.
const REFUSED: u8 = 3;

/// What a child may use up.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// CPU time in seconds.
    pub cpu_s: u64,
    /// Address space in MiB.
    pub memory_mb: u64,
    /// Wall time.
    pub wall: Duration,
    /// The largest upload in bytes.
    pub code_bytes_max: u64,
    /// The most memory a guest may begin with, in bytes.
    pub guest_memory_bytes_max: u64,
    /// CPU time of a JavaScript worker's top level, in milliseconds.
    pub start_ms: u64,
}

impl Bounds {
    /// The bounds that the settings name.
    pub fn new(conf: &Conf) -> Self {
        Self {
            cpu_s: conf.runtime.compile_cpu_s,
            memory_mb: conf.runtime.compile_memory_mb,
            wall: Duration::from_secs(conf.runtime.compile_timeout_s),
            code_bytes_max: conf.limits.code_bytes_max as u64,
            guest_memory_bytes_max: conf.limits.ceilings().memory_bytes() as u64,
            start_ms: conf.limits.start_ms,
        }
    }
}

/// What a child makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Machine code of a component.
    Component,
    /// Machine code of the JavaScript engine.
    Engine,
    /// The image that every JavaScript worker begins with.
    Base {
        /// The engine's machine code.
        engine: PathBuf,
    },
    /// The image of a JavaScript worker.
    Script {
        /// The engine's machine code.
        engine: PathBuf,
        /// The image it begins with.
        base: PathBuf,
        /// Machine code of the modules that it imports, in the bundle's order.
        wasm: Vec<PathBuf>,
    },
    /// Machine code of a module that JavaScript workers import.
    Wasm,
}

/// Why there is no artifact.
#[derive(Clone, Debug, Error)]
pub enum CompileError {
    /// The upload is refused; the text is for its author.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The child could not do its work; nothing the author did.
    #[error("the compiler could not run: {0}")]
    Failed(String),
}

/// Compiles in child processes, a bounded number at a time.
pub struct Compiler {
    bounds: Bounds,
    turns: Arc<Semaphore>,
    metrics: Arc<Metrics>,
}

impl Compiler {
    /// A compiler that runs at most `children` at a time.
    pub fn new(bounds: Bounds, children: usize, metrics: Arc<Metrics>) -> Self {
        Self {
            bounds,
            turns: Arc::new(Semaphore::new(children)),
            metrics,
        }
    }

    /// Makes an artifact, of an upload unless it is the engine's own.
    ///
    /// # Errors
    /// [`CompileError::Refused`] with a text for the author, [`CompileError::Failed`] when the child could not run.
    pub async fn compile(&self, job: &Job, code: &[u8]) -> Result<Vec<u8>, CompileError> {
        let found = code.len() as u64;
        if found > self.bounds.code_bytes_max {
            return Err(Refusal::TooLarge {
                found,
                max: self.bounds.code_bytes_max,
            }
            .into());
        }
        let waits = Counting::one(&self.metrics.compile_queue);
        let _turn = self
            .turns
            .acquire()
            .await
            .map_err(|e| CompileError::Failed(e.to_string()))?;
        drop(waits);
        let _compiles = Counting::one(&self.metrics.compiling);
        let result = match tokio::time::timeout(self.bounds.wall, self.run(job, code)).await {
            Ok(result) => result,
            Err(_) => {
                Err(Refusal::TooComplex(format!("{} s of time", self.bounds.wall.as_secs())).into())
            }
        };
        let label = match &result {
            Ok(_) => "ok",
            Err(CompileError::Refused(_)) => "refused",
            Err(CompileError::Failed(_)) => "failed",
        };
        self.metrics.compilations.with_label_values(&[label]).inc();
        result
    }

    async fn run(&self, job: &Job, code: &[u8]) -> Result<Vec<u8>, CompileError> {
        let mut child = Command::new(OWN_BINARY)
            .arg(CHILD_COMMAND)
            .args(self.bounds.arguments())
            .args(job.arguments())
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Also when the deadline passes, and this future is dropped.
            .kill_on_drop(true)
            .spawn()
            .map_err(failed("it could not be started"))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut input), Some(output), Some(errors)) = pipes else {
            return Err(CompileError::Failed("its pipes are gone".into()));
        };
        let (mut artifact, mut message) = (Vec::new(), Vec::new());
        let feed = async {
            // A child that refuses early closes its input; its exit code says so.
            let _ = input.write_all(code).await;
            drop(input);
        };
        let mut output = output.take(ARTIFACT_BYTES_MAX + 1);
        let mut errors = errors.take(64 << 10);
        let ((), read, _) = tokio::join!(
            feed,
            output.read_to_end(&mut artifact),
            errors.read_to_end(&mut message)
        );
        read.map_err(failed("its output could not be read"))?;
        if artifact.len() as u64 > ARTIFACT_BYTES_MAX {
            return Err(too_complex(&format!(
                "{} MiB of compiled code",
                ARTIFACT_BYTES_MAX >> 20
            )));
        }
        let status = child
            .wait()
            .await
            .map_err(failed("it could not be waited for"))?;
        match status.success() {
            true => Ok(artifact),
            false => Err(self.failure(status, &message)),
        }
    }

    /// What the child's end means.
    fn failure(&self, status: ExitStatus, message: &[u8]) -> CompileError {
        if status.code() == Some(REFUSED.into()) {
            return match serde_json::from_slice(message) {
                Ok(refusal) => CompileError::Refused(refusal),
                Err(error) => {
                    CompileError::Failed(format!("its refusal could not be read: {error}"))
                }
            };
        }
        const SIGABRT: i32 = 6;
        const SIGKILL: i32 = 9;
        const SIGSEGV: i32 = 11;
        const SIGXCPU: i32 = 24;
        match status.signal() {
            Some(SIGXCPU | SIGKILL) => too_complex(&format!("{} s of CPU time", self.bounds.cpu_s)),
            // Rust aborts when memory cannot be had.
            Some(SIGABRT) => too_complex(&format!("{} MiB of memory", self.bounds.memory_mb)),
            Some(SIGSEGV) => too_complex("stack"),
            _ => {
                let text = String::from_utf8_lossy(message);
                let last = text.lines().last().unwrap_or("").to_owned();
                // An allocation that fails inside the compiler may also end in a panic.
                match text.contains("memory allocation of") {
                    true => too_complex(&format!("{} MiB of memory", self.bounds.memory_mb)),
                    false => CompileError::Failed(format!("it ended with {status}: {last}")),
                }
            }
        }
    }
}

fn failed(what: &'static str) -> impl Fn(std::io::Error) -> CompileError {
    move |error| CompileError::Failed(format!("{what}: {error}"))
}

fn too_complex(what: &str) -> CompileError {
    Refusal::TooComplex(what.to_owned()).into()
}

/// Numbers on the child's command line.
const BOUNDS: usize = 5;

impl Job {
    /// The rest of the child's command line, which [`Job::parse`] reads.
    fn arguments(&self) -> Vec<OsString> {
        match self {
            Self::Component => vec!["component".into()],
            Self::Engine => vec!["engine".into()],
            Self::Base { engine } => vec!["base".into(), engine.into()],
            Self::Script { engine, base, wasm } => {
                let mut arguments = vec!["script".into(), engine.into(), base.into()];
                arguments.extend(wasm.iter().map(OsString::from));
                arguments
            }
            Self::Wasm => vec!["wasm".into()],
        }
    }

    fn parse(arguments: &[String]) -> Option<Self> {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Some(match *arguments {
            ["component"] => Self::Component,
            ["engine"] => Self::Engine,
            ["base", engine] => Self::Base {
                engine: engine.into(),
            },
            ["script", engine, base, ref wasm @ ..] => Self::Script {
                engine: engine.into(),
                base: base.into(),
                wasm: wasm.iter().map(PathBuf::from).collect(),
            },
            ["wasm"] => Self::Wasm,
            _ => return None,
        })
    }
}

impl Bounds {
    /// The child's command line, which [`Bounds::parse`] reads.
    fn arguments(&self) -> [String; BOUNDS] {
        [
            self.cpu_s,
            self.memory_mb,
            self.code_bytes_max,
            self.guest_memory_bytes_max,
            self.start_ms,
        ]
        .map(|n| n.to_string())
    }

    fn parse(arguments: &[String]) -> Option<Self> {
        let numbers: Vec<u64> = arguments
            .iter()
            .map(|text| text.parse().ok())
            .collect::<Option<_>>()?;
        let [
            cpu_s,
            memory_mb,
            code_bytes_max,
            guest_memory_bytes_max,
            start_ms,
        ] = numbers.try_into().ok()?;
        Some(Self {
            cpu_s,
            memory_mb,
            wall: Duration::MAX,
            code_bytes_max,
            guest_memory_bytes_max,
            start_ms,
        })
    }
}

/// The child's whole life: limits itself, reads, checks, compiles or evaluates, writes.
pub fn child(arguments: &[String]) -> ExitCode {
    let split = arguments.split_at_checked(BOUNDS);
    let parsed = split.and_then(|(bounds, job)| Bounds::parse(bounds).zip(Job::parse(job)));
    let Some((bounds, job)) = parsed else {
        eprintln!("this command is started by cirque itself");
        return ExitCode::from(2);
    };
    if let Err(error) = confine(&bounds, &job) {
        eprintln!("the compiler could not limit itself: {error}");
        return ExitCode::FAILURE;
    }
    let mut code = Vec::new();
    if let Err(error) = std::io::stdin()
        .take(bounds.code_bytes_max + 1)
        .read_to_end(&mut code)
    {
        eprintln!("the upload could not be read: {error}");
        return ExitCode::FAILURE;
    }
    match make(&job, &code, &bounds) {
        Ok(artifact) => match std::io::stdout().write_all(&artifact) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(Failed::Engine(error)) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
        Err(Failed::Refused(refusal)) => {
            // The refusal's fields are text and numbers, so it can always be written.
            let _ = serde_json::to_writer(std::io::stderr(), &refusal);
            ExitCode::from(REFUSED)
        }
    }
}

fn make(job: &Job, code: &[u8], bounds: &Bounds) -> Result<Vec<u8>, Failed> {
    if *job == Job::Component {
        return Ok(compile(code, bounds)?);
    }
    let engine = engine::compiling()?;
    if *job == Job::Wasm {
        return Ok(wasm::compile(&engine, code, bounds.guest_memory_bytes_max)?);
    }
    snapshot::tick(&engine);
    match job {
        Job::Component | Job::Wasm | Job::Engine => snapshot::engine_code(&engine),
        Job::Base { engine: code } => snapshot::base(&engine, code),
        Job::Script {
            engine: engine_code,
            base,
            wasm,
        } => {
            let memory = usize::try_from(bounds.guest_memory_bytes_max).unwrap_or(usize::MAX);
            let start = Duration::from_millis(bounds.start_ms);
            snapshot::worker(&engine, engine_code, base, wasm, code, memory, start)
        }
    }
}

fn compile(code: &[u8], bounds: &Bounds) -> Result<Vec<u8>, Refusal> {
    checks::check(code, bounds.guest_memory_bytes_max)?;
    let failed = |error: wasmtime::Error| Refusal::Invalid(format!("{error:#}"));
    let engine = engine::compiling().map_err(failed)?;
    let component = Component::from_binary(&engine, code).map_err(failed)?;
    component::link(&engine, &component)?;
    component.serialize().map_err(failed)
}

/// Address space of one instance, its guard, and room beside it.
const RESERVED_MB: u64 = 5 << 10;

/// How much a child gives way to the edge.
const NICE: i32 = 10;

/// Takes from this process what compiling does not need.
fn confine(bounds: &Bounds, job: &Job) -> std::io::Result<()> {
    let limit = |resource, value| {
        setrlimit(
            resource,
            Rlimit {
                current: Some(value),
                maximum: Some(value),
            },
        )
    };
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Nofile, 16)?;
    limit(Resource::Cpu, bounds.cpu_s)?;
    // An instance has its whole address space reserved; what it may use of that its store limits.
    let reserved_mb = match job {
        Job::Component | Job::Engine | Job::Wasm => 0,
        Job::Base { .. } | Job::Script { .. } => RESERVED_MB,
    };
    limit(Resource::As, (bounds.memory_mb + reserved_mb) << 20)?;
    rustix::thread::set_no_new_privs(true)?;
    // Visitors come first. Refused, it is slower for them, not wrong.
    let _ = rustix::process::setpriority_process(None, NICE);
    Ok(())
}
