//! The source maps of an upload: files that its modules name, or what a bundler has put into them. One that cannot be read is
//! left out with a note: stacks then name the places in what is uploaded.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::bundle::{Content, Module, source_map_url};
use crate::runtime::javascript::source_maps;

/// Adds the maps that the modules name, and takes out those that say nothing.
pub(super) fn add(modules: &mut Vec<Module>, directory: &Path) {
    let mut found = Vec::new();
    for module in modules.iter_mut() {
        found.extend(map_of(module, directory));
    }
    for map in found {
        if modules.iter().all(|module| module.name != map.name) {
            modules.push(map);
        }
    }
    modules.retain(|module| match &module.content {
        Content::SourceMap(map) => source_maps::check(map)
            .map_err(|why| note(&module.name, &why))
            .is_ok(),
        _ => true,
    });
}

fn map_of(module: &mut Module, directory: &Path) -> Option<Module> {
    let (Content::Module(text) | Content::CommonJs(text)) = &mut module.content else {
        return None;
    };
    let url = source_map_url(text)?.to_owned();
    if url.starts_with("data:") {
        let map = inline(&url).or_else(|| {
            note(
                &module.name,
                "what stands in its last comment cannot be read",
            );
            None
        });
        // Every node would keep it twice, and a worker that is served would carry it along.
        let name = format!("{}.map", module.name);
        let last = name.rsplit('/').next().unwrap_or_default();
        *text = text.replace(&url, last);
        return Some(Module {
            name,
            content: Content::SourceMap(map?),
        });
    }
    // Whatever else has a scheme lies where nobody looks when an error is logged.
    if url.contains("://") {
        return None;
    }
    let name = match module.name.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{url}"),
        None => url,
    };
    let read = std::fs::read_to_string(directory.join(&name));
    match read {
        Ok(map) => Some(Module {
            name,
            content: Content::SourceMap(map),
        }),
        Err(error) => {
            note(&name, &error.to_string());
            None
        }
    }
}

/// What a `data:` URL holds.
fn inline(url: &str) -> Option<String> {
    let (kind, content) = url.split_once(',')?;
    if !kind.ends_with(";base64") {
        return None;
    }
    String::from_utf8(STANDARD.decode(content).ok()?).ok()
}

fn note(name: &str, why: &str) {
    eprintln!("cirque: note: the source map {name} is left out: {why}");
}
