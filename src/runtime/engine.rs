//! The sandbox's engine: one per process, every feature that workers do not need turned off.
//!
//! The serving process and the compiling child must agree on everything that is part of the code, and
//! only on that: the child has no pool.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use wasmtime::{
    Config, Enabled, Engine, EngineWeak, InstanceAllocationStrategy, PoolingAllocationConfig,
    Result, WasmBacktraceDetails, WasmFeatures,
};

use crate::conf::Conf;
use crate::limiter::Limiter;

/// The length of a guest's slice, after which its use of CPU time is looked at.
pub const TICK: Duration = Duration::from_millis(1);

/// Core instances in one component: a Go or Python component has four or five, a composed one more.
const CORE_INSTANCES_MAX: u32 = 20;
/// Linear memories and tables in one component.
const MEMORIES_MAX: u32 = 8;
const TABLES_MAX: u32 = 16;
/// Functions in a table: CPython's has about 12,000.
const TABLE_ELEMENTS_MAX: usize = 50_000;
/// What the engine may keep for one instance beside its memories.
const INSTANCE_BYTES_MAX: usize = 1 << 20;
/// Address space of one linear memory: with all 4 GiB reserved, compiled code needs no bounds checks.
const MEMORY_RESERVATION: u64 = 4 << 30;
const MEMORY_GUARD: u64 = 32 << 20;
/// The guest's part of its stack; the rest is the host's, for calls that the guest makes. One half is for JavaScript
/// (engine/src/runtime.rs), one for the modules that it imports (engine/src/wasm/mod.rs): they call each other.
const WASM_STACK: usize = 2 << 20;
const HOST_STACK: usize = 512 << 10;
/// The part of a stack that is zeroed in place after use; what lies deeper is returned to the system.
const STACK_RESIDENT: usize = 16 << 10;

/// The engine that serves: instances come from a pool whose sizes follow the settings.
///
/// # Errors
/// When the machine cannot reserve the address space that the settings ask for.
pub fn serving(conf: &Conf) -> Result<Engine> {
    let instances = conf.runtime.instances;
    let resident = conf.runtime.keep_resident_kb << 10;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(6))
        .total_memories(instances)
        .total_tables(instances.saturating_mul(4))
        .total_stacks(instances)
        .max_core_instances_per_component(CORE_INSTANCES_MAX)
        .max_memories_per_component(MEMORIES_MAX)
        .max_tables_per_component(TABLES_MAX)
        .max_component_instance_size(INSTANCE_BYTES_MAX)
        .max_core_instance_size(INSTANCE_BYTES_MAX)
        .max_memory_size(conf.limits.ceilings().memory_bytes())
        .table_elements(TABLE_ELEMENTS_MAX)
        // A slot keeps the image of the tenant that used it last; more warm slots mean fewer mappings.
        .max_unused_warm_slots(instances)
        .linear_memory_keep_resident(resident)
        .table_keep_resident(resident)
        .async_stack_keep_resident(STACK_RESIDENT)
        .pagemap_scan(Enabled::Auto);
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}

/// The engine that compiles, in the child process.
///
/// # Errors
/// When Cranelift does not support the machine.
pub fn compiling() -> Result<Engine> {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    Engine::new(&config)
}

/// A name for everything that compiled code depends on beside its source.
pub fn fingerprint(engine: &Engine) -> String {
    struct Digest(blake3::Hasher);
    impl Hasher for Digest {
        fn finish(&self) -> u64 {
            0
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
    }
    let mut digest = Digest(blake3::Hasher::new());
    engine.precompile_compatibility_hash().hash(&mut digest);
    digest.0.finalize().to_hex()[..16].to_owned()
}

/// WebAssembly 2.0 with what toolchains emit today, and components; nothing that is still moving.
pub fn features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::SIMD
        | WasmFeatures::RELAXED_SIMD
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::FLOATS
        | WasmFeatures::COMPONENT_MODEL
}

/// The same for the modules that JavaScript workers import: they have one memory, which lies in the engine's.
pub fn module_features() -> WasmFeatures {
    // With external references, which the runtime would need a collector for: they become numbers.
    (features() | WasmFeatures::GC_TYPES)
        - WasmFeatures::COMPONENT_MODEL
        - WasmFeatures::MULTI_MEMORY
}

fn config() -> Config {
    let mut config = Config::new();
    config.wasm_features(WasmFeatures::all(), false);
    config.wasm_features(features(), true);
    // On by default, dearer than the guest itself, and most of the year's advisories.
    config.concurrency_support(false);
    config.wasm_gc(false);
    config.gc_support(false);
    config.relaxed_simd_deterministic(true);
    config.epoch_interruption(true);
    config.memory_init_cow(true);
    config.memory_reservation(MEMORY_RESERVATION);
    config.memory_guard_size(MEMORY_GUARD);
    config.max_wasm_stack(WASM_STACK);
    config.async_stack_size(WASM_STACK + HOST_STACK);
    config.async_stack_zeroing(true);
    config.wasm_backtrace_details(WasmBacktraceDetails::Disable);
    config
}

/// Moves the engine's epoch on, one [`TICK`] at a time, for as long as the engine lives; rests while no guest runs.
///
/// # Errors
/// When the system gives no thread.
pub fn tick(engine: &Engine, limiter: Arc<Limiter>) -> std::io::Result<()> {
    let engine: EngineWeak = engine.weak();
    let pulse = move || {
        limiter.wake(std::thread::current());
        let mut idle_ticks = 0;
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            idle_ticks = if limiter.running() == 0 {
                idle_ticks + 1
            } else {
                0
            };
            if idle_ticks > REST_AFTER_TICKS {
                // A wake-up that comes between the look and the rest is kept, and ends the rest at once.
                std::thread::park();
                idle_ticks = 0;
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "this thread does nothing but sleep and tick"
            )]
            std::thread::sleep(TICK);
        }
    };
    std::thread::Builder::new()
        .name("epoch".into())
        .spawn(pulse)
        .map(drop)
}

/// A second of rest costs one wake-up instead of a thousand; a busy edge never rests.
const REST_AFTER_TICKS: u32 = 100;

/// Whether the kernel can tell which pages a guest has written (`PAGEMAP_SCAN`, Linux 6.7); without it each
/// request costs more than twice the CPU time.
pub fn has_pagemap_scan() -> bool {
    let system = rustix::system::uname();
    let mut numbers = system
        .release()
        .to_str()
        .unwrap_or("")
        .split(['.', '-'])
        .map_while(|part| part.parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(6), Some(7))
}
