//! State of a module that has exactly one thread.

use std::cell::UnsafeCell;

/// A static that may be written to, because nothing here runs beside anything else.
pub struct Single<T>(UnsafeCell<T>);

// SAFETY: WebAssembly without the threads proposal has one thread.
unsafe impl<T> Sync for Single<T> {}

impl<T> Single<T> {
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// The value. Callers hold it for single statements, never while JavaScript runs.
    #[allow(clippy::mut_from_ref)]
    pub fn borrow(&self) -> &mut T {
        // SAFETY: one thread, and no caller keeps the reference over a call that could come back here.
        unsafe { &mut *self.0.get() }
    }
}
