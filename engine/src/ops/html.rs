//! The operations of our `htmlrewriter.js`, over Cloudflare's streaming parser.
//!
//! The parser calls a handler and goes on when that returns. A handler that gives a promise is waited for right there: the
//! loop that leads requests (src/life.rs) runs inside the parser's call, so that other promises, timers and events go on, until
//! the promise is settled. Such waits lie inside each other; `html_depth` lets the script bound how many.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use encoding_rs::Encoding;
use lol_html::errors::RewritingError;
use lol_html::html_content::{
    Comment, ContentType, Doctype, DocumentEnd, Element, EndTag, StreamingHandler,
    StreamingHandlerSink, TextChunk,
};
use lol_html::{
    AsciiCompatibleEncoding, DocumentContentHandlers, ElementContentHandlers, HandlerResult,
    HtmlRewriter, MemorySettings, Selector, Settings,
};
use rquickjs::qjs;

use super::{Arguments, Table, table};
use crate::js::{Answer, Class, Js, NULL, Thrown, UNDEFINED, Value, is_nullish, is_string};
use crate::life::{self, LIFE};
use crate::single::Single;

pub const OPS: Table = table![
    html_check_selector,
    html_new,
    html_write,
    html_end,
    html_drop,
    html_depth,
    html_get,
    html_set,
    html_attribute,
    html_has_attribute,
    html_set_attribute,
    html_remove_attribute,
    html_insert,
    html_remove,
    html_on_end_tag,
];

/// What one rewriter may hold back of a document, as on Cloudflare: a tag that never ends shall not fill the memory.
const HELD_BYTES_MAX: usize = 3 << 20;

/// (selector): throws when it is none
fn html_check_selector(js: Js, arguments: Arguments) -> Answer {
    selector(js, arguments.at(0))?;
    Ok(UNDEFINED)
}

fn selector(js: Js, value: Value) -> Result<Selector, Thrown> {
    let text = js.text(value)?;
    text.parse().map_err(|error| {
        js.throw(
            Class::Type,
            &format!(
                "\"{}\" is no selector that HTMLRewriter knows: {error}",
                &*text
            ),
        )
    })
}

/// A rewriter between two chunks; `None` while it is at work. One may be dropped then, so that numbers are never used again.
static REWRITERS: Single<BTreeMap<u32, Option<Rewriter>>> = Single::new(BTreeMap::new());
static LAST_REWRITER: Single<u32> = Single::new(0);

struct Rewriter {
    parser: HtmlRewriter<'static, Box<dyn FnMut(&[u8])>>,
    output: Output,
}

/// ([[selector, element, comments, text], …], [[doctype, comments, text, end], …], charset, give) → rewriter: functions that
/// get a token, or undefined. `give` gets the output's chunks.
fn html_new(js: Js, arguments: Arguments) -> Answer {
    let charset = js.text(arguments.at(2))?;
    let encoding = Encoding::for_label(charset.as_bytes()).and_then(AsciiCompatibleEncoding::new);
    let output = Output {
        give: Rc::new(Held::new(js, arguments.at(3))),
        bytes: Rc::default(),
    };
    let mut settings = Settings::new()
        .with_encoding(encoding.unwrap_or_else(AsciiCompatibleEncoding::utf_8))
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(HELD_BYTES_MAX));
    let elements = arguments.at(0);
    for index in 0..js.length(elements)? {
        let entry = Held(js, js.at(elements, index)?);
        let selector = selector(js, Held(js, js.at(entry.1, 0)?).1)?;
        let mut handlers = ElementContentHandlers::default();
        if let Some(handler) = handler(js, &entry, 1, &output)? {
            handlers = handlers.element(move |token: &mut Element| {
                handler.run(Token::Element((&raw mut *token).cast()))
            });
        }
        if let Some(handler) = handler(js, &entry, 2, &output)? {
            handlers = handlers.comments(move |token: &mut Comment| {
                handler.run(Token::Comment((&raw mut *token).cast()))
            });
        }
        if let Some(handler) = handler(js, &entry, 3, &output)? {
            handlers = handlers.text(move |token: &mut TextChunk| {
                handler.run(Token::Text((&raw mut *token).cast()))
            });
        }
        settings =
            settings.append_element_content_handler((std::borrow::Cow::Owned(selector), handlers));
    }
    let documents = arguments.at(1);
    for index in 0..js.length(documents)? {
        let entry = Held(js, js.at(documents, index)?);
        let mut handlers = DocumentContentHandlers::default();
        if let Some(handler) = handler(js, &entry, 0, &output)? {
            handlers = handlers.doctype(move |token: &mut Doctype| {
                handler.run(Token::Doctype((&raw mut *token).cast()))
            });
        }
        if let Some(handler) = handler(js, &entry, 1, &output)? {
            handlers = handlers.comments(move |token: &mut Comment| {
                handler.run(Token::Comment((&raw mut *token).cast()))
            });
        }
        if let Some(handler) = handler(js, &entry, 2, &output)? {
            handlers = handlers.text(move |token: &mut TextChunk| {
                handler.run(Token::Text((&raw mut *token).cast()))
            });
        }
        if let Some(handler) = handler(js, &entry, 3, &output)? {
            handlers = handlers.end(move |token: &mut DocumentEnd| {
                handler.run(Token::End((&raw mut *token).cast()))
            });
        }
        settings = settings.append_document_content_handler(handlers);
    }
    let sink = output.bytes.clone();
    let parser = HtmlRewriter::new(
        settings,
        Box::new(move |bytes: &[u8]| sink.borrow_mut().extend_from_slice(bytes)) as Box<_>,
    );
    let number = LAST_REWRITER.borrow();
    *number += 1;
    REWRITERS
        .borrow()
        .insert(*number, Some(Rewriter { parser, output }));
    Ok(js.new_number((*number).into()))
}

/// (rewriter, bytes)
fn html_write(js: Js, arguments: Arguments) -> Answer {
    let number = arguments.u32(js, 0)?;
    // A copy: a handler that waits lets others run, who may detach the buffer.
    let chunk = js.bytes(arguments.at(1))?.to_vec();
    let mut rewriter = take(js, number)?;
    let written = done(js, rewriter.parser.write(&chunk)).and_then(|()| rewriter.output.flush(js));
    if written.is_err() {
        REWRITERS.borrow().remove(&number);
        return Err(Thrown);
    }
    // It may have been dropped meanwhile.
    if let Some(place) = REWRITERS.borrow().get_mut(&number) {
        *place = Some(rewriter);
    }
    Ok(UNDEFINED)
}

/// (rewriter): the document is over
fn html_end(js: Js, arguments: Arguments) -> Answer {
    let number = arguments.u32(js, 0)?;
    let rewriter = take(js, number)?;
    let ended = rewriter.parser.end();
    REWRITERS.borrow().remove(&number);
    done(js, ended)?;
    rewriter.output.flush(js)?;
    Ok(UNDEFINED)
}

/// (rewriter): nobody wants its output any more
fn html_drop(js: Js, arguments: Arguments) -> Answer {
    let number = arguments.u32(js, 0)?;
    drop(REWRITERS.borrow().remove(&number));
    Ok(UNDEFINED)
}

/// How many handlers wait inside each other.
fn html_depth(js: Js, _: Arguments) -> Answer {
    Ok(js.new_number((*WAITING.borrow()).into()))
}

fn take(js: Js, number: u32) -> Result<Rewriter, Thrown> {
    let rewriter = REWRITERS.borrow().get_mut(&number).and_then(Option::take);
    rewriter.ok_or_else(|| js.throw(Class::Type, "The rewriter has ended or is at work"))
}

fn done(js: Js, result: Result<(), RewritingError>) -> Result<(), Thrown> {
    match result {
        Ok(()) => Ok(()),
        Err(RewritingError::ContentHandlerError(_)) if js.is_exception_pending() => Err(Thrown),
        Err(error) => Err(js.throw(
            Class::Type,
            &format!("The document cannot be rewritten: {error}"),
        )),
    }
}

/// Where a rewriter's output goes.
#[derive(Clone)]
struct Output {
    give: Rc<Held>,
    bytes: Rc<RefCell<Vec<u8>>>,
}

impl Output {
    fn flush(&self, js: Js) -> Result<(), Thrown> {
        let bytes = std::mem::take(&mut *self.bytes.borrow_mut());
        if bytes.is_empty() {
            return Ok(());
        }
        let chunk = Held(js, js.new_bytes(&bytes)?);
        js.free(js.call(self.give.1, &[chunk.1])?);
        Ok(())
    }
}

/// A value that is owned until this is dropped.
struct Held(Js, Value);

impl Held {
    fn new(js: Js, borrowed: Value) -> Self {
        Self(js, js.share(borrowed))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.free(self.1);
    }
}

/// A function of the script that gets a token.
#[derive(Clone)]
struct Handler {
    function: Rc<Held>,
    output: Output,
}

// SAFETY: WebAssembly without the threads proposal has one thread. (The parser wants it of what streams content.)
unsafe impl Send for Handler {}

fn handler(js: Js, entry: &Held, index: u32, output: &Output) -> Result<Option<Handler>, Thrown> {
    let function = Held(js, js.at(entry.1, index)?);
    Ok((!is_nullish(function.1)).then(|| Handler {
        function: Rc::new(function),
        output: output.clone(),
    }))
}

impl Handler {
    /// The error is only a sign: the exception is pending.
    fn run(&self, token: Token) -> HandlerResult {
        self.try_run(token)
            .map_err(|Thrown| "a handler has thrown".into())
    }

    fn try_run(&self, token: Token) -> Result<(), Thrown> {
        let js = self.function.0;
        let token = Lent::new(token);
        let result = Held(
            js,
            js.call(self.function.1, &[js.new_number(token.0.into())])?,
        );
        settle(js, result.1, &self.output)
    }
}

static WAITING: Single<u32> = Single::new(0);

/// Waits until the promise is settled; a value that is none is.
fn settle(js: Js, promise: Value, output: &Output) -> Result<(), Thrown> {
    // SAFETY: looks at the class.
    let state = || unsafe { qjs::JS_PromiseState(js.0, promise) };
    if state() == qjs::JSPromiseStateEnum_JS_PROMISE_PENDING {
        *WAITING.borrow() += 1;
        let waited = wait(js, state, output);
        *WAITING.borrow() -= 1;
        waited?;
    }
    if state() == qjs::JSPromiseStateEnum_JS_PROMISE_REJECTED {
        // SAFETY: the result is owned, and handed over.
        unsafe { qjs::JS_Throw(js.0, qjs::JS_PromiseResult(js.0, promise)) };
        return Err(Thrown);
    }
    Ok(())
}

fn wait(
    js: Js,
    state: impl Fn() -> qjs::JSPromiseStateEnum,
    output: &Output,
) -> Result<(), Thrown> {
    loop {
        life::run_jobs(js);
        if state() != qjs::JSPromiseStateEnum_JS_PROMISE_PENDING {
            return Ok(());
        }
        if LIFE.borrow().is_loading {
            return Err(js.throw(
                Class::Plain,
                "An HTMLRewriter handler cannot wait for I/O within global scope",
            ));
        }
        // What is ready shall not wait with it.
        output.flush(js)?;
        if !life::turn(js) {
            return Err(js.throw(
                Class::Plain,
                "An HTMLRewriter handler gave a promise that can never be settled",
            ));
        }
    }
}

/// What a handler may look at and change. The pointers are good while it runs.
#[derive(Clone, Copy)]
enum Token {
    Element(*mut Element<'static, 'static>),
    EndTag(*mut EndTag<'static>),
    Comment(*mut Comment<'static>),
    Text(*mut TextChunk<'static>),
    Doctype(*mut Doctype<'static>),
    End(*mut DocumentEnd<'static>),
    Sink(*mut StreamingHandlerSink<'static>),
}

/// The tokens that handlers hold now; several, when a handler waits and others run.
static TOKENS: Single<Vec<(u32, Token)>> = Single::new(Vec::new());
static LAST_TOKEN: Single<u32> = Single::new(0);

/// A token's number, which means nothing once this is dropped.
struct Lent(u32);

impl Lent {
    fn new(token: Token) -> Self {
        let number = LAST_TOKEN.borrow();
        *number += 1;
        TOKENS.borrow().push((*number, token));
        Self(*number)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        TOKENS.borrow().retain(|(number, _)| *number != self.0);
    }
}

/// The token of the first argument. Nothing below lets JavaScript run while it holds the reference that this becomes.
fn token(js: Js, arguments: Arguments) -> Result<Token, Thrown> {
    let number = arguments.u32(js, 0)?;
    let found = TOKENS.borrow().iter().find(|(other, _)| *other == number);
    found.map(|(_, token)| *token).ok_or_else(|| {
        js.throw(
            Class::Type,
            "This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.",
        )
    })
}

fn element<'a>(js: Js, arguments: Arguments) -> Result<&'a mut Element<'static, 'static>, Thrown> {
    match token(js, arguments)? {
        // SAFETY: `token` has found it, so its handler runs.
        Token::Element(element) => Ok(unsafe { &mut *element }),
        _ => Err(js.throw(Class::Type, "The content token is no element")),
    }
}

/// (token, property) → its value
fn html_get(js: Js, arguments: Arguments) -> Answer {
    let property = js.text(arguments.at(1))?;
    let optional = |text: Option<String>| text.map_or(Ok(NULL), |text| js.string(&text));
    // SAFETY: as in `element`.
    unsafe {
        match (token(js, arguments)?, &*property) {
            (Token::Element(it), "tagName") => js.string(&(*it).tag_name()),
            (Token::Element(it), "namespaceURI") => js.string((*it).namespace_uri()),
            (Token::Element(it), "selfClosing") => Ok(js.new_bool((*it).is_self_closing())),
            (Token::Element(it), "canHaveContent") => Ok(js.new_bool((*it).can_have_content())),
            (Token::Element(it), "removed") => Ok(js.new_bool((*it).removed())),
            (Token::Element(it), "attributes") => attributes(js, &*it),
            (Token::EndTag(it), "name") => js.string(&(*it).name()),
            (Token::Comment(it), "text") => js.string(&(*it).text()),
            (Token::Comment(it), "removed") => Ok(js.new_bool((*it).removed())),
            (Token::Text(it), "text") => js.string((*it).as_str()),
            (Token::Text(it), "lastInTextNode") => Ok(js.new_bool((*it).last_in_text_node())),
            (Token::Text(it), "removed") => Ok(js.new_bool((*it).removed())),
            (Token::Doctype(it), "name") => optional((*it).name()),
            (Token::Doctype(it), "publicId") => optional((*it).public_id()),
            (Token::Doctype(it), "systemId") => optional((*it).system_id()),
            _ => Ok(UNDEFINED),
        }
    }
}

fn attributes(js: Js, element: &Element) -> Answer {
    let list = js.new_array()?;
    for (index, attribute) in element.attributes().iter().enumerate() {
        let pair = js.new_array()?;
        js.put(pair, 0, js.string(&attribute.name())?)?;
        js.put(pair, 1, js.string(&attribute.value())?)?;
        js.put(list, index as u32, pair)?;
    }
    Ok(list)
}

/// (token, text): an element's or end tag's name, a comment's text
fn html_set(js: Js, arguments: Arguments) -> Answer {
    let text = js.text(arguments.at(1))?;
    // SAFETY: as in `element`.
    let set = unsafe {
        match token(js, arguments)? {
            Token::Element(it) => (*it).set_tag_name(&text).map_err(|error| error.to_string()),
            Token::EndTag(it) => {
                (*it).set_name_str(text.to_string());
                Ok(())
            }
            Token::Comment(it) => (*it).set_text(&text).map_err(|error| error.to_string()),
            _ => Ok(()),
        }
    };
    set.map_err(|error| js.throw(Class::Type, &error))?;
    Ok(UNDEFINED)
}

/// (element, name) → value or null
fn html_attribute(js: Js, arguments: Arguments) -> Answer {
    let name = js.text(arguments.at(1))?;
    match element(js, arguments)?.get_attribute(&name) {
        Some(value) => js.string(&value),
        None => Ok(NULL),
    }
}

fn html_has_attribute(js: Js, arguments: Arguments) -> Answer {
    let name = js.text(arguments.at(1))?;
    Ok(js.new_bool(element(js, arguments)?.has_attribute(&name)))
}

fn html_set_attribute(js: Js, arguments: Arguments) -> Answer {
    let (name, value) = (js.text(arguments.at(1))?, js.text(arguments.at(2))?);
    let set = element(js, arguments)?.set_attribute(&name, &value);
    set.map_err(|error| js.throw(Class::Type, &error.to_string()))?;
    Ok(UNDEFINED)
}

fn html_remove_attribute(js: Js, arguments: Arguments) -> Answer {
    let name = js.text(arguments.at(1))?;
    element(js, arguments)?.remove_attribute(&name);
    Ok(UNDEFINED)
}

/// One method for text, one for content that a function writes when it is its turn.
macro_rules! insert {
    ($token:expr, $content:expr, $now:ident, $later:ident) => {
        match $content {
            Content::Text(text, kind) => (*$token).$now(&text, kind),
            Content::Later(writer) => (*$token).$later(writer),
        }
    };
}

enum Content {
    Text(String, ContentType),
    Later(Box<dyn StreamingHandler + Send>),
}

/// (token, where, text or function, is HTML, rewriter)
fn html_insert(js: Js, arguments: Arguments) -> Answer {
    let place = js.text(arguments.at(1))?;
    let kind = if js.is_true(arguments.at(3)) {
        ContentType::Html
    } else {
        ContentType::Text
    };
    let content = arguments.at(2);
    let content = match is_string(content) {
        true => Content::Text(js.text(content)?.to_string(), kind),
        false => Content::Later(Box::new(Writer(Handler {
            function: Rc::new(Held::new(js, content)),
            // The parser is in the midst of writing when this comes: nothing may be taken from its output then.
            output: Output {
                give: Rc::new(Held(js, UNDEFINED)),
                bytes: Rc::default(),
            },
        }))),
    };
    // SAFETY: as in `element`.
    unsafe {
        match (token(js, arguments)?, &*place) {
            (Token::Element(it), "before") => insert!(it, content, before, streaming_before),
            (Token::Element(it), "after") => insert!(it, content, after, streaming_after),
            (Token::Element(it), "prepend") => insert!(it, content, prepend, streaming_prepend),
            (Token::Element(it), "append") => insert!(it, content, append, streaming_append),
            (Token::Element(it), "inside") => {
                insert!(it, content, set_inner_content, streaming_set_inner_content)
            }
            (Token::Element(it), "replace") => insert!(it, content, replace, streaming_replace),
            (Token::EndTag(it), "before") => insert!(it, content, before, streaming_before),
            (Token::EndTag(it), "after") => insert!(it, content, after, streaming_after),
            (Token::EndTag(it), "replace") => insert!(it, content, replace, streaming_replace),
            (Token::Comment(it), "before") => insert!(it, content, before, streaming_before),
            (Token::Comment(it), "after") => insert!(it, content, after, streaming_after),
            (Token::Comment(it), "replace") => insert!(it, content, replace, streaming_replace),
            (Token::Text(it), "before") => insert!(it, content, before, streaming_before),
            (Token::Text(it), "after") => insert!(it, content, after, streaming_after),
            (Token::Text(it), "replace") => insert!(it, content, replace, streaming_replace),
            (Token::End(it), "append") => {
                let Content::Text(text, kind) = content else {
                    return Err(js.throw(
                        Class::Type,
                        "What is appended to a document must be a string",
                    ));
                };
                (*it).append(&text, kind);
            }
            (Token::Sink(it), _) => {
                if let Content::Text(text, kind) = content {
                    (*it).write_str(&text, kind);
                }
            }
            _ => return Err(js.throw(Class::Type, "This content token takes no content there")),
        }
    }
    Ok(UNDEFINED)
}

/// A function that writes content into the document when the parser has come so far.
struct Writer(Handler);

impl StreamingHandler for Writer {
    fn write_all(self: Box<Self>, sink: &mut StreamingHandlerSink<'_>) -> HandlerResult {
        self.0.run(Token::Sink((&raw mut *sink).cast()))
    }
}

/// (token, keep an element's content)
fn html_remove(js: Js, arguments: Arguments) -> Answer {
    // SAFETY: as in `element`.
    unsafe {
        match token(js, arguments)? {
            Token::Element(it) if js.is_true(arguments.at(1)) => (*it).remove_and_keep_content(),
            Token::Element(it) => (*it).remove(),
            Token::EndTag(it) => (*it).remove(),
            Token::Comment(it) => (*it).remove(),
            Token::Text(it) => (*it).remove(),
            Token::Doctype(it) => (*it).remove(),
            Token::End(_) | Token::Sink(_) => {}
        }
    }
    Ok(UNDEFINED)
}

/// (element, function that gets the end tag)
fn html_on_end_tag(js: Js, arguments: Arguments) -> Answer {
    let function = Rc::new(Held::new(js, arguments.at(1)));
    let output = Output {
        give: Rc::new(Held(js, UNDEFINED)),
        bytes: Rc::default(),
    };
    let handler = Handler { function, output };
    let added = element(js, arguments)?.on_end_tag(Box::new(move |tag: &mut EndTag| {
        handler.run(Token::EndTag((&raw mut *tag).cast()))
    }));
    added.map_err(|_| js.throw(Class::Type, "The element has no end tag"))?;
    Ok(UNDEFINED)
}
