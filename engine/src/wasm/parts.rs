//! Memories, tables and shared globals. Their first fields are read by the code of instances; none of them ever moves or goes.

use std::alloc::{Layout, alloc_zeroed, dealloc, realloc};

use rquickjs::qjs;

use crate::js::{Answer, Js, UNDEFINED, Value};
use crate::single::Single;

pub static MEMORIES: Single<Vec<Box<Memory>>> = Single::new(Vec::new());
pub static TABLES: Single<Vec<Box<Table>>> = Single::new(Vec::new());
pub static GLOBALS: Single<Vec<Box<Global>>> = Single::new(Vec::new());

const PAGE: u64 = 64 << 10;
const PAGES_MAX: u64 = 1 << 16;
const ALIGNMENT: usize = 16;

#[repr(C)]
pub struct Memory {
    base: u32,
    unused: u32,
    bytes: u64,
    capacity: usize,
    pages_max: u64,
    /// The ArrayBuffer over it, since somebody has asked for one.
    buffer: Value,
}

impl Memory {
    /// None: there is not so much memory.
    pub fn make(pages: u32, pages_max: Option<u32>) -> Option<usize> {
        let bytes = usize::try_from(u64::from(pages) * PAGE).ok()?;
        let capacity = bytes.max(ALIGNMENT);
        // SAFETY: the size is not zero.
        let base = unsafe { alloc_zeroed(layout(capacity)?) };
        if base.is_null() {
            return None;
        }
        let memories = MEMORIES.borrow();
        memories.push(Box::new(Memory {
            base: base as u32,
            unused: 0,
            bytes: bytes as u64,
            capacity,
            pages_max: pages_max.map_or(PAGES_MAX, u64::from).min(PAGES_MAX),
            buffer: UNDEFINED,
        }));
        Some(memories.len() - 1)
    }

    pub fn pages(&self) -> u32 {
        (self.bytes / PAGE) as u32
    }

    /// Gives what it had before; None: it stays as it is.
    pub fn grow(&mut self, js: Js, by: u32) -> Option<u32> {
        let before = self.pages();
        let pages = u64::from(before) + u64::from(by);
        if pages > self.pages_max {
            return None;
        }
        let bytes = usize::try_from(pages * PAGE).ok()?;
        if bytes > self.capacity {
            // Room for the next time, when there is room; each time may copy all of it.
            let wanted = (bytes + bytes / 4).min((self.pages_max * PAGE).try_into().unwrap_or(usize::MAX));
            self.enlarge(wanted).or_else(|| self.enlarge(bytes))?;
        }
        let from = self.bytes as usize;
        // SAFETY: the block is as long as its capacity.
        unsafe { std::ptr::write_bytes((self.base as usize + from) as *mut u8, 0, bytes - from) };
        self.bytes = bytes as u64;
        // SAFETY: it is an ArrayBuffer or undefined, which is left alone.
        unsafe { qjs::JS_DetachArrayBuffer(js.0, self.buffer) };
        js.free(std::mem::replace(&mut self.buffer, UNDEFINED));
        Some(before)
    }

    fn enlarge(&mut self, capacity: usize) -> Option<()> {
        let (old, wanted) = (layout(self.capacity)?, layout(capacity)?);
        // SAFETY: the block came with this layout. What is taken first and given back often lies behind the block, which can
        // then become larger where it is.
        let base = unsafe {
            let behind = std::alloc::alloc(layout(capacity - self.capacity)?);
            if !behind.is_null() {
                dealloc(behind, layout(capacity - self.capacity)?);
            }
            realloc(self.base as *mut u8, old, wanted.size())
        };
        if base.is_null() {
            return None;
        }
        self.base = base as u32;
        self.capacity = capacity;
        Some(())
    }

    /// The ArrayBuffer over it; borrowed.
    pub fn buffer(&mut self, js: Js) -> Answer {
        // SAFETY: looks at the tag.
        if unsafe { qjs::JS_IsUndefined(self.buffer) } {
            // SAFETY: nobody frees the bytes; the buffer is detached before they move.
            self.buffer = js.checked(unsafe {
                qjs::JS_NewArrayBuffer(
                    js.0,
                    self.base as *mut u8,
                    self.bytes as _,
                    0,
                    None,
                    std::ptr::null_mut(),
                    false,
                )
            })?;
        }
        Ok(self.buffer)
    }
}

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes, ALIGNMENT).ok()
}

/// References are numbers: handles of functions, or of what is external.
#[repr(C)]
pub struct Table {
    elements: *mut u32,
    length: u32,
    kept: Vec<u32>,
    length_max: u32,
    pub is_external: bool,
}

/// As in V8.
const LENGTH_MAX: u32 = 10_000_000;

impl Table {
    pub fn make(is_external: bool, length: u32, length_max: Option<u32>, reference: u32) -> Option<usize> {
        let tables = TABLES.borrow();
        let mut table = Box::new(Table {
            elements: std::ptr::null_mut(),
            length: 0,
            kept: Vec::new(),
            length_max: length_max.unwrap_or(LENGTH_MAX).min(LENGTH_MAX),
            is_external,
        });
        table.grow(length, reference)?;
        tables.push(table);
        Some(tables.len() - 1)
    }

    pub fn grow(&mut self, by: u32, reference: u32) -> Option<u32> {
        let before = self.length;
        let length = before.checked_add(by).filter(|length| *length <= self.length_max)?;
        self.kept.try_reserve(by as usize).ok()?;
        self.kept.resize(length as usize, reference);
        self.elements = self.kept.as_mut_ptr();
        self.length = length;
        Some(before)
    }

    pub fn references(&mut self) -> &mut [u32] {
        &mut self.kept
    }
}

#[repr(C, align(16))]
pub struct Global {
    pub bits: [u64; 2],
    pub letter: u8,
}

impl Global {
    pub fn make(letter: u8, bits: [u64; 2]) -> usize {
        let globals = GLOBALS.borrow();
        globals.push(Box::new(Global { bits, letter }));
        globals.len() - 1
    }
}
