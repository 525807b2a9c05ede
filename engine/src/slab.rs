//! Rust values that JavaScript holds by number: decoders, compressors. What JavaScript forgets ends with the instance.

pub struct Slab<T>(Vec<Option<T>>);

impl<T> Slab<T> {
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    pub fn put(&mut self, value: T) -> u32 {
        let free = self.0.iter().position(Option::is_none).unwrap_or_else(|| {
            self.0.push(None);
            self.0.len() - 1
        });
        self.0[free] = Some(value);
        free as u32
    }

    pub fn get(&mut self, number: u32) -> Option<&mut T> {
        self.0.get_mut(number as usize)?.as_mut()
    }

    pub fn take(&mut self, number: u32) -> Option<T> {
        self.0.get_mut(number as usize)?.take()
    }
}
