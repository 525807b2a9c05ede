//! Where things lie in memory. A fresh instance pays for every page that a request writes to, and for the length of the image.
//!
//! There are two heaps. What is needed only while an image is being made (source texts, the compiler's structures) lies in
//! the *work heap*, far up; it is wiped when it has done its duty, and is no part of the image. What stays lies in the
//! *kept heap*, densely from the bottom. A request's own blocks come from one fresh region instead of the holes that loading
//! left everywhere; what lies below that region is never given back, and nobody counts the references to it
//! (transform/quickjs.mjs).
//!
//! Which objects of the API a request writes to nevertheless, and which it only reads, is found out when the engine is built
//! (transform/heat.mjs): by the numbers of their allocations, which are the same every time. Those *hot* ones lie together in a
//! few pages: the host pays for each page that is mapped, too, whenever it looks for those that were written to.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32;
use std::ptr;

use dlmalloc::Dlmalloc;

use crate::single::Single;

#[global_allocator]
static MEMORY: Memory = Memory;

/// What is made inside lies in the work heap. While a request is handled there is none, and this changes nothing.
pub fn in_work<T>(make: impl FnOnce() -> T) -> T {
    let before = std::mem::replace(&mut HEAPS.borrow().is_working, true);
    let made = make();
    HEAPS.borrow().is_working = before;
    made
}

/// Wipes the work heap. Nobody may hold anything in it.
pub fn wipe() {
    let heaps = HEAPS.borrow();
    let end = WORK.borrow().next;
    if end == WORK_START {
        return;
    }
    // SAFETY: the arena is the module's own memory, and nobody holds anything in it.
    unsafe { ptr::write_bytes(WORK_START as *mut u8, 0, end - WORK_START) };
    WORK.borrow().next = WORK_START;
    heaps.work = Heap::new(&WORK_BLOCKS, &WORK);
    *WORK_BLOCKS.borrow() = SmallBlocks::new();
}

/// Ends the preparation: forgets the holes, and leaves room so that a request need not grow the memory (each growth
/// costs the host two `mprotect` and a flush of the address cache on every core). Gives the address where the image's own
/// blocks end.
pub fn settle() -> usize {
    wipe();
    let heaps = HEAPS.borrow();
    heaps.kept.forget_holes();
    heaps.kept.refill(ROOM_FOR_SMALL_BLOCKS);
    // Its first page is the request's alone.
    let small = heaps.kept.small.borrow();
    small.next = small.next.next_multiple_of(PAGE);
    heaps.image_end = small.next;
    KEPT.borrow().end = usize::MAX;
    // What the heap is given here and gets back stays with it as free memory at its top.
    heaps.kept.large = Dlmalloc::new_with_allocator(&KEPT);
    // SAFETY: the block is freed with the size and alignment it came with.
    unsafe {
        let room = heaps.kept.large.malloc(ROOM_FOR_LARGE_BLOCKS, UNIT);
        if !room.is_null() {
            heaps.kept.large.free(room, ROOM_FOR_LARGE_BLOCKS, UNIT);
        }
    }
    heaps.image_end
}

/// How much of the memory belongs in an image; what lies above is zero.
pub fn image_bytes() -> usize {
    KEPT.borrow().next.next_multiple_of(WASM_PAGE)
}

/// Where blocks of `init` go that requests touch: first those that they write to, then those that they only read. Of each
/// kind: the numbers of the allocations in ascending order, and how many bytes they have together.
pub fn heat(kinds: [(Vec<u32>, usize); 2]) {
    let hot = &mut HEAPS.borrow().hot;
    let bytes = kinds.iter().map(|(_, bytes)| *bytes).sum::<usize>();
    let Some(start) = KEPT.borrow().take(bytes + PAGE) else {
        return;
    };
    hot.start = start.next_multiple_of(PAGE);
    hot.end = hot.start + bytes;
    let mut next = hot.start;
    for (place, (numbers, bytes)) in hot.places.iter_mut().zip(kinds) {
        *place = Place {
            numbers,
            at: 0,
            next,
            end: next + bytes,
        };
        next += bytes;
    }
}

/// The API is there: what comes now is the worker's.
pub fn cool() {
    let heaps = HEAPS.borrow();
    heaps.hot.places = [Place::new(), Place::new()];
}

/// For the build: notes where each numbered allocation lies and its size, behind their count at the address that is returned.
pub fn trace() -> usize {
    let heaps = HEAPS.borrow();
    let pages = (TRACE_START + TRACE_BYTES)
        .saturating_sub(wasm32::memory_size(0) * WASM_PAGE)
        .div_ceil(WASM_PAGE);
    heaps.is_traced = wasm32::memory_grow(0, pages) != usize::MAX;
    TRACE_START
}

struct Memory;

struct Heaps {
    hot: Hot,
    is_traced: bool,
    kept: Heap,
    work: Heap,
    is_working: bool,
    /// 0 while an image is made.
    image_end: usize,
}

static HEAPS: Single<Heaps> = Single::new(Heaps {
    hot: Hot::new(),
    is_traced: false,
    kept: Heap::new(&KEPT_BLOCKS, &KEPT),
    work: Heap::new(&WORK_BLOCKS, &WORK),
    is_working: false,
    image_end: 0,
});

impl Heaps {
    const fn is_preparing(&self) -> bool {
        self.image_end == 0
    }
}

// SAFETY: there is one thread, and the two arenas are the module's own memory, which is never given back.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let heaps = HEAPS.borrow();
        if !heaps.is_preparing() {
            return unsafe { heaps.kept.alloc(layout) };
        }
        if heaps.is_working {
            return unsafe { heaps.work.alloc(layout) };
        }
        let block = match heaps.hot.take(layout) {
            Some(block) => block,
            None => unsafe { heaps.kept.alloc(layout) },
        };
        if heaps.is_traced {
            note(block, layout.size().next_multiple_of(UNIT));
        }
        block
    }

    /// Memory above the kept heap has never been written to, and need not be: a module's memory has megabytes of it.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let heaps = HEAPS.borrow();
        let untouched = match heaps.is_preparing() && heaps.is_working {
            true => usize::MAX,
            false => KEPT.borrow().next,
        };
        let block = unsafe { self.alloc(layout) };
        if !block.is_null() {
            let end = (block as usize + layout.size()).min(untouched).max(block as usize);
            unsafe { ptr::write_bytes(block, 0, end - block as usize) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let heaps = HEAPS.borrow();
        if block as usize >= WORK_START && heaps.is_preparing() {
            return unsafe { heaps.work.dealloc(block, layout) };
        }
        if heaps.is_preparing() {
            // So that nothing of what was here is left in the image.
            unsafe { ptr::write_bytes(block, 0, layout.size()) };
        }
        if (block as usize) < heaps.image_end {
            return;
        }
        if heaps.hot.holds(block) && class_of(layout).is_none() {
            // dlmalloc does not know it. There are few.
            return;
        }
        unsafe { heaps.kept.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Ok(wanted) = Layout::from_size_align(size, layout.align()) else {
            return ptr::null_mut();
        };
        let (old, new) = (class_of(layout), class_of(wanted));
        if old.is_some() && old == new {
            return block;
        }
        let heaps = HEAPS.borrow();
        if old.is_none()
            && new.is_none()
            && !heaps.is_preparing()
            && block as usize >= heaps.image_end
        {
            return unsafe {
                heaps
                    .kept
                    .large
                    .realloc(block, layout.size(), layout.align(), size)
            };
        }
        unsafe {
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

// What QuickJS calls when c/heap.h has no block at hand. Its blocks are aligned to a unit.

#[unsafe(no_mangle)]
unsafe extern "C" fn engine_alloc(bytes: usize) -> *mut u8 {
    // SAFETY: the size is not zero; as for the others, QuickJS gives back what it was given, with its size.
    unsafe { MEMORY.alloc(block_of(bytes)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn engine_dealloc(block: *mut u8, bytes: usize) {
    unsafe { MEMORY.dealloc(block, block_of(bytes)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn engine_realloc(block: *mut u8, bytes: usize, wanted: usize) -> *mut u8 {
    unsafe { MEMORY.realloc(block, block_of(bytes), wanted) }
}

const fn block_of(bytes: usize) -> Layout {
    // SAFETY: the alignment is a power of two, and QuickJS's sizes are far below the largest.
    unsafe { Layout::from_size_align_unchecked(bytes, UNIT) }
}

/// Sizes are rounded up to this. The two are also in c/heap.h.
const UNIT: usize = 8;
/// Blocks up to UNIT × CLASSES bytes are packed; larger ones (array storage, strings, bytecode) go to dlmalloc.
const CLASSES: usize = 128;
const REGION: usize = 64 << 10;
const ROOM_FOR_SMALL_BLOCKS: usize = 192 << 10;
const ROOM_FOR_LARGE_BLOCKS: usize = 256 << 10;
const PAGE: usize = 4096;
const WASM_PAGE: usize = 64 << 10;

struct Heap {
    small: &'static Single<SmallBlocks>,
    large: Dlmalloc<&'static Single<Arena>>,
    arena: &'static Single<Arena>,
}

/// As c/heap.h sees it: the free blocks of each size, and a region that new ones are cut from.
#[repr(C)]
struct SmallBlocks {
    free: [*mut Block; CLASSES + 1],
    next: usize,
    end: usize,
}

#[unsafe(export_name = "engine_small_blocks")]
static KEPT_BLOCKS: Single<SmallBlocks> = Single::new(SmallBlocks::new());
static WORK_BLOCKS: Single<SmallBlocks> = Single::new(SmallBlocks::new());

impl SmallBlocks {
    const fn new() -> Self {
        Self {
            free: [ptr::null_mut(); CLASSES + 1],
            next: 0,
            end: 0,
        }
    }
}

struct Block {
    next: *mut Block,
}

struct Hot {
    places: [Place; 2],
    /// How many allocations there have been.
    count: u32,
    start: usize,
    end: usize,
}

struct Place {
    numbers: Vec<u32>,
    /// Which of them is next.
    at: usize,
    next: usize,
    end: usize,
}

impl Place {
    const fn new() -> Self {
        Self {
            numbers: Vec::new(),
            at: 0,
            next: 0,
            end: 0,
        }
    }
}

impl Hot {
    const fn new() -> Self {
        Self {
            places: [Place::new(), Place::new()],
            count: 0,
            start: 0,
            end: 0,
        }
    }

    /// Counts an allocation, and gives it a place if it is one of those.
    fn take(&mut self, layout: Layout) -> Option<*mut u8> {
        self.count += 1;
        for place in &mut self.places {
            if place.numbers.get(place.at) != Some(&self.count) {
                continue;
            }
            place.at += 1;
            let size = layout.size().next_multiple_of(UNIT);
            if layout.align() > UNIT || place.end - place.next < size {
                return None;
            }
            let block = place.next;
            place.next += size;
            return Some(block as *mut u8);
        }
        None
    }

    fn holds(&self, block: *mut u8) -> bool {
        (self.start..self.end).contains(&(block as usize))
    }
}

/// Far above everything, and only in the build.
const TRACE_START: usize = 100 << 20;
const TRACE_BYTES: usize = 4 << 20;

fn note(block: *mut u8, size: usize) {
    let trace = TRACE_START as *mut u32;
    // SAFETY: the memory reaches so far when there is a trace.
    unsafe {
        let count = *trace as usize;
        if 2 * count + 2 < TRACE_BYTES / 4 {
            *trace = count as u32 + 1;
            *trace.add(2 * count + 1) = block as u32;
            *trace.add(2 * count + 2) = size as u32;
        }
    }
}

impl Heap {
    const fn new(small: &'static Single<SmallBlocks>, arena: &'static Single<Arena>) -> Self {
        let large = Dlmalloc::new_with_allocator(arena);
        Self {
            small,
            large,
            arena,
        }
    }

    unsafe fn alloc(&mut self, layout: Layout) -> *mut u8 {
        match class_of(layout) {
            Some(class) => self.take(class),
            None => unsafe { self.large.malloc(layout.size(), layout.align()) },
        }
    }

    unsafe fn dealloc(&mut self, block: *mut u8, layout: Layout) {
        match class_of(layout) {
            Some(class) => self.give(class, block),
            None => unsafe { self.large.free(block, layout.size(), layout.align()) },
        }
    }

    fn take(&mut self, class: usize) -> *mut u8 {
        let small = self.small.borrow();
        let block = small.free[class];
        if !block.is_null() {
            // SAFETY: a block in the list is free and holds its link.
            unsafe {
                small.free[class] = (*block).next;
                (*block).next = ptr::null_mut();
            }
            return block.cast();
        }
        let size = class * UNIT;
        if small.end - small.next < size && !self.refill(REGION) {
            return ptr::null_mut();
        }
        let small = self.small.borrow();
        let block = small.next;
        small.next += size;
        block as *mut u8
    }

    fn give(&mut self, class: usize, block: *mut u8) {
        let block: *mut Block = block.cast();
        // SAFETY: the block is free now and at least UNIT bytes large.
        let small = self.small.borrow();
        unsafe { (*block).next = small.free[class] };
        small.free[class] = block;
    }

    /// The rest of the old region is given up: at most a kilobyte, or what loading did not need.
    fn refill(&mut self, size: usize) -> bool {
        let start = match self.arena.borrow().take(size) {
            Some(start) => start,
            // The memory cannot grow any more, but large blocks may have been given back.
            // SAFETY: the size is not zero.
            None => unsafe { self.large.malloc(size, UNIT) as usize },
        };
        if start == 0 {
            return false;
        }
        let small = self.small.borrow();
        small.next = start.next_multiple_of(UNIT);
        small.end = start + size;
        true
    }

    fn forget_holes(&mut self) {
        for first in self.small.borrow().free.iter_mut() {
            // The links are the only bytes of a free block that are not zero.
            let mut block = std::mem::replace(first, ptr::null_mut());
            while !block.is_null() {
                // SAFETY: a block in the list is free and holds its link.
                unsafe {
                    let next = (*block).next;
                    (*block).next = ptr::null_mut();
                    block = next;
                }
            }
        }
    }
}

fn class_of(layout: Layout) -> Option<usize> {
    let class = layout.size().div_ceil(UNIT).max(1);
    (class <= CLASSES && layout.align() <= UNIT).then_some(class)
}

/// A stretch of addresses that is handed out from its start, and grows the memory as it goes.
struct Arena {
    /// 0 at first: the end of what the linker has laid out.
    next: usize,
    end: usize,
}

static KEPT: Single<Arena> = Single::new(Arena {
    next: 0,
    end: WORK_START,
});
static WORK: Single<Arena> = Single::new(Arena {
    next: WORK_START,
    end: usize::MAX,
});

/// While an image is made the kept heap ends here: it bounds what a worker's top level may leave behind. A request's heap may
/// go on, for then nothing lies above.
const WORK_START: usize = 48 << 20;

impl Arena {
    fn take(&mut self, size: usize) -> Option<usize> {
        if self.next == 0 {
            self.next = (&raw const __heap_base) as usize;
        }
        let end = self.next.checked_add(size)?;
        let memory_end = wasm32::memory_size(0) * WASM_PAGE;
        if end > self.end {
            return None;
        }
        if end > memory_end
            && wasm32::memory_grow(0, (end - memory_end).div_ceil(WASM_PAGE)) == usize::MAX
        {
            return None;
        }
        Some(std::mem::replace(&mut self.next, end))
    }
}

unsafe extern "C" {
    static __heap_base: u8;
}

// SAFETY: hands out stretches that nobody else has, zeroed as new memory is.
unsafe impl dlmalloc::Allocator for &'static Single<Arena> {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        match self.borrow().take(size) {
            Some(start) => (start as *mut u8, size, 0),
            None => (ptr::null_mut(), 0, 0),
        }
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        false
    }

    fn page_size(&self) -> usize {
        WASM_PAGE
    }
}
