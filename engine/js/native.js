// The operations in Rust (src/ops). The global they come in is gone before any worker runs.
export const native = globalThis.__native;
