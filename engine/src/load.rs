//! An upload: evaluates the worker's top level, and says how it went.

use std::ffi::CString;

use rquickjs::qjs;

use crate::errors::{Described, Place};
use crate::hooks::HOOKS;
use crate::js::{Js, NULL, Thrown, Value};
use crate::life::{LIFE, handled, run_jobs};
use crate::modules::{self, BUNDLE, Bundle};
use crate::{memory, places};

/// Gives the report as JSON.
pub fn evaluate(js: Js, bundle: Vec<u8>) -> String {
    *BUNDLE.borrow() = memory::in_work(|| Bundle::read(&bundle));
    drop(bundle);
    LIFE.borrow().is_loading = true;
    let report = match configure(js).and_then(|()| node(js)).and_then(|()| {
        if BUNDLE.borrow().is_service_worker {
            script(js)
        } else {
            module(js)
        }
    }) {
        Ok(Outcome::Ran(namespace)) => loaded(js, namespace),
        Ok(Outcome::NeverSettles) => Ok(never_settled()),
        Err(Thrown) => Err(Thrown),
    };
    let report = report.unwrap_or_else(|Thrown| failed(js));
    let rest = BUNDLE.borrow().rest();
    *BUNDLE.borrow() = rest;
    report
}

enum Outcome {
    /// With the namespace of the main module; owned.
    Ran(Value),
    NeverSettles,
}

fn configure(js: Js) -> Result<(), Thrown> {
    let options = js.string(&BUNDLE.borrow().options)?;
    let is_module = js.new_bool(!BUNDLE.borrow().is_service_worker);
    js.free(js.call(HOOKS.borrow().configure, &[is_module, options])?);
    js.free(options);
    Ok(())
}

/// Node's modules run before the worker's own, which may expect their globals.
fn node(js: Js) -> Result<(), Thrown> {
    let Some(promise) = modules::run_node(js)? else {
        return Ok(());
    };
    handled(js, promise);
    run_jobs(js);
    // SAFETY: looks at a promise that is owned here.
    unsafe {
        if qjs::JS_PromiseState(js.0, promise) == qjs::JSPromiseStateEnum_JS_PROMISE_REJECTED {
            qjs::JS_Throw(js.0, qjs::JS_PromiseResult(js.0, promise));
            return Err(Thrown);
        }
    }
    js.free(promise);
    Ok(())
}

fn script(js: Js) -> Result<Outcome, Thrown> {
    let name = BUNDLE.borrow().main.clone();
    let source = BUNDLE
        .borrow()
        .part(&name)
        .map(|part| part.content.clone())
        .unwrap_or_default();
    let file = CString::new(name).unwrap_or_default();
    js.free(modules::evaluate(js, &source, &file)?);
    run_jobs(js);
    Ok(Outcome::Ran(NULL))
}

fn module(js: Js) -> Result<Outcome, Thrown> {
    let module = modules::declare_main(js)?;
    let promise = modules::run(js, module)?;
    handled(js, promise);
    run_jobs(js);
    // SAFETY: looks at a promise that is owned here.
    unsafe {
        match qjs::JS_PromiseState(js.0, promise) {
            qjs::JSPromiseStateEnum_JS_PROMISE_PENDING => Ok(Outcome::NeverSettles),
            qjs::JSPromiseStateEnum_JS_PROMISE_REJECTED => {
                qjs::JS_Throw(js.0, qjs::JS_PromiseResult(js.0, promise));
                Err(Thrown)
            }
            _ => Ok(Outcome::Ran(modules::namespace(js, module)?)),
        }
    }
}

fn loaded(js: Js, namespace: Value) -> Result<String, Thrown> {
    let report = js.call(HOOKS.borrow().loaded, &[namespace])?;
    js.free(namespace);
    let text = js.text(report)?.to_string();
    js.free(report);
    Ok(text)
}

fn never_settled() -> String {
    let error = Described {
        name: String::new(),
        message: "The top level awaits a promise that can never be settled".to_owned(),
        stack: String::new(),
    };
    error.report("never_settled", None)
}

fn failed(js: Js) -> String {
    let exception = js.catch();
    let error = Described::of(js, exception);
    js.free(exception);
    let (kind, place) = classify(js, &error);
    error.report(kind, place)
}

fn classify(js: Js, error: &Described) -> (&'static str, Option<Place>) {
    let bundle = BUNDLE.borrow();
    if let Some((importer, specifier)) = &bundle.missing
        && error.message.starts_with("No such module")
    {
        return (
            "missing_module",
            places::of_missing_module(bundle, importer, specifier),
        );
    }
    if error.message.starts_with("Could not find export") {
        return (
            "missing_export",
            places::of_missing_export(bundle, &error.message),
        );
    }
    if error.name != "SyntaxError" {
        return ("exception", error.place());
    }
    let place = error
        .place()
        .or_else(|| places::of_bad_regex(bundle, |pattern, flags| is_regex(js, pattern, flags)));
    ("syntax", place)
}

fn is_regex(js: Js, pattern: &str, flags: &str) -> bool {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let script = format!("new RegExp({}, {})", text(pattern), text(flags));
    match modules::evaluate(js, script.as_bytes(), c"regex") {
        Ok(regex) => {
            js.free(regex);
            true
        }
        Err(Thrown) => {
            js.free(js.catch());
            false
        }
    }
}
