//! What a JavaScript worker logs, with the places in its stacks mapped to where their author wrote them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::source_maps::{Maps, SourceMaps};
use crate::model::CodeHash;
use crate::runtime::tenant_log::{Level, TenantLog};

/// How a frame of a stack begins.
const FRAME: &str = "\n    at ";

/// The log of one invocation.
pub(in crate::runtime) struct Log {
    log: TenantLog,
    maps: Arc<SourceMaps>,
    /// The worker's bundle.
    code: CodeHash,
    /// There once the maps had to be read.
    waiting: Option<Waiting>,
}

/// While the worker's maps are read, texts wait here, so that they stay in their order. The log's limit bounds them.
type Waiting = Arc<Mutex<Option<Vec<Text>>>>;

struct Text(Level, String);

impl Log {
    pub(in crate::runtime) fn new(log: TenantLog, maps: Arc<SourceMaps>, code: CodeHash) -> Self {
        Self {
            log,
            maps,
            code,
            waiting: None,
        }
    }

    /// Logs a text, which may have several lines.
    pub(super) fn write(&mut self, level: Level, text: &[u8]) {
        let Some(text) = self.log.admit(text) else {
            return;
        };
        let text = String::from_utf8_lossy(text);
        if let Some(waiting) = &self.waiting
            && let Some(waiting) = &mut *lock(waiting)
        {
            waiting.push(Text(level, text.into_owned()));
            return;
        }
        if !text.contains(FRAME) {
            return self.log.line(level, &text);
        }
        match self.maps.here(&self.code) {
            Some(maps) => self.log.line(level, &maps.text(&text)),
            None => {
                let waiting = Arc::new(Mutex::new(Some(vec![Text(level, text.into_owned())])));
                self.waiting = Some(waiting.clone());
                let (log, maps, code) = (self.log.clone(), self.maps.clone(), self.code);
                // It ends by itself: the store answers or gives up.
                tokio::spawn(async move {
                    let maps = maps.get(code).await;
                    let texts = &mut *lock(&waiting);
                    write(&log, maps.as_deref(), texts.take().unwrap_or_default());
                });
            }
        }
    }
}

fn write(log: &TenantLog, maps: Option<&Maps>, texts: Vec<Text>) {
    for Text(level, text) in texts {
        match maps {
            Some(maps) if text.contains(FRAME) => log.line(level, &maps.text(&text)),
            _ => log.line(level, &text),
        }
    }
}

fn lock(waiting: &Waiting) -> MutexGuard<'_, Option<Vec<Text>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
