//! A worker's modules: which part of the bundle a specifier means, and how a part becomes a module.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;

use rquickjs::qjs;

use crate::codec::Reader;
use crate::hooks::HOOKS;
use crate::js::{Answer, Class, Js, Thrown, UNDEFINED, Value};
use crate::single::Single;
use crate::{memory, runtime};

pub static BUNDLE: Single<Bundle> = Single::new(Bundle::empty());

/// What was uploaded.
pub struct Bundle {
    pub is_service_worker: bool,
    pub options: String,
    pub main: String,
    pub parts: Vec<Part>,
    /// The import that found no module: (who imports, what it wrote).
    pub missing: Option<(String, String)>,
}

#[derive(Clone)]
pub struct Part {
    pub kind: Kind,
    /// Without "./" in front.
    pub name: String,
    pub content: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    EsModule,
    CommonJs,
    Text,
    Data,
    Json,
    /// Its content is the outline that the host has made of it.
    Wasm,
}

impl Bundle {
    const fn empty() -> Self {
        Self {
            is_service_worker: false,
            options: String::new(),
            main: String::new(),
            parts: Vec::new(),
            missing: None,
        }
    }

    pub fn read(bytes: &[u8]) -> Self {
        let mut reader = Reader(bytes);
        let is_service_worker = reader.u8() == 1;
        let options = reader.str().to_owned();
        let main = plain(reader.str()).to_owned();
        let parts = (0..reader.u32())
            .map(|_| Part {
                kind: match reader.u8() {
                    0 => Kind::EsModule,
                    1 => Kind::CommonJs,
                    2 => Kind::Text,
                    3 => Kind::Data,
                    4 => Kind::Json,
                    _ => Kind::Wasm,
                },
                name: plain(reader.str()).to_owned(),
                content: reader.bytes().to_vec(),
            })
            .collect();
        Self {
            is_service_worker,
            options,
            main,
            parts,
            missing: None,
        }
    }

    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    /// The name of the module that a specifier means: relative to who imports it, else from the root. "./x" and "x" are equal.
    pub fn resolve(&self, importer: &str, specifier: &str) -> Option<String> {
        if specifier == WORKERS {
            return Some(WORKERS.to_owned());
        }
        let folder = importer.rfind('/').map_or("", |end| &importer[..end]);
        let beside = join(folder, specifier);
        if specifier == NODE && importer.starts_with(NODE_PREFIX) {
            return Some(NODE.to_owned());
        }
        let candidates = [
            beside,
            join("", specifier),
            format!("{NODE_PREFIX}{specifier}"),
        ];
        candidates
            .into_iter()
            .find(|name| self.part(name).is_some())
    }

    /// A copy for the image. Sources of modules that are there by now serve nobody; those that a dynamic import may yet want
    /// stay.
    pub fn rest(&self) -> Self {
        let is_wanted = |part: &&Part| !LOADED.borrow().contains(&part.name);
        Self {
            parts: self.parts.iter().filter(is_wanted).cloned().collect(),
            ..Self::empty()
        }
    }
}

/// The module of the platform itself.
pub const WORKERS: &str = "cloudflare:workers";
/// What it exports.
const WORKERS_EXPORTS: [&CStr; 6] = [
    c"WorkerEntrypoint",
    c"DurableObject",
    c"RpcTarget",
    c"WorkflowEntrypoint",
    c"env",
    c"waitUntil",
];

/// What Node's modules stand on; only they can import it. The host puts them into a bundle that asks for them, and this one
/// in front, which makes what is global of them.
const NODE: &str = "cirque:node";
const NODE_PREFIX: &str = "node:";
const NODE_FIRST: &str = "node:first";
/// Node's modules that there may be, for those who import them without asking.
const NODE_NAMES: [&str; 16] = [
    "assert",
    "async_hooks",
    "buffer",
    "crypto",
    "diagnostics_channel",
    "events",
    "fs",
    "http",
    "os",
    "path",
    "process",
    "querystring",
    "stream",
    "timers",
    "url",
    "util",
];

/// Names of the parts that have become modules.
static LOADED: Single<Vec<String>> = Single::new(Vec::new());

/// Node's modules, when the bundle has them: gives the promise of their end.
pub fn run_node(js: Js) -> Result<Option<Value>, Thrown> {
    if BUNDLE.borrow().part(NODE_FIRST).is_none() {
        return Ok(None);
    }
    let module = declare(js, NODE_FIRST)?;
    run(js, module).map(Some)
}

/// Compiles the main module and all it imports; the address is good for as long as the context lives.
pub fn declare_main(js: Js) -> Result<*mut qjs::JSModuleDef, Thrown> {
    let name = BUNDLE.borrow().main.clone();
    let module = declare(js, &name)?;
    if module.is_null() {
        Err(Thrown)
    } else {
        Ok(module)
    }
}

/// Tells QuickJS whom to ask for modules.
pub fn install(js: Js) {
    // SAFETY: the two functions follow QuickJS's rules for them, given at each.
    unsafe {
        qjs::JS_SetModuleLoaderFunc(
            qjs::JS_GetRuntime(js.0),
            Some(normalize),
            Some(load),
            ptr::null_mut(),
        )
    }
}

/// QuickJS frees the name that it gets; null means that an exception is pending.
unsafe extern "C" fn normalize(
    context: *mut qjs::JSContext,
    importer: *const c_char,
    specifier: *const c_char,
    _: *mut c_void,
) -> *mut c_char {
    let js = Js(context);
    // SAFETY: QuickJS passes two strings that end with a zero.
    let (importer, specifier) = unsafe {
        (
            CStr::from_ptr(importer).to_string_lossy(),
            CStr::from_ptr(specifier).to_string_lossy(),
        )
    };
    match resolve(js, &importer, &specifier) {
        // SAFETY: QuickJS copies the name.
        Ok(name) => unsafe { qjs::js_strndup(context, name.as_ptr().cast(), name.len() as _) },
        Err(Thrown) => ptr::null_mut(),
    }
}

/// Null means that an exception is pending.
unsafe extern "C" fn load(
    context: *mut qjs::JSContext,
    name: *const c_char,
    _: *mut c_void,
) -> *mut qjs::JSModuleDef {
    // SAFETY: QuickJS passes a string that ends with a zero.
    let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
    declare(Js(context), &name).unwrap_or(ptr::null_mut())
}

pub fn resolve(js: Js, importer: &str, specifier: &str) -> Result<String, Thrown> {
    if let Some(name) = BUNDLE.borrow().resolve(importer, specifier) {
        return Ok(name);
    }
    BUNDLE.borrow().missing = Some((importer.to_owned(), specifier.to_owned()));
    let name = specifier
        .strip_prefix(NODE_PREFIX)
        .or_else(|| NODE_NAMES.into_iter().find(|name| *name == specifier));
    let hint = match (name, BUNDLE.borrow().options.contains("nodejs_compat")) {
        (None, _) => "",
        (Some(_), true) => ": this module of Node is not available here",
        (Some(_), false) => ": for Node's modules set the compatibility flag \"nodejs_compat\"",
    };
    Err(js.throw(
        Class::Plain,
        &format!("No such module \"{specifier}\", imported from \"{importer}\"{hint}"),
    ))
}

fn declare(js: Js, name: &str) -> Result<*mut qjs::JSModuleDef, Thrown> {
    let text =
        CString::new(name).map_err(|_| js.throw(Class::Plain, "A module's name holds a zero"))?;
    let kind = BUNDLE.borrow().part(name).map(|part| part.kind);
    LOADED.borrow().push(name.to_owned());
    match kind {
        Some(Kind::EsModule) => compile(js, &text),
        _ => foreign(js, &text),
    }
}

fn compile(js: Js, name: &CStr) -> Result<*mut qjs::JSModuleDef, Thrown> {
    let source = source(name);
    let flags = qjs::JS_EVAL_TYPE_MODULE | qjs::JS_EVAL_FLAG_COMPILE_ONLY;
    // SAFETY: the source ends with a zero behind its length, as QuickJS wants. A compiled module belongs to the context, so
    // the value's own reference may be given back while its address stays good.
    unsafe {
        let length = source.as_bytes().len();
        let value = js.checked(runtime::compiling(js, || {
            qjs::JS_Eval(
                js.0,
                source.as_ptr(),
                length as _,
                name.as_ptr(),
                flags as c_int,
            )
        }))?;
        let module = qjs::JS_VALUE_GET_PTR(value).cast::<qjs::JSModuleDef>();
        let meta = js.checked(qjs::JS_GetImportMeta(js.0, module))?;
        let url = js.string(&format!("file:///{}", name.to_string_lossy()))?;
        js.set(meta, c"url", url)?;
        js.free(meta);
        js.free(value);
        Ok(module)
    }
}

fn source(name: &CStr) -> CString {
    let content = BUNDLE
        .borrow()
        .part(&name.to_string_lossy())
        .map(|part| &part.content[..])
        .unwrap_or_default();
    // A zero inside a source is a syntax error anyway; cutting there gives one at its place.
    let end = content
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(content.len());
    memory::in_work(|| CString::new(&content[..end])).unwrap_or_default()
}

/// A module whose exports are values that exist without running it.
fn foreign(js: Js, name: &CStr) -> Result<*mut qjs::JSModuleDef, Thrown> {
    // SAFETY: makes a module of the context; exports are named before it is linked.
    unsafe {
        let module = qjs::JS_NewCModule(js.0, name.as_ptr(), Some(fill));
        if module.is_null() {
            return Err(Thrown);
        }
        if name.to_bytes() == WORKERS.as_bytes() {
            for export in WORKERS_EXPORTS {
                qjs::JS_AddModuleExport(js.0, module, export.as_ptr());
            }
        }
        qjs::JS_AddModuleExport(js.0, module, c"default".as_ptr());
        Ok(module)
    }
}

/// QuickJS evaluates a foreign module; -1 means that an exception is pending.
unsafe extern "C" fn fill(context: *mut qjs::JSContext, module: *mut qjs::JSModuleDef) -> c_int {
    let js = Js(context);
    match set_exports(js, module) {
        Ok(()) => 0,
        Err(Thrown) => -1,
    }
}

fn set_exports(js: Js, module: *mut qjs::JSModuleDef) -> Result<(), Thrown> {
    // SAFETY: the name is an atom that is given back; setting an export takes the value over.
    unsafe {
        let atom = qjs::JS_GetModuleName(js.0, module);
        let name = js.checked(qjs::JS_AtomToString(js.0, atom));
        qjs::JS_FreeAtom(js.0, atom);
        let name = name?;
        let text = js.text(name)?.to_string();
        js.free(name);
        if text == WORKERS {
            let workers = HOOKS.borrow().workers;
            for export in WORKERS_EXPORTS {
                qjs::JS_SetModuleExport(js.0, module, export.as_ptr(), js.get(workers, export)?);
            }
            qjs::JS_SetModuleExport(js.0, module, c"default".as_ptr(), js.share(workers));
            return Ok(());
        }
        if text == NODE {
            qjs::JS_SetModuleExport(
                js.0,
                module,
                c"default".as_ptr(),
                js.share(HOOKS.borrow().node),
            );
            return Ok(());
        }
        qjs::JS_SetModuleExport(js.0, module, c"default".as_ptr(), value_of(js, &text)?);
        Ok(())
    }
}

/// What `import x from` or `require` gives for a part that is no ES module; owned.
pub fn value_of(js: Js, name: &str) -> Answer {
    let Some(part) = BUNDLE.borrow().part(name) else {
        return Err(js.throw(Class::Plain, &format!("No such module \"{name}\"")));
    };
    match part.kind {
        Kind::Text => js.string(&String::from_utf8_lossy(&part.content)),
        // SAFETY: QuickJS copies the bytes.
        Kind::Data => js.checked(unsafe {
            qjs::JS_NewArrayBufferCopy(js.0, part.content.as_ptr(), part.content.len() as _)
        }),
        Kind::Json => {
            let file = CString::new(name).unwrap_or_default();
            let content = source(&file);
            // SAFETY: the text ends with a zero behind its length.
            js.checked(unsafe {
                qjs::JS_ParseJSON(
                    js.0,
                    content.as_ptr(),
                    content.as_bytes().len() as _,
                    file.as_ptr(),
                )
            })
        }
        Kind::Wasm => {
            let outline = js.string(&String::from_utf8_lossy(&part.content))?;
            let module = js.call(HOOKS.borrow().module, &[outline]);
            js.free(outline);
            module
        }
        Kind::CommonJs => {
            let name = js.string(name)?;
            let exports = js.call(HOOKS.borrow().require, &[name]);
            js.free(name);
            exports
        }
        Kind::EsModule => Err(js.throw(
            Class::Plain,
            &format!("\"{name}\" is an ES module, and cannot be loaded with require()"),
        )),
    }
}

/// The function (exports, require, module) around a CommonJS part's source; owned.
pub fn compile_commonjs(js: Js, name: &str) -> Answer {
    let file = CString::new(name).unwrap_or_default();
    // On one line with the source's first, so that line numbers are its own.
    let mut text = b"(function(exports,require,module){".to_vec();
    text.extend_from_slice(source(&file).as_bytes());
    text.extend_from_slice(b"\n})");
    evaluate(js, &text, &file)
}

/// Runs a script in the global scope; owned.
pub fn evaluate(js: Js, text: &[u8], file: &CStr) -> Answer {
    let text = memory::in_work(|| CString::new(text)).unwrap_or_default();
    let flags = qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_COMPILE_ONLY;
    // SAFETY: the text ends with a zero behind its length; JS_EvalFunction takes the function over.
    unsafe {
        let function = js.checked(runtime::compiling(js, || {
            qjs::JS_Eval(
                js.0,
                text.as_ptr(),
                text.as_bytes().len() as _,
                file.as_ptr(),
                flags as c_int,
            )
        }))?;
        js.checked(qjs::JS_EvalFunction(js.0, function))
    }
}

/// Runs the main module; gives the promise of its end.
pub fn run(js: Js, module: *mut qjs::JSModuleDef) -> Answer {
    // SAFETY: JS_EvalFunction gives one reference back, so it gets one of its own.
    unsafe {
        let value = js.share(qjs::JS_MKPTR(qjs::JS_TAG_MODULE, module.cast()));
        js.checked(qjs::JS_EvalFunction(js.0, value))
    }
}

/// The main module's exports; owned.
pub fn namespace(js: Js, module: *mut qjs::JSModuleDef) -> Answer {
    if module.is_null() {
        return Ok(UNDEFINED);
    }
    // SAFETY: the module has been linked.
    js.checked(unsafe { qjs::JS_GetModuleNamespace(js.0, module) })
}

fn plain(name: &str) -> &str {
    let name = name.trim_start_matches('/');
    name.strip_prefix("./").unwrap_or(name)
}

/// A folder and a path relative to it, without "." and "..".
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
