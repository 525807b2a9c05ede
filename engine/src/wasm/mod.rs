//! WebAssembly modules that workers import. The host has rewritten them: memories, tables and shared globals lie here, in this
//! module's own memory, and their functions and this module call each other directly. What both sides know of each other stands
//! in README.md.
//!
//! All of it is part of the image but for the machine code: an instance is *linked* when it is first called after the image
//! was made.

pub mod function;
pub mod parts;
pub mod values;

use serde_json::Value as Json;

use crate::host;
use crate::js::{Class, Js, Thrown, Value};
use crate::single::Single;
use parts::{GLOBALS, MEMORIES, TABLES};

/// What is known of each module.
pub static OUTLINES: Single<Vec<&'static Outline>> = Single::new(Vec::new());
pub static INSTANCES: Single<Vec<Instance>> = Single::new(Vec::new());

/// A module, as far as calls need it.
pub struct Outline {
    number: u32,
    signatures: Vec<Signature>,
    /// The signature of each imported function.
    imported: Vec<u32>,
    /// Functions that have a handle, and the signature of each.
    places: Vec<u32>,
    placed: Vec<u32>,
    tables: usize,
    globals: Vec<(u8, bool)>,
    flags: usize,
}

/// Parameters and results, a letter each: i I f F for numbers, v for a vector, e and a for references.
#[derive(Clone, PartialEq)]
pub struct Signature {
    pub params: Vec<u8>,
    pub results: Vec<u8>,
}

impl Signature {
    fn read(text: &str) -> Self {
        let (params, results) = text.split_once(':').unwrap_or((text, ""));
        Self {
            params: params.into(),
            results: results.into(),
        }
    }

    pub fn text(&self) -> String {
        let (params, results) = (
            String::from_utf8_lossy(&self.params),
            String::from_utf8_lossy(&self.results),
        );
        format!("{params}:{results}")
    }

    fn slot_bytes(&self) -> u32 {
        self.params.len().max(self.results.len()) as u32 * SLOT_BYTES
    }
}

const SLOT_BYTES: u32 = 16;

/// Takes the JSON that the host has put into the module's place; gives the outline's number.
pub fn define(text: &str) -> Option<usize> {
    let json: Json = crate::memory::in_work(|| serde_json::from_str(text)).ok()?;
    let numbers = |name: &str| -> Vec<u32> {
        let list = json.get(name).and_then(Json::as_array);
        list.into_iter().flatten().filter_map(Json::as_u64).map(|it| it as u32).collect()
    };
    let list = |name: &str| json.get(name).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    let outline = Outline {
        number: json.get("number")?.as_u64()? as u32,
        signatures: list("signatures").iter().filter_map(Json::as_str).map(Signature::read).collect(),
        imported: numbers("imported"),
        places: numbers("places"),
        placed: numbers("placed"),
        tables: list("tables").len(),
        globals: list("globals")
            .iter()
            .map(|global| {
                let letter = global.get(0).and_then(Json::as_str).and_then(|it| it.bytes().next());
                (letter.unwrap_or(b'i'), global.get(2).and_then(Json::as_bool) == Some(true))
            })
            .collect(),
        flags: json.get("flags")?.as_u64()? as usize,
    };
    let outlines = OUTLINES.borrow();
    // It lives for as long as the instance does.
    outlines.push(Box::leak(Box::new(outline)));
    Some(outlines.len() - 1)
}

/// An instance of a module.
pub struct Instance {
    outline: usize,
    /// Read by the instance's code, too. It never moves.
    control: Box<[Block]>,
    /// The handle of its first place.
    first: u32,
    imports: Vec<Value>,
    /// The exported functions of its places, once somebody has asked for them.
    functions: Vec<Value>,
}

/// Vectors lie in it.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
struct Block([u32; 4]);

/// Words of a control block; one block is in front of it, and has the instance's number.
const ENTRY: usize = 0;
const MEMORY: usize = 1;
const FIRST: usize = 2;
const SHARED_PLACE: usize = 3;
const TABLE_PLACES: usize = 4;

impl Instance {
    fn control(&self) -> u32 {
        // SAFETY: there is at least one block behind the first.
        unsafe { self.control.as_ptr().add(1) as u32 }
    }

    fn word(&mut self, index: usize) -> &mut u32 {
        &mut self.control[1 + index / 4].0[index % 4]
    }

    pub fn outline(&self) -> &'static Outline {
        OUTLINES.borrow()[self.outline]
    }
}

impl Outline {
    pub fn place_of(&self, function: u32) -> Option<u32> {
        self.places.iter().position(|it| *it == function).map(|place| place as u32)
    }

    pub fn function(&self, place: u32) -> u32 {
        self.places[place as usize]
    }

    pub fn signature(&self, place: u32) -> &Signature {
        &self.signatures[self.placed[place as usize] as usize]
    }

    pub fn imported(&self, function: u32) -> Option<&Signature> {
        self.imported.get(function as usize).map(|it| &self.signatures[*it as usize])
    }
}

/// What all instances have in common; their code reads and writes it.
#[repr(C)]
pub struct Shared {
    /// Where slots are free: arguments and results on their way, 16 bytes each.
    slots: u32,
    /// The stack that is left, in bytes as the rewritten code estimates them.
    depth: i32,
    end: u32,
}

pub static SHARED: Single<Shared> = Single::new(Shared {
    slots: 0,
    depth: STACK_BYTES,
    end: 0,
});

/// Modules estimate what they use of the host's stack, which has as much again for them as for JavaScript (runtime.rs).
const STACK_BYTES: i32 = 768 << 10;

#[repr(C, align(16))]
struct Slots([u8; SLOTS_BYTES]);
const SLOTS_BYTES: usize = 64 << 10;
static SLOTS: Single<Slots> = Single::new(Slots([0; SLOTS_BYTES]));

pub fn shared() -> &'static mut Shared {
    let shared = SHARED.borrow();
    if shared.end == 0 {
        shared.slots = SLOTS.borrow() as *mut Slots as u32;
        shared.end = shared.slots + SLOTS_BYTES as u32;
    }
    shared
}

/// Handles are numbers of one row; 0 is null.
static NEXT_HANDLE: Single<u32> = Single::new(1);

/// What an instance is made of, all of it there already.
pub struct Made {
    pub outline: usize,
    pub functions: Vec<Value>,
    pub memory: Option<usize>,
    pub tables: Vec<usize>,
    /// For each global: the number of its cell, or the bits of what is imported.
    pub globals: Vec<[u64; 2]>,
}

/// Makes an instance, and runs what instantiation runs; gives its number.
pub fn instantiate(js: Js, made: Made) -> Result<usize, Thrown> {
    let outline = OUTLINES.borrow()[made.outline];
    let values = (TABLE_PLACES + outline.tables).next_multiple_of(4);
    let blocks = 1 + values / 4 + outline.globals.len() + outline.flags;
    let first = *NEXT_HANDLE.borrow();
    *NEXT_HANDLE.borrow() += outline.places.len() as u32;
    let mut instance = Instance {
        outline: made.outline,
        control: vec![Block([0; 4]); blocks].into_boxed_slice(),
        first,
        imports: made.functions,
        functions: Vec::new(),
    };
    let number = INSTANCES.borrow().len();
    instance.control[0].0[0] = number as u32;
    *instance.word(FIRST) = first;
    *instance.word(SHARED_PLACE) = shared() as *mut Shared as u32;
    if let Some(memory) = made.memory {
        *instance.word(MEMORY) = &*MEMORIES.borrow()[memory] as *const parts::Memory as u32;
    }
    for (index, table) in made.tables.iter().enumerate() {
        *instance.word(TABLE_PLACES + index) = &*TABLES.borrow()[*table] as *const parts::Table as u32;
    }
    for (index, (global, (_, is_cell))) in made.globals.iter().zip(&outline.globals).enumerate() {
        let block = &mut instance.control[1 + values / 4 + index].0;
        if *is_cell {
            block[0] = &*GLOBALS.borrow()[global[0] as usize] as *const parts::Global as u32;
        } else {
            let [low, high] = *global;
            *block = [low as u32, (low >> 32) as u32, high as u32, (high >> 32) as u32];
        }
    }
    INSTANCES.borrow().push(instance);
    enter(js, number, operation::START, 0, 0)?;
    Ok(number)
}

mod operation {
    pub const SAVE: u32 = 0;
    pub const RESTORE: u32 = 1;
    pub const START: u32 = 2;
    pub const CALL: u32 = 3;
}

/// Kinds of ends: 0 is none, 1 an exception that is pending, others are traps.
const WELL: u32 = 0;
const PENDING: u32 = 1;
const SIGNATURE: u32 = 4;
pub const STACK: u32 = 10;
const TOO_MANY: u32 = 11;

/// Runs code of an instance; what ends it early is thrown.
fn enter(js: Js, instance: usize, operation: u32, place: u32, slots: u32) -> Result<(), Thrown> {
    let before = (shared().slots, shared().depth);
    let kind = entered(instance, operation, place, slots);
    (shared().slots, shared().depth) = before;
    match kind {
        WELL => Ok(()),
        PENDING => Err(Thrown),
        kind => Err(trap(js, kind)),
    }
}

fn entered(instance: usize, operation: u32, place: u32, slots: u32) -> u32 {
    let found = &mut INSTANCES.borrow()[instance];
    let mut entry = *found.word(ENTRY);
    if entry == 0 {
        let number = found.outline().number;
        entry = host::link(number, found.control());
        if entry == 0 {
            return TOO_MANY;
        }
        *INSTANCES.borrow()[instance].word(ENTRY) = entry;
        call_entry(entry, operation::RESTORE, 0, 0);
    }
    call_entry(entry, operation, place, slots)
}

fn call_entry(entry: u32, operation: u32, place: u32, slots: u32) -> u32 {
    // SAFETY: a function's address is its place in this module's table, where the host has put the instance's one.
    let function: extern "C" fn(u32, u32, u32) -> u32 = unsafe { std::mem::transmute(entry as usize) };
    function(operation, place, slots)
}

/// Throws what a trap is to JavaScript.
pub fn trap(js: Js, kind: u32) -> Thrown {
    let number = js.new_number(kind.into());
    match js.call(crate::hooks::HOOKS.borrow().trap, &[number]) {
        Ok(value) => {
            js.free(value);
            js.throw(Class::Plain, "a trap was not thrown")
        }
        Err(Thrown) => Thrown,
    }
}

/// Before the image is made: what instances hold in globals of their code goes into the image, and the code is forgotten.
pub fn settle() {
    for instance in INSTANCES.borrow() {
        let entry = *instance.word(ENTRY);
        if entry != 0 {
            call_entry(entry, operation::SAVE, 0, 0);
            *instance.word(ENTRY) = 0;
        }
    }
}

/// The instance and place of a handle that is not null.
pub fn find(handle: u32) -> Option<(usize, u32)> {
    let instances = INSTANCES.borrow();
    let behind = instances.partition_point(|instance| instance.first <= handle);
    let instance = behind.checked_sub(1)?;
    let place = handle - instances[instance].first;
    (place < instances[instance].outline().places.len() as u32).then_some((instance, place))
}

/// A module calls what it imports.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_call(control: u32, import: u32, slots: u32) -> u32 {
    let js = crate::runtime::js();
    let instance = &INSTANCES.borrow()[instance_of(control)];
    let function = instance.imports[import as usize];
    if let Some((other, place)) = function::target(function) {
        return pass(other, place, slots);
    }
    let Some(signature) = instance.outline().imported(import) else {
        return SIGNATURE;
    };
    match function::call_out(js, function, signature, slots) {
        Ok(()) => WELL,
        Err(Thrown) => PENDING,
    }
}

/// A module calls a function by a handle that is none of its own.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_indirect(control: u32, signature: u32, handle: u32, slots: u32) -> u32 {
    let expected = &INSTANCES.borrow()[instance_of(control)].outline().signatures[signature as usize];
    let Some((instance, place)) = (handle != 0).then(|| find(handle)).flatten() else {
        return SIGNATURE;
    };
    if INSTANCES.borrow()[instance].outline().signature(place) != expected {
        return SIGNATURE;
    }
    pass(instance, place, slots)
}

/// From one instance to another: arguments and results are where both expect them.
fn pass(instance: usize, place: u32, slots: u32) -> u32 {
    let outline = INSTANCES.borrow()[instance].outline();
    let operation = operation::CALL + outline.placed[place as usize];
    let before = (shared().slots, shared().depth);
    let kind = entered(instance, operation, place, slots);
    (shared().slots, shared().depth) = before;
    kind
}

/// `memory.grow`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_grow(control: u32, pages: u32) -> i32 {
    let instance = &mut INSTANCES.borrow()[instance_of(control)];
    let memory = *instance.word(MEMORY) as *mut parts::Memory;
    // SAFETY: the address is that of a memory, and memories never go.
    let memory = unsafe { &mut *memory };
    memory.grow(crate::runtime::js(), pages).map_or(-1, |before| before as i32)
}

/// `table.grow`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_grow(control: u32, table: u32, reference: u32, by: u32) -> i32 {
    let instance = &mut INSTANCES.borrow()[instance_of(control)];
    let table = *instance.word(TABLE_PLACES + table as usize) as *mut parts::Table;
    // SAFETY: as above.
    let table = unsafe { &mut *table };
    table.grow(by, reference).map_or(-1, |before| before as i32)
}

fn instance_of(control: u32) -> usize {
    // SAFETY: the block in front of a control block has the instance's number.
    unsafe { *((control as usize - size_of::<Block>()) as *const u32) as usize }
}

/// Where the slots are that a call uses when no module runs.
fn first_slot() -> u32 {
    SLOTS.borrow() as *mut Slots as u32
}
