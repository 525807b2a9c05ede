//! What is uploaded: the parts of a worker and what is said of them, whichever way they came.

use serde_json::{Map, Value};

use super::ControlError;
use super::assets::check_globs;
use super::bound::{self, Bound};
use crate::assets::{HeaderRules, RedirectRules};
use crate::model::Binding;
use crate::model::assets::{AssetsConfig, RunWorkerFirst};
use crate::model::bundle::{Bundle, Content, Module, Syntax};
use crate::model::namespace::DefaultOutbound;
use crate::model::script::Kind;
use crate::model::{ScriptLimits, Status, TenantId, tag};

/// Bytes of metadata.
///
/// Source: Cloudflare docs, Workers limits: 1 MB of metadata.
pub const METADATA_BYTES_MAX: usize = 1 << 20;
/// A part that maps positions in a bundle to those in its sources.
const SOURCE_MAP: &str = "application/source-map";
/// How WebAssembly begins.
const WASM: &[u8] = b"\0asm";
/// What of an upload's metadata is kept and given back, though nothing here acts on it.
pub const KEPT_SETTINGS: &[&str] = &[
    "annotations",
    "cache_options",
    "logpush",
    "observability",
    "placement",
    "tail_consumers",
    "usage_model",
];

/// What is said of an upload; what is left out stays as it is, where there is something.
///
/// Source: Cloudflare docs, "Multipart upload metadata". Fields that nobody here knows are passed over, since clients
/// send ever new ones.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// The module that exports the handlers.
    pub main_module: Option<String>,
    /// The script that adds listeners.
    pub body_part: Option<String>,
    /// Bindings; these take the place of those there were.
    pub bindings: Option<Vec<Entry>>,
    /// The bindings there were that stay.
    pub keep_bindings: Keep,
    /// Limits.
    pub limits: Option<ScriptLimits>,
    /// Tags.
    pub tags: Option<Vec<String>>,
    /// The day whose behaviour it was written for.
    pub compatibility_date: Option<String>,
    /// Single behaviours.
    pub compatibility_flags: Option<Vec<String>>,
    /// Static assets; these take the place of those there were.
    pub assets: Option<AssetsSaid>,
    /// The static assets there were stay.
    pub keep_assets: bool,
    /// Those of [`KEPT_SETTINGS`] that were given.
    pub settings: Map<String, Value>,
}

/// `assets`: which they are, and how they are served.
///
/// Source: Cloudflare API, "Workers for Platforms: upload a Worker module", `metadata.assets`.
#[derive(Clone, Debug, Default)]
pub struct AssetsSaid {
    /// The token that the last upload of a session gave.
    pub jwt: Option<String>,
    /// Whether anything is said of how they are served.
    pub has_config: bool,
    /// How they are served.
    pub config: AssetsConfig,
    /// The text of `_headers`.
    pub headers: String,
    /// The text of `_redirects`.
    pub redirects: String,
}

/// One entry of `bindings`.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A binding.
    New(Binding),
    /// The binding that the worker already has under a name.
    Inherit {
        /// The name it gets.
        name: String,
        /// The name it has.
        old_name: String,
    },
}

/// `keep_bindings`: which of the bindings there were stay, unless the upload has one of the same name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// None of them.
    #[default]
    None,
    /// All of them.
    All,
    /// Those of these types.
    Types(Vec<String>),
}

impl Keep {
    /// Whether a binding of this type stays.
    pub fn keeps(&self, kind: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Types(types) => types.iter().any(|t| t == kind),
        }
    }
}

/// A worker's bytes.
pub struct Code {
    /// What they are.
    pub kind: Kind,
    /// As they are stored.
    pub bytes: Vec<u8>,
}

/// One part of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The module's name: the part's file name, else its field's name.
    pub name: String,
    /// The field's name.
    pub field: String,
    /// Its content type without parameters, lower case; empty when it has none.
    pub content_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl Metadata {
    /// Whether this is a worker without code, whose static assets answer alone.
    pub fn is_assets_alone(&self) -> bool {
        let has_assets = self.assets.as_ref().is_some_and(|said| said.jwt.is_some());
        has_assets && self.main_module.is_none() && self.body_part.is_none()
    }

    /// Reads metadata's JSON.
    ///
    /// # Errors
    /// [`ControlError`] that names the field and what it has to be.
    pub fn parse(value: Value) -> Result<Self, ControlError> {
        let Value::Object(mut fields) = value else {
            return Err(invalid("metadata", "is a JSON object"));
        };
        let mut take = |name: &str| match fields.remove(name) {
            None | Some(Value::Null) => None,
            value => value,
        };
        let mut metadata = Self {
            main_module: text("main_module", take("main_module"))?,
            body_part: text("body_part", take("body_part"))?,
            bindings: take("bindings").map(entries).transpose()?,
            keep_bindings: keep(take("keep_bindings"))?,
            limits: take("limits").map(limits).transpose()?,
            tags: texts("tags", take("tags"))?.map(tag::check).transpose()?,
            compatibility_date: text("compatibility_date", take("compatibility_date"))?,
            compatibility_flags: texts("compatibility_flags", take("compatibility_flags"))?,
            assets: take("assets").map(assets).transpose()?,
            keep_assets: matches!(take("keep_assets"), Some(Value::Bool(true))),
            settings: Map::new(),
        };
        if metadata.main_module.is_some() && metadata.body_part.is_some() {
            return Err(ControlError::Invalid(
                "the metadata names both a main_module and a body_part; keep one".into(),
            ));
        }
        if let Some(date) = &metadata.compatibility_date {
            check_date(date)?;
        }
        for name in KEPT_SETTINGS {
            metadata
                .settings
                .extend(take(name).map(|value| ((*name).to_owned(), value)));
        }
        Ok(metadata)
    }
}

fn invalid(field: &str, is: &str) -> ControlError {
    ControlError::Invalid(format!("`{field}` {is}"))
}

fn text(field: &str, value: Option<Value>) -> Result<Option<String>, ControlError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(field, "is a string")),
    }
}

fn texts(field: &str, value: Option<Value>) -> Result<Option<Vec<String>>, ControlError> {
    let not = || invalid(field, "is an array of strings");
    match value {
        None => Ok(None),
        Some(Value::Array(items)) => items
            .into_iter()
            .map(|item| text(field, Some(item)).map_err(|_| not())?.ok_or_else(not))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(not()),
    }
}

/// Reads limits.
///
/// # Errors
/// [`ControlError::Invalid`] when one is no whole number, 0 or above, or nobody knows it: a limit that is passed over in
/// silence would be none.
pub fn limits(value: Value) -> Result<ScriptLimits, ControlError> {
    let Value::Object(fields) = &value else {
        return Err(invalid("limits", "is an object, as in {\"cpu_ms\": 50}"));
    };
    if let Some(name) = fields
        .keys()
        .find(|name| !ScriptLimits::NAMES.contains(&name.as_str()))
    {
        let shown: String = name.chars().take(64).collect();
        let names = ScriptLimits::NAMES.join(", ");
        return Err(ControlError::Invalid(format!(
            "there is no limit `{shown}`; there are {names}"
        )));
    }
    serde_json::from_value(value).map_err(|e| {
        ControlError::Invalid(format!(
            "`limits` has a value that is no whole number, 0 or above: {e}"
        ))
    })
}

/// Reads a `status`.
///
/// # Errors
/// [`ControlError::Invalid`] for anything but `active` and `suspended`.
pub fn status(text: &str) -> Result<Status, ControlError> {
    match text {
        "active" => Ok(Status::Active),
        "suspended" => Ok(Status::Suspended),
        _ => Err(ControlError::Invalid(
            "`status` is `active` or `suspended`".to_owned(),
        )),
    }
}

/// Reads a namespace's `outbound`; null for none.
///
/// # Errors
/// [`ControlError`] when it names no regular worker.
pub fn outbound(value: Value) -> Result<Option<DefaultOutbound>, ControlError> {
    let outbound: Option<DefaultOutbound> = serde_json::from_value(value).map_err(|e| {
        ControlError::Invalid(format!(
            "`outbound` is an object, as in {{\"service\": \"policy\", \"params\": {{\"plan\": \"free\"}}}}: {e}"
        ))
    })?;
    if let Some(outbound) = &outbound {
        TenantId::regular(&outbound.service)?;
    }
    Ok(outbound)
}

fn assets(value: Value) -> Result<AssetsSaid, ControlError> {
    let Value::Object(mut fields) = value else {
        return Err(invalid("assets", "is an object, as in {\"jwt\": \"…\"}"));
    };
    let jwt = text(
        "assets.jwt",
        fields.remove("jwt").filter(|jwt| !jwt.is_null()),
    )?;
    let config = fields.remove("config").filter(|config| !config.is_null());
    let Some(config) = config else {
        return Ok(AssetsSaid {
            jwt,
            ..AssetsSaid::default()
        });
    };
    let Value::Object(mut config) = config else {
        return Err(invalid("assets.config", "is an object"));
    };
    let mut take = |name: &str| config.remove(name).filter(|value| !value.is_null());
    let mut said = AssetsSaid {
        jwt,
        has_config: true,
        headers: text("assets.config._headers", take("_headers"))?.unwrap_or_default(),
        redirects: text("assets.config._redirects", take("_redirects"))?.unwrap_or_default(),
        config: AssetsConfig::default(),
    };
    if let Some(value) = take("html_handling") {
        said.config.html_handling = serde_json::from_value(value).map_err(|_| {
            invalid(
                "assets.config.html_handling",
                "is auto-trailing-slash, force-trailing-slash, drop-trailing-slash or none",
            )
        })?;
    }
    if let Some(value) = take("not_found_handling") {
        said.config.not_found_handling = serde_json::from_value(value).map_err(|_| {
            invalid(
                "assets.config.not_found_handling",
                "is 404-page, single-page-application or none",
            )
        })?;
    }
    let first = "assets.config.run_worker_first";
    // An older name, for the opposite.
    if take("serve_directly") == Some(Value::Bool(false)) {
        said.config.run_worker_first = RunWorkerFirst::All(true);
    }
    if let Some(value) = take("run_worker_first") {
        said.config.run_worker_first = serde_json::from_value(value)
            .map_err(|_| invalid(first, "is true, false or an array of paths"))?;
    }
    check_globs(&said.config.run_worker_first).map_err(|is| invalid(first, is))?;
    if let Some(base) = text("assets.config.base_path", take("base_path"))? {
        let base = base.trim_end_matches('/');
        let is_path = base.is_empty() || (base.starts_with('/') && !base.contains("//"));
        if !is_path
            || !base.bytes().all(|b| b.is_ascii_graphic())
            || base.contains(['?', '#', '\\'])
        {
            return Err(invalid(
                "assets.config.base_path",
                "is a path, as in \"/docs\"",
            ));
        }
        base.clone_into(&mut said.config.base_path);
    }
    HeaderRules::parse(&said.headers)?;
    RedirectRules::parse(&said.redirects, said.config.html_handling)?;
    Ok(said)
}

fn keep(value: Option<Value>) -> Result<Keep, ControlError> {
    match value {
        None | Some(Value::Bool(false)) => Ok(Keep::None),
        // Some of Cloudflare's pages write it so.
        Some(Value::Bool(true)) => Ok(Keep::All),
        value => Ok(Keep::Types(
            texts("keep_bindings", value)?.unwrap_or_default(),
        )),
    }
}

/// Reads `bindings`.
///
/// # Errors
/// [`ControlError`] that names the binding and what it lacks.
pub fn entries(value: Value) -> Result<Vec<Entry>, ControlError> {
    let Value::Array(items) = value else {
        return Err(invalid("bindings", "is an array of objects"));
    };
    items.into_iter().enumerate().map(entry).collect()
}

fn entry((index, value): (usize, Value)) -> Result<Entry, ControlError> {
    let field = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let Some(kind) = field("type") else {
        return Err(invalid(&format!("bindings[{index}]"), "needs a `type`"));
    };
    let Some(name) = field("name") else {
        return Err(invalid(
            &format!("bindings[{index}]"),
            &format!("of type {kind:?} needs a `name`"),
        ));
    };
    if kind == "inherit" {
        let old_name = field("old_name").unwrap_or_else(|| name.clone());
        return Ok(Entry::Inherit { name, old_name });
    }
    let binding: Result<Binding, _> = serde_json::from_value(value);
    binding.map(Entry::New).map_err(|error| {
        // serde wraps the shape's own text in nothing, so it can be shown as it is.
        ControlError::Invalid(error.to_string())
    })
}

fn check_date(date: &str) -> Result<(), ControlError> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    match time::Date::parse(date, format) {
        Ok(_) => Ok(()),
        Err(_) => Err(invalid(
            "compatibility_date",
            "is a day, as in \"2026-01-31\"",
        )),
    }
}

/// Makes a worker of an upload's parts; `None` when there are none, and only settings are to change.
///
/// # Errors
/// [`ControlError`] that names the part and what to do.
pub fn code(metadata: &Metadata, mut parts: Vec<Part>) -> Result<Option<Code>, ControlError> {
    if parts.iter().all(|part| part.content_type == SOURCE_MAP) {
        return Ok(None);
    }
    let bound = Bound::all(metadata);
    let bound_modules = bound::take(&bound, &mut parts)?;
    let (main, syntax) = match (&metadata.main_module, &metadata.body_part) {
        (Some(main), _) => (main, Syntax::Modules),
        (None, Some(part)) => (part, Syntax::ServiceWorker),
        (None, None) => {
            let names: Vec<_> = parts
                .iter()
                .map(|part| format!("{:?}", part.name))
                .collect();
            return Err(ControlError::Invalid(format!(
                "the metadata names neither a main_module nor a body_part, but there are modules: {}",
                names.join(", ")
            )));
        }
    };
    let plain = |name: &str| name.trim_start_matches("./").to_owned();
    let by_name = parts
        .iter()
        .position(|part| plain(&part.name) == plain(main));
    let by_field = || {
        parts
            .iter()
            .position(|part| plain(&part.field) == plain(main))
    };
    let Some(at) = by_name.or_else(by_field) else {
        let names: Vec<_> = parts
            .iter()
            .map(|part| format!("{:?}", part.name))
            .collect();
        return Err(ControlError::Refused(format!(
            "no such module: the main module {main:?} is none of the uploaded parts, which are {}",
            names.join(", ")
        )));
    };
    let main_part = &mut parts[at];
    main_part.name = plain(main);
    if main_part.content.starts_with(WASM) {
        if parts
            .iter()
            .filter(|part| part.content_type != SOURCE_MAP)
            .count()
            > 1
            || !bound.is_empty()
        {
            return Err(ControlError::Refused(
                "a worker whose main module is a WebAssembly component is that one file; leave the other parts out".into(),
            ));
        }
        let bytes = parts.swap_remove(at).content;
        return Ok(Some(Code {
            kind: Kind::Component,
            bytes,
        }));
    }
    let mut modules = parts
        .into_iter()
        .enumerate()
        .map(|(index, part)| module(part, index == at, syntax))
        .collect::<Result<Vec<_>, _>>()?;
    modules.extend(bound_modules);
    let mut bundle = Bundle::new(syntax, main, modules)
        .map_err(|error| ControlError::Refused(error.to_string()))?;
    bundle.compatibility_date = metadata.compatibility_date.clone().unwrap_or_default();
    bundle.compatibility_flags = metadata.compatibility_flags.clone().unwrap_or_default();
    bundle.bound = bound.into_iter().map(|b| (b.name, b.part)).collect();
    Ok(Some(Code {
        kind: Kind::JavaScript,
        bytes: bundle.to_bytes(),
    }))
}

/// A part as a module.
///
/// Source: Cloudflare docs, "Multipart upload metadata": the content types of the parts.
fn module(part: Part, is_main: bool, syntax: Syntax) -> Result<Module, ControlError> {
    let Part {
        name,
        content_type,
        content,
        ..
    } = part;
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let is_code = is_main || ends(&[".js", ".mjs"]);
    let utf8 = |content: Vec<u8>| {
        String::from_utf8(content)
            .map_err(|_| ControlError::Refused(format!("the module {name:?} is not UTF-8")))
    };
    let is_wasm = content_type == "application/wasm" || content.starts_with(WASM);
    let content = match content_type.as_str() {
        // Also when its type is another: clients that do not know the ending send it as bytes.
        _ if is_wasm && !is_main => Content::Wasm(content),
        "application/javascript+module" | "text/javascript+module" => {
            Content::Module(utf8(content)?)
        }
        "application/javascript" | "text/javascript" => {
            match is_main || syntax == Syntax::ServiceWorker || is_code {
                true => Content::Module(utf8(content)?),
                false => Content::CommonJs(utf8(content)?),
            }
        }
        "application/json" if !is_main => Content::Json(utf8(content)?),
        "text/plain" if !is_main => Content::Text(utf8(content)?),
        // What `curl -F name=@file` sends for endings it does not know, `.js` among them.
        "application/octet-stream" | "" | "text/plain" | "application/json" if is_code => {
            Content::Module(utf8(content)?)
        }
        "application/octet-stream" | "" if name.ends_with(".cjs") => {
            Content::CommonJs(utf8(content)?)
        }
        // What is no map leaves stacks as they are.
        SOURCE_MAP => Content::SourceMap(String::from_utf8_lossy(&content).into_owned()),
        "application/octet-stream" | "" => Content::Data(content),
        "text/html" | "text/css" | "text/markdown" | "application/sql" => {
            Content::Text(utf8(content)?)
        }
        "text/x-python" | "text/x-python-requirement" => {
            return Err(ControlError::Refused(format!(
                "the module {name:?} is Python, which is not run as a script here; build a component of it \
                 (componentize-py) and upload that as application/wasm"
            )));
        }
        other => {
            return Err(ControlError::Refused(format!(
                "the module {name:?} has the content type {other:?}, which stands for no kind of module; use \
                 application/javascript+module, application/javascript, application/wasm, text/plain, application/json \
                 or application/octet-stream"
            )));
        }
    };
    Ok(Module { name, content })
}

/// Whether a script names its handlers by listeners, when nobody has said: with modules there is an import or an export
/// somewhere.
pub fn is_service_worker(text: &str) -> bool {
    let is_statement = |line: &str| {
        let line = line.trim_start();
        ["export", "import"].iter().any(|word| {
            let rest = line.strip_prefix(word);
            rest.is_some_and(|rest| rest.starts_with([' ', '{', '*', '"', '\'', '\t']))
        })
    };
    // A minified bundle has its export after a semicolon.
    let has_module = text.lines().any(is_statement)
        || [";export{", ";export default", "}export{", "}export default"]
            .iter()
            .any(|part| text.contains(part));
    !has_module && text.contains("addEventListener")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_tells_how_it_names_its_handlers() {
        for module in [
            "export default { fetch() {} }",
            "import a from 'b';\naddEventListener('x', y)",
            "var a=1;export{a as default};",
            "  export { x as default }",
            "const x = 1",
        ] {
            assert!(!is_service_worker(module), "{module}");
        }
        for script in [
            "addEventListener('fetch', e => e.respondWith(new Response('')))",
            "// exported\nself.addEventListener(\"fetch\", handle)",
        ] {
            assert!(is_service_worker(script), "{script}");
        }
    }
}
