//! What is looked at before Cranelift sees an upload: a few kilobytes of code can cost a compiler
//! minutes and gigabytes, so their number is counted first.

mod module;
pub mod script;

pub(super) use module::check_module;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Encoding, Parser, Payload, TypeRef, Validator,
};

/// Functions of all modules together; the largest real component measured (CPython) has about 20,000.
const FUNCTIONS_MAX: u64 = 100_000;
/// Locals of one function: 8,000 cost the register allocator 1.5 s and 324 MiB, 20,000 cost 10 s and 2.3 GiB.
const LOCALS_MAX: u64 = 5_000;
/// The bytes of one function.
const FUNCTION_BYTES_MAX: u64 = 2 << 20;
/// Instances after everything is inlined: each costs code of its own.
const INSTANCES_MAX: u64 = 200;
/// Elements a table begins with.
const TABLE_ELEMENTS_MAX: u64 = 50_000;

/// Why an upload is refused; the text is for its author.
#[derive(Clone, Debug, Error, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Nothing was uploaded.
    #[error("the file is empty; upload a WebAssembly component")]
    Empty,
    /// Something else than WebAssembly.
    #[error(
        "the file is not WebAssembly (it does not begin with `\\0asm`); upload a WebAssembly component"
    )]
    NotWebAssembly,
    /// A core module.
    #[error(
        "the file is a core WebAssembly module; upload a component that exports wasi:http/incoming-handler@0.2 \
         (for Rust: build for wasm32-wasip2; for a core module: `wasm-tools component new`)"
    )]
    CoreModule,
    /// Damaged, or beyond the features that are on.
    #[error("the file is not a valid component: {0}")]
    Invalid(String),
    /// A component for something else.
    #[error(
        "the component does not export wasi:http/incoming-handler@0.2, so it cannot answer requests; it exports {0}"
    )]
    NoHandler(String),
    /// An import that workers do not get.
    #[error("the component imports `{0}`, which workers are not given{hint}", hint = hint(.0))]
    Import(String),
    /// Too much of something.
    #[error("the component has {found} {what}; at most {max} are allowed")]
    TooMuch {
        /// Of what.
        what: String,
        /// How many there are.
        found: u64,
        /// How many may be.
        max: u64,
    },
    /// A JavaScript worker's bytes are no bundle.
    #[error("the modules of a JavaScript worker cannot be read: {0}")]
    NotABundle(String),
    /// A JavaScript worker's top level does not run.
    #[error("{0}")]
    Script(Box<script::Fault>),
    /// A JavaScript worker that answers nothing.
    #[error(
        "No event handlers were registered. This script does nothing. [code: 10068]\n\
         write `export default {{ fetch(request, env, ctx) {{ … }} }}`, or `addEventListener(\"fetch\", …)`"
    )]
    NoScriptHandler,
    /// A top level that does not end.
    #[error("the worker's top level used up its {0} ms of CPU time")]
    StartTime(u64),
    /// A top level that needs too much memory.
    #[error("the worker's top level needs more than {0} MiB of memory")]
    StartMemory(u64),
    /// A top level that broke the engine.
    #[error("the worker's top level could not be run: {0}")]
    StartTrap(String),
    /// A module that a JavaScript worker imports.
    #[error("the WebAssembly module {name:?} cannot be used: {why}")]
    WasmModule {
        /// Its name in the worker.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The compiler ran into its limits.
    #[error("the component is too complex to compile: the compiler used up its {0}")]
    TooComplex(String),
    /// Larger than an upload may be.
    #[error("the file has {found} bytes; at most {max} are allowed (`limits.code_bytes_max`)")]
    TooLarge {
        /// Its size.
        found: u64,
        /// The setting.
        max: u64,
    },
}

/// What to do about an import that is missed often.
fn hint(import: &str) -> &'static str {
    match import.starts_with(SOCKETS) {
        true => {
            ": there are no sockets in a worker. Use wasi:http/outgoing-handler to make requests"
        }
        false => "",
    }
}

/// What a component may import, without versions; anything else is refused by name.
const IMPORTS: [&str; 29] = [
    "cirque:workers/cache",
    "cirque:workers/dispatch",
    "cirque:workers/service",
    "wasi:http/types",
    "wasi:http/outgoing-handler",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:random/random",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:config/store",
    "wasi:keyvalue/store",
    "wasi:keyvalue/atomics",
    "wasi:keyvalue/batch",
    // Toolchains import these whether or not the program uses files; there are none to open.
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
];
const SOCKETS: &str = "wasi:sockets/";
/// This toolchain imports sockets into every program. It says so of itself in the `producers` section, and
/// its programs get sockets that refuse everything.
const SOCKETS_REGARDLESS: &str = "componentize-py";

/// Looks at an upload without compiling it.
///
/// # Errors
/// [`Refusal`], which tells the author what is wrong.
pub fn check(code: &[u8], memory_bytes_max: u64) -> Result<(), Refusal> {
    if code.is_empty() {
        return Err(Refusal::Empty);
    }
    if !code.starts_with(b"\0asm") {
        return Err(Refusal::NotWebAssembly);
    }
    if Parser::is_core_wasm(code) {
        return Err(Refusal::CoreModule);
    }
    let mut counts = Counts {
        memory_bytes_max,
        ..Counts::default()
    };
    for payload in Parser::new(0).parse_all(code) {
        counts.take(payload.map_err(invalid)?)?;
    }
    let mut validator = Validator::new_with_features(super::engine::features());
    validator.validate_all(code).map_err(invalid)?;
    counts.check_imports(code)
}

fn invalid(error: wasmparser::BinaryReaderError) -> Refusal {
    Refusal::Invalid(format!("{} (at byte {})", error.message(), error.offset()))
}

#[derive(Default)]
struct Counts {
    functions: u64,
    memory_bytes_max: u64,
    /// The components being read, the outermost first.
    open: Vec<Scope>,
    /// What the outermost one imports.
    imports: Vec<String>,
}

/// A component while it is read.
#[derive(Default)]
struct Scope {
    is_module: bool,
    /// Instances that one instance of this component makes, itself included.
    instances: u64,
    /// The same for each component this one can name, in its index space.
    components: Vec<u64>,
}

impl Counts {
    fn take(&mut self, payload: Payload<'_>) -> Result<(), Refusal> {
        match payload {
            Payload::Version { encoding, .. } => {
                self.open.push(Scope {
                    is_module: encoding == Encoding::Module,
                    instances: 1,
                    ..Scope::default()
                });
            }
            Payload::End(_) => self.close(),
            Payload::FunctionSection(section) => {
                self.functions += u64::from(section.count());
                at_most("functions", self.functions, FUNCTIONS_MAX)?;
            }
            Payload::CodeSectionEntry(body) => {
                at_most(
                    "bytes in one function",
                    body.range().len() as u64,
                    FUNCTION_BYTES_MAX,
                )?;
                let locals = body.get_locals_reader().map_err(invalid)?;
                let mut total = 0;
                for local in locals {
                    total += u64::from(local.map_err(invalid)?.0);
                    at_most("locals in one function", total, LOCALS_MAX)?;
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    let memory = memory.map_err(invalid)?;
                    let bytes = memory
                        .initial
                        .saturating_mul(1 << memory.page_size_log2.unwrap_or(16));
                    at_most("bytes of memory at its start", bytes, self.memory_bytes_max)?;
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    at_most(
                        "elements in a table at its start",
                        table.map_err(invalid)?.ty.initial,
                        TABLE_ELEMENTS_MAX,
                    )?;
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Memory(memory) = import.map_err(invalid)?.ty {
                        let bytes = memory.initial.saturating_mul(1 << 16);
                        at_most("bytes of memory at its start", bytes, self.memory_bytes_max)?;
                    }
                }
            }
            Payload::InstanceSection(section) => self.instantiate(u64::from(section.count()))?,
            Payload::ComponentImportSection(section) => {
                for import in section {
                    let import = import.map_err(invalid)?;
                    if self.open.len() == 1 {
                        self.imports.push(import.name.name.to_owned());
                    }
                    // What an imported component would cost is not known here; the compiler's own limits hold.
                    if let ComponentTypeRef::Component(_) = import.ty {
                        self.name(1);
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    match alias.map_err(invalid)? {
                        ComponentAlias::Outer {
                            kind: ComponentOuterAliasKind::Component,
                            count,
                            index,
                        } => {
                            let outer = self.open.len().checked_sub(1 + count as usize);
                            let scope = outer.and_then(|at| self.open.get(at));
                            let cost = scope
                                .and_then(|s| s.components.get(index as usize))
                                .copied();
                            self.name(cost.unwrap_or(1));
                        }
                        ComponentAlias::InstanceExport {
                            kind: ComponentExternalKind::Component,
                            ..
                        } => self.name(1),
                        _ => {}
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    // An export makes a new name for what it exports.
                    let export = export.map_err(invalid)?;
                    if let ComponentExternalKind::Component = export.kind {
                        let cost = self
                            .open
                            .last()
                            .and_then(|s| s.components.get(export.index as usize))
                            .copied();
                        self.name(cost.unwrap_or(1));
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    if let ComponentInstance::Instantiate {
                        component_index, ..
                    } = instance.map_err(invalid)?
                    {
                        let scope = self.open.last();
                        let cost = scope
                            .and_then(|s| s.components.get(component_index as usize))
                            .copied();
                        self.instantiate(cost.unwrap_or(1))?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Refuses the first import that workers do not get.
    fn check_imports(&self, code: &[u8]) -> Result<(), Refusal> {
        let is_known = |name: &str| IMPORTS.contains(&name.split('@').next().unwrap_or(name));
        let mut unknown = self.imports.iter().filter(|name| !is_known(name));
        let has_sockets_regardless =
            || memchr::memmem::find(code, SOCKETS_REGARDLESS.as_bytes()).is_some();
        match unknown.find(|name| !(name.starts_with(SOCKETS) && has_sockets_regardless())) {
            Some(name) => Err(Refusal::Import(name.clone())),
            None => Ok(()),
        }
    }

    fn close(&mut self) {
        if let Some(done) = self.open.pop()
            && !done.is_module
        {
            self.name(done.instances);
        }
    }

    /// One more component in the index space of the one being read.
    fn name(&mut self, cost: u64) {
        if let Some(scope) = self.open.last_mut() {
            scope.components.push(cost);
        }
    }

    fn instantiate(&mut self, instances: u64) -> Result<(), Refusal> {
        let Some(scope) = self.open.last_mut() else {
            return Ok(());
        };
        scope.instances = scope.instances.saturating_add(instances);
        at_most(
            "instances when everything is unfolded",
            scope.instances,
            INSTANCES_MAX,
        )
    }
}

fn at_most(what: &str, found: u64, max: u64) -> Result<(), Refusal> {
    match found <= max {
        true => Ok(()),
        false => Err(Refusal::TooMuch {
            what: what.to_owned(),
            found,
            max,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(wat: &str) -> Option<Refusal> {
        check(&wat::parse_str(wat).expect("WAT"), 128 << 20).err()
    }

    /// Each level instantiates the one before it twice.
    fn billion_laughs(depth: usize) -> String {
        let mut text = String::from(
            "(component (component $c0 (core module $m) (core instance (instantiate $m)))",
        );
        for level in 1..=depth {
            let below = level - 1;
            text += &format!(
                "(component $c{level} (alias outer 1 $c{below} (component $b)) (instance (instantiate $b)) (instance (instantiate $b)))"
            );
        }
        text + &format!("(instance (instantiate $c{depth})))")
    }

    #[test]
    fn what_is_no_component_is_told_apart() {
        assert_eq!(check(b"", 0), Err(Refusal::Empty));
        assert_eq!(check(b"<html>", 0), Err(Refusal::NotWebAssembly));
        assert_eq!(refusal("(module)"), Some(Refusal::CoreModule));
        assert!(matches!(
            check(b"\0asm\x0d\0\x01\0junk", 0),
            Err(Refusal::Invalid(_))
        ));
        assert!(matches!(check(b"\0asm", 0), Err(Refusal::Invalid(_))));
        assert_eq!(refusal("(component)"), None);
    }

    #[test]
    fn components_that_unfold_without_end_are_counted_first() {
        assert_eq!(refusal(&billion_laughs(4)), None);
        for depth in [8, 20, 30] {
            assert!(
                matches!(
                    refusal(&billion_laughs(depth)),
                    Some(Refusal::TooMuch { .. })
                ),
                "{depth}"
            );
        }
    }

    #[test]
    fn code_that_would_cost_a_compiler_minutes_is_counted_first() {
        let locals = format!(
            "(component (core module (func (local {}))))",
            "i32 ".repeat(5_001)
        );
        assert!(matches!(
            refusal(&locals),
            Some(Refusal::TooMuch {
                max: LOCALS_MAX,
                ..
            })
        ));
        let table = "(component (core module (table 10000000 funcref)))";
        assert!(matches!(
            refusal(table),
            Some(Refusal::TooMuch {
                max: TABLE_ELEMENTS_MAX,
                ..
            })
        ));
        let memory = "(component (core module (memory 49152)))";
        assert!(matches!(refusal(memory), Some(Refusal::TooMuch { .. })));
        let functions = format!("(component (core module {}))", "(func)".repeat(100_001));
        assert!(matches!(
            refusal(&functions),
            Some(Refusal::TooMuch {
                max: FUNCTIONS_MAX,
                ..
            })
        ));
    }

    #[test]
    fn features_that_are_off_are_refused() {
        for wat in [
            "(component (core module (memory 1 1 shared)))",
            "(component (core module (memory i64 1)))",
            "(component (core module (type (struct))))",
            "(component (core module (tag)))",
        ] {
            assert!(matches!(refusal(wat), Some(Refusal::Invalid(_))), "{wat}");
        }
    }
}
